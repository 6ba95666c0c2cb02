/**
 * The restore plan: a pure function of the snapshot, the live target, the request and the people. What it returns is what a
 * person sees before anything is written, and exactly what the executor does.
 */
import { assigneesOf, tasksInListOrder } from "@/lib/planner";
import type { TaskRecord } from "@/lib/planner/types";
import { targetGroupId } from "../live";
import type { Blocker, RestorePlan } from "../types";
import { accountBlockers, limitBlockers, noTarget, requestBlockers } from "./checks";
import type { Planning, RestorePlanInput } from "./context";
import { arrangeBoards, createWholePlan } from "./creation";
import { Draft } from "./draft";
import { inexactFields, warningsOf } from "./fidelity";
import { restoreInPlace } from "./in-place";
import { Assignees } from "./people";

export function buildRestorePlan(input: RestorePlanInput): RestorePlan {
  const { snapshot, request, live } = input;
  const wantedIds = request.tasks === "all" ? null : new Set(request.tasks);
  const chosen = tasksInListOrder(snapshot.tasks.filter(({ id }) => wantedIds === null || wantedIds.has(id)));
  const blockers = requestBlockers(input, chosen.length, snapshot.tasks.length);
  if (!live) return emptyPlan(input, [...blockers, noTarget()]);
  const draft = new Draft();
  const planning: Planning = {
    ...input, live, draft, chosen, assignees: new Assignees(draft, live.group, request, snapshot, input.people),
    wanted: new Map(), buckets: new Map(), tasks: new Map(), created: new Set(),
  };
  const title = request.target.kind === "new_plan" ? request.target.title.trim() : snapshot.plan.title;
  if (blockers.length === 0) {
    if (request.target.kind === "in_place" && live.plan) restoreInPlace(planning, live.plan);
    else {
      createWholePlan(planning, title);
      arrangeBoards(planning, [...planning.wanted.values()]);
    }
  }
  const { newMembers, droppedAssignments } = planning.assignees.summary;
  const inPlace = request.target.kind === "in_place" ? live.plan : null;
  return {
    ...emptyPlan(input, [...blockers, ...accountBlockers(planning), ...limitBlockers(planning)]),
    operations: draft.operations, counts: draft.counts(), newMembers, droppedAssignments,
    inexact: inexactFields(planning), warnings: warningsOf(planning),
    targetPlanTitle: title, targetGroupName: live.group.displayName, groupId: live.group.id,
    taskIds: chosen.map(({ id }) => id), reducedAssignees: reduced(chosen, planning.wanted),
    planId: inPlace?.content.plan.id ?? null,
    existing: {
      planIds: live.planIds,
      bucketIds: inPlace?.content.buckets.map(({ id }) => id) ?? [],
      taskIds: inPlace?.content.tasks.map(({ id }) => id) ?? [],
    },
  };
}

/** Assignees of the tasks that do not get all of them back. */
function reduced(chosen: TaskRecord[], wanted: ReadonlyMap<string, TaskRecord>): Record<string, string[]> {
  return Object.fromEntries(chosen.flatMap((record) => {
    const will = wanted.get(record.id);
    if (!will) return [];
    const ids = assigneesOf(will.task);
    return ids.length === assigneesOf(record.task).length ? [] : [[record.id, ids]];
  }));
}

function emptyPlan(input: RestorePlanInput, blockers: Blocker[]): RestorePlan {
  const { request, snapshot } = input;
  return {
    version: 1, operations: [], counts: {}, newMembers: [], droppedAssignments: [], people: [], inexact: [], warnings: [], blockers,
    targetPlanTitle: request.target.kind === "new_plan" ? request.target.title.trim() : snapshot.plan.title, targetGroupName: "",
    restoreId: input.restoreId, taskIds: [], reducedAssignees: {}, groupId: targetGroupId(snapshot, request) ?? "", planId: null, extras: input.extras === true,
    existing: { planIds: [], bucketIds: [], taskIds: [] }, successors: input.successors ?? {},
  };
}
