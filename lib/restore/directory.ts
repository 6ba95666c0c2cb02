/** Looks in the target's directory for people that may be those of a snapshot. */
import { bodyOfAnswer, usersWherePath } from "@/lib/graph";
import type { GraphApi } from "@/lib/graph/types";
import type { Person, SnapshotContent } from "@/lib/planner/types";
import { peopleNeeded } from "./plan/match";
import type { RestoreRequest } from "./types";

/** Directory objects refuse more than 15 alternatives in one filter. https://learn.microsoft.com/graph/filter-query-parameter */
const ALTERNATIVES = 15;

/**
 * Everybody who may be meant: by id; who is not found by id, by user name, address and name, 15 in a request and 20 requests
 * in a round trip. So it does not matter how large the directory is. Matching them is up to the restore plan (matchPeople).
 */
export async function readDirectory(graph: GraphApi, snapshot: SnapshotContent, request: RestoreRequest): Promise<Person[]> {
  const needed = peopleNeeded(snapshot, request).map(({ person }) => person);
  const chosen = needed.flatMap(({ id }) => request.people?.[id] ?? []);
  const open = needed.filter(({ id }) => request.people?.[id] === undefined);
  const keys = [...new Set([...open.map(({ id }) => id), ...chosen])];
  const found = keys.length === 0 ? new Map<string, Person>() : new Map<string, Person>(await graph.users(keys));
  const missing = open.filter(({ id }) => !found.has(id));
  const unique = (values: (string | null | undefined)[]) => [...new Set(values.flatMap((value) => (value ? [value] : [])))];
  const filters = [
    ...anyOf("userPrincipalName", unique(missing.map(({ userPrincipalName }) => userPrincipalName))),
    ...anyOf("mail", unique([...missing.flatMap(({ mail, userPrincipalName }) => [mail, userPrincipalName]), ...chosen.filter((key) => key.includes("@"))])),
    ...anyOf("displayName", unique(missing.map(({ displayName }) => displayName))),
  ];
  if (filters.length === 0) return [...found.values()];
  const answers = await graph.batchGet(filters.map((filter, index) => ({ id: String(index), url: usersWherePath(filter) })));
  for (const answer of answers) for (const person of bodyOfAnswer<{ value?: Person[] }>(answer).value ?? []) found.set(person.id, person);
  return [...found.values()];
}

function anyOf(property: string, values: string[]): string[] {
  const filters: string[] = [];
  for (let at = 0; at < values.length; at += ALTERNATIVES) {
    filters.push(`${property} in (${values.slice(at, at + ALTERNATIVES).map((value) => `'${value.replaceAll("'", "''")}'`).join(",")})`);
  }
  return filters;
}
