import { userPath, type BatchRequest, type GraphVersion } from "@/lib/graph";
import { isPlanbackError } from "@/lib/errors";
import type { Gap, GapReason, Person } from "@/lib/planner/types";
import { withoutAnnotations } from "./annotations";
import type { Answers } from "./asking";
import { gap, gapReason } from "./gaps";

/** Open types whose property names are user ids. */
const KEYED_BY_USER = new Set(["assignments", "sharedWith", "orderHintsByAssignee"]);

/** Begins the ids of requests for people. */
const PERSON = "person ";

/** Ids of everybody that Planner objects mention, at any depth: identity sets, maps keyed by user, mentions of a chat. */
export function mentionedUserIds(value: unknown, into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) {
    for (const inner of value) mentionedUserIds(inner, into);
  } else if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) {
      const id = name === "user" ? (inner as { id?: unknown } | null)?.id : name === "mentioned" ? inner : undefined;
      if (typeof id === "string" && id !== "") into.add(id);
      if (KEYED_BY_USER.has(name) && inner) for (const key of Object.keys(inner)) if (!key.includes("@")) into.add(key);
      mentionedUserIds(inner, into);
    }
  }
  return into;
}

/**
 * The directory of everybody the snapshot mentions. Who is known is not asked for again, and members and owners of the
 * group not at all. Somebody who was deleted from the directory stays as a bare id; an outside author of a comment is no
 * user at all.
 */
export class Directory {
  private readonly people = new Map<string, Person>();
  private readonly addresses = new Set<string>();
  private readonly asked = new Set<string>();
  private readonly gaps = new Map<string, Gap>();

  know(people: readonly Person[]): void {
    for (const person of people) {
      this.people.set(person.id, person);
      this.gaps.delete(person.id);
      for (const address of [person.mail, person.userPrincipalName]) if (address) this.addresses.add(address.toLowerCase());
    }
  }

  /** Requests for those of the ids and mail addresses that nothing is known of yet, for any batch. */
  requests(ids: Iterable<string>, addresses: Iterable<string>, version: GraphVersion): BatchRequest[] {
    const unknown = [
      ...[...ids].filter((id) => !this.people.has(id)),
      ...[...addresses].filter((address) => address.includes("@") && !this.addresses.has(address)),
    ].filter((name) => !this.asked.has(name));
    return [...new Set(unknown)].map((name) => ({ id: `${PERSON}${name}`, url: userPath(name), version }));
  }

  /** Takes in the answers to {@link requests} that are among these. */
  take(answers: Answers): void {
    for (const [requestId, answer] of answers) {
      if (!requestId.startsWith(PERSON)) continue;
      const name = requestId.slice(PERSON.length);
      // Who was refused is asked for again on the next occasion.
      if (answer.error && !isPlanbackError(answer.error, "graph_not_found")) this.miss(name, gapReason(answer.error));
      else this.asked.add(name);
      if (!answer.error) this.know([withoutAnnotations(answer.body as Person)]);
      else if (this.asked.has(name) && !name.includes("@")) this.know([{ id: name }]);
    }
  }

  /** Asks for the rest. When nobody answers any more, names are missing and nothing else is. */
  async complete(requests: BatchRequest[], ask: (requests: BatchRequest[]) => Promise<Answers>): Promise<void> {
    try {
      this.take(await ask(requests));
    } catch (error) {
      const reason = gapReason(error);
      for (const { id } of requests) this.miss(id.slice(PERSON.length), reason);
    }
  }

  private miss(name: string, reason: GapReason): void {
    if (!name.includes("@")) this.gaps.set(name, gap("person", name, "The name of a person", reason));
  }

  /** Everybody found, and who of `mentioned` could not be. */
  result(mentioned: ReadonlySet<string>): { people: ReadonlyMap<string, Person>; gaps: Gap[] } {
    return { people: this.people, gaps: [...this.gaps].filter(([id]) => mentioned.has(id)).map(([, one]) => one) };
  }
}
