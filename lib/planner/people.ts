import { assigneesOf } from "./board-order";
import type { Person, PlannerTask } from "./types";

/** Id of a person -> the name to show. Who is not in the directory any more is shown by the id's beginning. */
export function peopleNames({ people }: { people: readonly Person[] }): (id: string) => string {
  const names = new Map(people.map((person) => [person.id, person.displayName || person.userPrincipalName || person.mail]));
  return (id) => names.get(id) || `Unknown person ${id.slice(0, 8)}`;
}

/** The person of an identity set (`createdBy`, `completedBy`), if it names one. https://learn.microsoft.com/graph/api/resources/identityset */
export function personIn(identity: unknown): string | null {
  const id = (identity as { user?: { id?: unknown } | null } | null | undefined)?.user?.id;
  return typeof id === "string" && id !== "" ? id : null;
}

/** Everybody whom a task names: who is assigned, who assigned them, who made and who completed it. */
export function peopleOf(task: PlannerTask): string[] {
  const assigned = assigneesOf(task).flatMap((id) => [id, personIn(task.assignments?.[id]?.assignedBy)]);
  return [...assigned, personIn(task["createdBy"]), personIn(task["completedBy"])].filter((id) => id !== null);
}
