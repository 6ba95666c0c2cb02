/** Who is who: the people of a snapshot in the directory of the target. Pure. */
import type { Person, SnapshotContent } from "@/lib/planner/types";
import { assigneesOf } from "@/lib/planner";
import type { PersonMatch, RestoreRequest } from "../types";
import { chooseItems } from "./choice";

/** A person of the snapshot that a restore needs, and how many of its tasks are theirs. */
export interface SourcePerson {
  person: Person;
  tasks: number;
}

/** Who is assigned to the chosen tasks; for a new group that gets its people back, its owners and members too. For a drill nobody. */
export function peopleNeeded(snapshot: SnapshotContent, request: RestoreRequest): SourcePerson[] {
  if (request.drill) return [];
  const known = new Map(snapshot.people.map((person) => [person.id, person]));
  const tasks = new Map<string, number>();
  for (const { task } of chooseItems(snapshot, request).tasks) for (const id of assigneesOf(task)) tasks.set(id, (tasks.get(id) ?? 0) + 1);
  if (request.target.kind === "new_group" && request.addMembers) {
    for (const id of [...(snapshot.group?.ownerIds ?? []), ...(snapshot.group?.memberIds ?? [])]) tasks.set(id, tasks.get(id) ?? 0);
  }
  return [...tasks].map(([id, count]) => ({ person: known.get(id) ?? { id }, tasks: count }));
}

/**
 * Finds each person in `directory` (people of the target's directory that may fit): by id, else by user name, else by
 * address. In another Microsoft tenant, where no id is the same, also by a name that only one person has. Several that fit
 * equally are "ambiguous" and none is taken. `chosen` (id, user name or address; null: nobody) comes before all of it.
 */
export function matchPeople(sources: readonly SourcePerson[], directory: readonly Person[], chosen: RestoreRequest["people"] = {}): PersonMatch[] {
  const finder = new Finder(directory, !sources.some(({ person }) => directory.some(({ id }) => id === person.id)));
  return sources
    .map(({ person, tasks }): PersonMatch => ({ source: described(person), tasks, ...finder.find(person, chosen[person.id]) }))
    .sort((a, b) => b.tasks - a.tasks || (a.source.name < b.source.name ? -1 : a.source.name > b.source.name ? 1 : a.source.id < b.source.id ? -1 : 1));
}

/** More would make a list that nobody reads. */
const MOST_CANDIDATES = 500;

/** Who can be chosen for somebody: members of the target group, and who was found because he may be meant. By name. */
export function candidates(members: readonly Person[], directory: readonly Person[]): PersonMatch["source"][] {
  const people = [...new Map([...directory, ...members].map((person) => [person.id, person])).values()].filter(({ displayName, userPrincipalName }) => displayName || userPrincipalName);
  return people.slice(0, MOST_CANDIDATES).map(described).sort((a, b) => a.name.localeCompare(b.name, "en") || (a.id < b.id ? -1 : 1));
}

type Found = Pick<PersonMatch, "target" | "by">;
const NOBODY: Found = { target: null, by: "none" };

class Finder {
  private readonly byId: Map<string, Person[]>;
  private readonly byUserName: Map<string, Person[]>;
  private readonly byMail: Map<string, Person[]>;
  private readonly byName: Map<string, Person[]>;

  constructor(directory: readonly Person[], elsewhere: boolean) {
    this.byId = index(directory, ({ id }) => id);
    this.byUserName = index(directory, ({ userPrincipalName }) => userPrincipalName);
    this.byMail = index(directory, ({ mail }) => mail);
    this.byName = elsewhere ? index(directory, ({ displayName }) => displayName) : new Map();
  }

  find(person: Person, chosen: string | null | undefined): Found {
    if (chosen === null) return { target: null, by: "chosen" };
    if (chosen !== undefined) {
      const [found] = [this.byId, this.byUserName, this.byMail].flatMap((people) => people.get(fold(chosen)) ?? []);
      return found ? { target: described(found), by: "chosen" } : NOBODY;
    }
    return take(this.byId, person.id, "id") ?? take(this.byUserName, person.userPrincipalName, "userPrincipalName")
      ?? take(this.byMail, person.mail ?? person.userPrincipalName, "mail") ?? take(this.byName, person.displayName, "name") ?? NOBODY;
  }
}

function take(people: Map<string, Person[]>, key: string | null | undefined, by: PersonMatch["by"]): Found | null {
  const [first, second] = (key ? people.get(fold(key)) : undefined) ?? [];
  if (!first) return null;
  return second ? { target: null, by: "ambiguous" } : { target: described(first), by };
}

const fold = (text: string): string => text.trim().toLowerCase();

function index(people: readonly Person[], keyOf: (person: Person) => string | null | undefined): Map<string, Person[]> {
  const found = new Map<string, Person[]>();
  for (const person of new Map(people.map((one) => [one.id, one])).values()) {
    const key = fold(keyOf(person) ?? "");
    if (key !== "") found.set(key, [...(found.get(key) ?? []), person]);
  }
  return found;
}

function described({ id, displayName, userPrincipalName }: Person): PersonMatch["source"] {
  return { id, name: displayName || userPrincipalName || "A person who left the organization", userPrincipalName: userPrincipalName ?? null };
}
