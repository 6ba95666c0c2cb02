/** What stands against a restore: found before anything is written. */
import { assigneesOf, checklistInOrder, openEntries, progressOf, referencesInOrder } from "@/lib/planner";
import type { TaskRecord } from "@/lib/planner/types";
import type { Blocker, Operation } from "../types";
import { chooseItems } from "./choice";
import type { Planning, RestorePlanInput } from "./context";
import { isOf } from "./draft";

/** https://learn.microsoft.com/office365/planner/planner-limits; the ids are Planner's own error codes. */
const LIMITS = {
  MaximumPlannerPlans: 200,
  MaximumBucketsInProject: 200,
  MaximumTasksInProject: 9000,
  MaximumActiveTasksInProject: 2400,
  MaximumTasksAssignedToUser: 3000,
  MaximumAssigneesInTasks: 20,
  MaximumChecklistItemsOnTask: 20,
  MaximumReferencesOnTask: 10,
} as const;

/** Lists of a task that Planner limits, and which operations write them. */
const LISTS: Record<"assignments" | "checklist" | "references", { limit: keyof typeof LIMITS; what: string; count(record: TaskRecord): number; isWritten(operation: Operation): boolean }> = {
  assignments: { limit: "MaximumAssigneesInTasks", what: "people assigned", count: ({ task }) => assigneesOf(task).length, isWritten: ({ kind, body }) => (kind === "create_task" || kind === "update_task") && body.assignments !== undefined },
  checklist: { limit: "MaximumChecklistItemsOnTask", what: "checklist items", count: ({ details }) => checklistInOrder(details).length, isWritten: (operation) => fillsDetails(operation) && operation.body.fields.checklist !== undefined },
  references: { limit: "MaximumReferencesOnTask", what: "attachments", count: ({ details }) => referencesInOrder(details).length, isWritten: (operation) => fillsDetails(operation) && (operation.body.references ?? []).length > 0 },
};
const fillsDetails = isOf("update_task_details");

/** Microsoft forbids some characters, https://learn.microsoft.com/graph/api/group-post-groups; these it takes. */
const MAIL_NICKNAME = /^[A-Za-z0-9._-]{1,64}$/;

export function noTarget(): Blocker {
  return { id: "target_group", message: "The target group does not exist any more, or the connection account cannot see it. Choose another group to restore into; the snapshot is unharmed." };
}

/** Blockers that follow from the account, its rights and the chosen options. */
export function accountBlockers(planning: Planning): Blocker[] {
  const { live, account, draft, assignees } = planning;
  const { group } = live;
  const blockers: Blocker[] = [];
  const uses = (...kinds: Operation["kind"][]) => draft.operations.some(({ kind }) => kinds.includes(kind));
  if (!group.accountIsMember) {
    blockers.push({
      id: "member_of_target_group",
      message: `The connection account is not a member of ${group.displayName}, and Planner lets only members create plans and tasks. Add it as a member, or choose another group.`,
    });
  }
  const joining = assignees.summary.newMembers.length;
  if (joining > 0 && group.visibility !== null && group.visibility !== "Public" && !group.accountIsOwner) {
    blockers.push({
      id: "owner_of_private_group",
      message: `${joining} assignees are not members of the private group ${group.displayName}, and the connection account does not own it. Make it an owner, or restore without adding members.`,
    });
  }
  if (live.nicknameTaken) {
    blockers.push({ id: "mail_nickname", message: "Another group of the organization has this mail name already. Choose another one; nothing was changed." });
  }
  if (uses("post_comment") && account.hasExchangeLicence === false) {
    blockers.push({
      id: "exchange_licence",
      message: "The connection account has no Exchange Online licence, which writing comments needs. Assign one, or restore comments as text in the notes, or without them: everything else works.",
    });
  }
  return [...blockers, ...scopeBlockers(account.scopes, uses("upload_file"), uses("unarchive_plan", "archive_plan"))];
}

function scopeBlockers(scopes: string[], files: boolean, archive: boolean): Blocker[] {
  const has = new Set(scopes.map((scope) => scope.slice(scope.lastIndexOf("/") + 1).toLowerCase()));
  const needed = [
    { scope: "Group.ReadWrite.All", needed: true, why: "to create groups, plans, buckets and tasks" },
    { scope: "Sites.ReadWrite.All", needed: files, why: "to upload files" },
    { scope: "Tasks.ReadWrite", needed: archive, why: "to take a plan out of the archive and put it back" },
  ];
  return needed.filter((one) => one.needed && !has.has(one.scope.toLowerCase())).map(({ scope, why }) => ({
    id: `scope.${scope}`,
    message: `The permission ${scope} is missing, which is needed ${why}. Ask an administrator to grant consent for restore again.`,
  }));
}

/**
 * Planner's limits, so far as they can be known beforehand: how many tasks the account created in all plans
 * (MaximumTasksCreatedByUser) and how many tasks of other plans a person has cannot be read. A list of a task that is too long by
 * itself is no blocker, see limitWarnings; one that gets too long by what was added since is.
 */
export function limitBlockers(planning: Planning): Blocker[] {
  const { draft, live, created } = planning;
  const now = live.plan?.content;
  const creates = (kind: Operation["kind"]) => draft.operations.filter((operation) => operation.kind === kind).length;
  const isActive = ({ task }: TaskRecord) => progressOf(task.percentComplete) !== "completed";
  const wasActive = new Set((now?.tasks ?? []).filter(isActive).map(({ id }) => id));
  const made = [...planning.wanted.values()].filter(({ id }) => created.has(id));
  const becoming = [...planning.wanted.values()].filter((record) => isActive(record) && (created.has(record.id) || !wasActive.has(record.id))).length;
  const [busiest, tasks] = busiestPerson([...made, ...(now?.tasks ?? [])], new Set(made.flatMap(({ task }) => assigneesOf(task))));
  const standing = new Map((now?.tasks ?? []).map((record) => [record.id, record]));
  const most = (list: "checklist" | "references") => Math.max(0, ...[...planning.wanted.values()].map((record) => {
    const own = LISTS[list].count(record);
    return own > LIMITS[LISTS[list].limit] ? 0 : own + staying(standing.get(record.id), planning, record, list);
  }));
  const counted: [keyof typeof LIMITS, number, boolean, string][] = [
    ["MaximumPlannerPlans", live.planIds.length + creates("create_plan"), creates("create_plan") > 0, "plans in this group"],
    ["MaximumBucketsInProject", (now?.buckets.length ?? 0) + creates("create_bucket"), creates("create_bucket") > 0, "buckets in a plan"],
    ["MaximumTasksInProject", (now?.tasks.length ?? 0) + created.size, created.size > 0, "tasks in a plan"],
    ["MaximumActiveTasksInProject", wasActive.size + becoming, becoming > 0, "tasks in a plan that are not completed"],
    ["MaximumTasksAssignedToUser", tasks, busiest !== null, `tasks of ${busiest === null ? "a person" : planning.assignees.nameOf(busiest)} in this plan alone`],
    ["MaximumChecklistItemsOnTask", most("checklist"), true, "checklist items of a task"],
    ["MaximumReferencesOnTask", most("references"), true, "attachments of a task"],
  ];
  return counted.filter(([id, count, concerned]) => concerned && count > LIMITS[id]).map(([id, count, , what]) => ({
    id,
    message: `This would make ${count} ${what}; Planner allows ${LIMITS[id]}. Restore fewer tasks, or restore into another group.`,
  }));
}

/** What a task held in the snapshot, or holds now, Planner took once, whatever it says of its limits: it is tried, and a refusal is that task's alone. */
export function limitWarnings({ wanted, draft }: Planning): string[] {
  const beyond = [...wanted.values()].flatMap((record) => Object.values(LISTS).flatMap((list) => (list.count(record) > LIMITS[list.limit] ? [{ list, id: record.id, count: list.count(record) }] : [])));
  return Object.values(LISTS).flatMap((list) => {
    const counts = new Map(beyond.flatMap((one) => (one.list === list ? [[one.id, one.count]] : [])));
    const written = [...new Set(draft.operations.flatMap((operation) => (counts.has(operation.source) && list.isWritten(operation) ? [operation.source] : [])))];
    if (written.length === 0) return [];
    const [tasks, it] = written.length === 1 ? ["One task has", "it"] : [`${written.length} tasks have`, "them"];
    return [`${tasks} more ${list.what} in the snapshot than Planner's limit of ${LIMITS[list.limit]} (up to ${Math.max(...written.map((id) => counts.get(id)!))}). Planner may refuse ${it}: the report would name what was refused, and everything else is restored.`];
  });
}

function busiestPerson(tasks: TaskRecord[], people: ReadonlySet<string>): [string | null, number] {
  const counts = new Map<string, number>();
  for (const { task } of tasks) for (const id of assigneesOf(task)) if (people.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].reduce<[string | null, number]>((most, one) => (one[1] > most[1] ? one : most), [null, 0]);
}

/** Entries that were added to a list of a task and stay in it. */
function staying(standing: TaskRecord | undefined, { choice }: Planning, wanted: TaskRecord, list: "checklist" | "references"): number {
  return openEntries<unknown>(standing?.details?.[list]).filter(([key]) => !(key in (wanted.details?.[list] ?? {})) && !choice.dropsEntry(wanted.id, key)).length;
}

/** A request that cannot mean anything, or a target that is not there. */
export function requestBlockers({ request, snapshot, live, undo }: RestorePlanInput): Blocker[] {
  const { target, tasks, buckets = [], fields } = request;
  const blockers: Blocker[] = [];
  const add = (id: string, message: string) => void blockers.push({ id, message });
  if ("title" in target && target.title.trim() === "") add("title", "The new plan needs a title.");
  if (target.kind === "new_group" && (target.name.trim() === "" || target.name.length > 256)) add("group_name", "The new group needs a name of at most 256 characters.");
  if (target.kind === "new_group" && !MAIL_NICKNAME.test(target.mailNickname)) add("mail_nickname", "The mail name of the new group may have at most 64 letters, digits and hyphens, and no blanks.");
  if (target.kind === "existing_plan" && live && !live.plan) add("target_plan", "The target plan does not exist any more, or the connection account cannot see it. Choose another plan; nothing was changed.");
  if (fields && target.kind !== "in_place") add("fields_in_place", "Single fields can only be set back in place. Choose the original plan, or whole tasks.");
  if (request.undoOf !== undefined && !undo) add("undo", "What the earlier restore did is not known any more, so it cannot be taken back on its own. Restore the snapshot from before it in place instead.");
  if (tasks === "all") return blockers;
  if (target.kind === "in_place" && target.added === "remove") add("removal_needs_whole_plan", "What was added can only be removed when the whole plan is restored.");
  const known = new Set([...snapshot.tasks, ...snapshot.buckets].map(({ id }) => id));
  const unknown = [...tasks, ...buckets].filter((id) => !known.has(id)).length;
  if (unknown > 0) add("unknown_task", `${unknown} of the chosen items are not in this snapshot of ${snapshot.tasks.length} tasks. Choose again from the snapshot.`);
  else if (chooseItems(snapshot, request).tasks.length + buckets.length === 0) add("nothing_chosen", "Nothing is chosen. Choose at least one task or bucket, or the whole plan.");
  return blockers;
}
