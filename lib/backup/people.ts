import { userPath, type GraphApi } from "@/lib/graph";
import { isPlanbackError } from "@/lib/errors";
import type { Comment, Gap, Person } from "@/lib/planner/types";
import { withoutAnnotations } from "./annotations";
import { gap, gapReason } from "./gaps";

/** Open types whose property names are user ids. */
const KEYED_BY_USER = new Set(["assignments", "sharedWith", "orderHintsByAssignee"]);

/** Ids of everybody that Planner objects mention, at any depth: identity sets and maps keyed by user. */
export function mentionedUserIds(value: unknown, into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) {
    for (const inner of value) mentionedUserIds(inner, into);
  } else if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) {
      const id = name === "user" ? (inner as { id?: unknown } | null)?.id : undefined;
      if (typeof id === "string" && id !== "") into.add(id);
      if (KEYED_BY_USER.has(name) && inner) for (const key of Object.keys(inner)) if (!key.includes("@")) into.add(key);
      mentionedUserIds(inner, into);
    }
  }
  return into;
}

/**
 * The directory of everybody the snapshot mentions. Who is already known (members and owners) is not asked for again.
 * Somebody who was deleted from the directory stays as a bare id; an outside author of a comment is not a user at all.
 */
export async function readPeople(graph: GraphApi, known: Person[], ids: Set<string>, comments: Comment[]): Promise<{ people: Person[]; gaps: Gap[] }> {
  const people = new Map(known.map((person) => [person.id, person]));
  const wanted = [...ids].filter((id) => !people.has(id));
  const addresses = unknownAddresses(comments, known);
  try {
    const answers = await graph.batchGet([...wanted, ...addresses].map((name) => ({ id: name, url: userPath(name) })));
    const gaps: Gap[] = [];
    for (const answer of answers) {
      const isId = ids.has(answer.id);
      if (!answer.error) {
        const person = withoutAnnotations(answer.body as Person);
        people.set(person.id, person);
      } else if (isPlanbackError(answer.error, "graph_not_found") || !isId) {
        if (isId) people.set(answer.id, { id: answer.id });
      } else {
        gaps.push(gap("person", answer.id, "The name of a person", gapReason(answer.error)));
      }
    }
    return { people: [...people.values()], gaps };
  } catch (error) {
    const reason = gapReason(error);
    return { people: [...people.values()], gaps: wanted.map((id) => gap("person", id, "The name of a person", reason)) };
  }
}

function unknownAddresses(comments: Comment[], known: Person[]): string[] {
  const lower = (text: string | null | undefined) => text?.toLowerCase() ?? "";
  const have = new Set(known.flatMap((person) => [lower(person.mail), lower(person.userPrincipalName)]));
  return [...new Set(comments.map((comment) => lower(comment.authorAddress)))].filter((address) => address.includes("@") && !have.has(address));
}
