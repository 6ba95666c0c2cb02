/** What stands against a restore: found before anything is written. */
import { checklistInOrder, openEntries, progressOf, referencesInOrder } from "@/lib/planner";
import type { Blocker, Operation } from "../types";
import type { Planning, RestorePlanInput } from "./context";

/** https://learn.microsoft.com/office365/planner/planner-limits; the ids are Planner's own error codes. */
const LIMITS = {
  MaximumPlannerPlans: 200,
  MaximumBucketsInProject: 200,
  MaximumTasksInProject: 9000,
  MaximumActiveTasksInProject: 2400,
  MaximumAssigneesInTasks: 20,
  MaximumChecklistItemsOnTask: 20,
  MaximumReferencesOnTask: 10,
} as const;

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
  if (assignees.summary.newMembers.length > 0 && group.visibility !== null && group.visibility !== "Public" && !group.accountIsOwner) {
    blockers.push({
      id: "owner_of_private_group",
      message: `${assignees.summary.newMembers.length} assignees are not members of the private group ${group.displayName}, and the connection account does not own it. Make it an owner, or restore without adding members.`,
    });
  }
  if (uses("post_comment") && account.hasExchangeLicence === false) {
    blockers.push({
      id: "exchange_licence",
      message: "The connection account has no Exchange Online licence, which writing comments needs. Assign one, or restore without comments: everything else works.",
    });
  }
  return [...blockers, ...scopeBlockers(account.scopes, uses("upload_file"))];
}

function scopeBlockers(scopes: string[], files: boolean): Blocker[] {
  const has = new Set(scopes.map((scope) => scope.slice(scope.lastIndexOf("/") + 1).toLowerCase()));
  const needed = [
    { scope: "Group.ReadWrite.All", needed: true, why: "to create plans, buckets and tasks" },
    { scope: "Sites.ReadWrite.All", needed: files, why: "to upload files" },
  ];
  return needed.filter((one) => one.needed && !has.has(one.scope.toLowerCase())).map(({ scope, why }) => ({
    id: `scope.${scope}`,
    message: `The permission ${scope} is missing, which is needed ${why}. Ask an administrator to grant consent for restore again.`,
  }));
}

/** Planner's limits, so far as they can be known beforehand. */
export function limitBlockers(planning: Planning): Blocker[] {
  const { draft, live, chosen } = planning;
  const now = live.plan?.content;
  const creates = (kind: Operation["kind"]) => draft.operations.filter((operation) => operation.kind === kind).length;
  const newActive = chosen.filter(({ id, task }) => planning.created.has(id) && progressOf(task.percentComplete) !== "completed").length;
  const active = (now?.tasks ?? []).filter(({ task }) => progressOf(task.percentComplete) !== "completed").length;
  const most = (count: (record: (typeof chosen)[number]) => number) => Math.max(0, ...chosen.map(count));
  const counted: [keyof typeof LIMITS, number, boolean, string][] = [
    ["MaximumPlannerPlans", live.planIds.length + creates("create_plan"), creates("create_plan") > 0, "plans in this group"],
    ["MaximumBucketsInProject", (now?.buckets.length ?? 0) + creates("create_bucket"), creates("create_bucket") > 0, "buckets in a plan"],
    ["MaximumTasksInProject", (now?.tasks.length ?? 0) + planning.created.size, planning.created.size > 0, "tasks in a plan"],
    ["MaximumActiveTasksInProject", active + newActive, newActive > 0, "tasks in a plan that are not completed"],
    ["MaximumAssigneesInTasks", most(({ task }) => openEntries(task.assignments).length), true, "people assigned to a task"],
    ["MaximumChecklistItemsOnTask", most(({ details }) => checklistInOrder(details).length), true, "checklist items of a task"],
    ["MaximumReferencesOnTask", most(({ details }) => referencesInOrder(details).length), true, "attachments of a task"],
  ];
  return counted.filter(([id, count, concerned]) => concerned && count > LIMITS[id]).map(([id, count, , what]) => ({
    id,
    message: `This would make ${count} ${what}; Planner allows ${LIMITS[id]}. Restore fewer tasks, or restore into another group.`,
  }));
}

/** A request that cannot mean anything. */
export function requestBlockers({ request }: RestorePlanInput, chosen: number, known: number): Blocker[] {
  const blockers: Blocker[] = [];
  if (request.target.kind === "new_plan" && request.target.title.trim() === "") blockers.push({ id: "title", message: "The new plan needs a title." });
  if (request.tasks === "all") return blockers;
  if (request.tasks.length === 0) blockers.push({ id: "nothing_chosen", message: "No task is chosen. Choose at least one task, or the whole plan." });
  else if (chosen < request.tasks.length) blockers.push({ id: "unknown_task", message: `${request.tasks.length - chosen} of the chosen tasks are not in this snapshot of ${known} tasks. Choose again from the snapshot.` });
  return blockers;
}
