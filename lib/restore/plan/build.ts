/**
 * The restore plan: a pure function of the snapshot, the live target, the request and the people. What it returns is what a
 * person sees before anything is written, and exactly what the executor does.
 */
import { assigneesOf, atOnce, type Steps } from "@/lib/planner";
import type { TaskRecord } from "@/lib/planner/types";
import { type LiveTarget, targetGroupId } from "../live";
import type { Blocker, PersonMatch, RestorePlan } from "../types";
import { archiveAgain, changesArchive, unarchive } from "./archive";
import { arrangeBoards } from "./boards";
import { accountBlockers, limitBlockers, limitWarnings, noTarget, requestBlockers } from "./checks";
import { chooseItems } from "./choice";
import type { Planning, RestorePlanInput } from "./context";
import { createInPlan, createWholePlan } from "./creation";
import { Draft, existing } from "./draft";
import { inexactFields, warningsOf } from "./fidelity";
import { TASK_FIELD_KEYS } from "./fields";
import { createGroup, peopleTheGroup } from "./group";
import { restoreInPlace, warnAboutTwins } from "./in-place";
import { mapLabels, sameLabels } from "./labels";
import { candidates, matchPeople, peopleNeeded } from "./match";
import { Assignees } from "./people";

export const buildRestorePlan = (input: RestorePlanInput): RestorePlan => atOnce(planSteps(input));

/** The same in steps, for large plans. */
export function* planSteps(input: RestorePlanInput): Steps<RestorePlan> {
  const { request, live } = input;
  const blockers = requestBlockers(input);
  if (!live) return emptyPlan(input, [...blockers, noTarget()]);
  const people = matchPeople(peopleNeeded(input.snapshot, request), input.people, request.people);
  const planning = yield* planned(input, live, people, blockers.length > 0);
  yield;
  const standing = [...blockers, ...accountBlockers(planning), ...limitBlockers(planning)];
  yield;
  const inexact = inexactFields(planning);
  yield;
  const warnings = [...warningsOf(planning), ...limitWarnings(planning)];
  yield;
  const { draft, chosen } = planning;
  const { newMembers, droppedAssignments } = planning.assignees.summary;
  return {
    ...emptyPlan(input, standing),
    operations: draft.operations, counts: draft.counts(), newMembers, droppedAssignments, people, candidates: candidates(live.group.members ?? [], input.people),
    inexact, warnings,
    targetPlanTitle: titleOf(input), targetGroupName: live.group.displayName, groupId: live.group.id,
    taskIds: chosen.map(({ id }) => id), reducedAssignees: reduced(chosen, planning.wanted), left: leftFields(planning),
    planId: live.plan?.content.plan.id ?? null,
    existing: {
      planIds: live.planIds,
      bucketIds: live.plan?.content.buckets.map(({ id }) => id) ?? [],
      taskIds: live.plan?.content.tasks.map(({ id }) => id) ?? [],
    },
  };
}

/** A plan that is archived can only be read: it is taken out first, if there is anything to do. */
function* planned(input: RestorePlanInput, live: LiveTarget, people: PersonMatch[], blocked: boolean): Steps<Planning> {
  const planning = newPlanning(input, live, people, false);
  if (blocked) return planning;
  yield* fill(planning, people);
  if (live.plan?.content.plan.isArchived !== true) return planning;
  const { operations } = planning.draft;
  if (operations.length === 0 && !changesArchive(planning, live.plan)) return planning;
  const again = newPlanning(input, live, people, true);
  yield* fill(again, people);
  return again;
}

function newPlanning(input: RestorePlanInput, live: LiveTarget, people: PersonMatch[], archived: boolean): Planning {
  const { snapshot, request } = input;
  const draft = new Draft();
  if (archived && live.plan) unarchive(draft, snapshot.plan.id, live.plan);
  const choice = chooseItems(snapshot, request, input.undo);
  const group = createGroup(draft, input) ?? existing(live.group.id);
  return {
    ...input, live, extras: input.extras === true, draft, choice, group, chosen: choice.tasks,
    labels: request.target.kind === "existing_plan" && live.plan ? mapLabels(snapshot, choice.tasks, live.plan.content) : sameLabels(snapshot),
    assignees: new Assignees(draft, { place: group, displayName: live.group.displayName, memberIds: live.group.memberIds }, request, snapshot, input.people, people, input.account),
    wanted: new Map(), buckets: new Map(), tasks: new Map(), created: new Set(), impossible: new Map(),
  };
}

function* fill(planning: Planning, people: PersonMatch[]): Steps<void> {
  const { request, live, wanted } = planning;
  if (request.target.kind === "in_place" && live.plan) yield* restoreInPlace(planning, live.plan);
  else {
    if (request.target.kind === "existing_plan" && live.plan) yield* createInPlan(planning, live.plan);
    else yield* createWholePlan(planning, titleOf(planning), request.target.kind === "new_group" ? peopleTheGroup(planning, people) : null);
    yield* arrangeBoards(planning, [...wanted.values()]);
    if (live.plan) warnAboutTwins(planning, live.plan.content.tasks);
  }
  archiveAgain(planning);
}

/** Fields of tasks that exist and that are left as they are: not chosen, or not to be set back. */
function leftFields({ request, undo, choice, chosen, created, impossible }: Planning): Record<string, (typeof TASK_FIELD_KEYS)[number][]> {
  const limited = request.fields !== undefined || undo !== undefined;
  return Object.fromEntries(chosen.flatMap(({ id }) => {
    if (created.has(id)) return [];
    const left = [...(limited ? TASK_FIELD_KEYS.filter((field) => !choice.takes(id, field)) : []), ...(impossible.get(id) ?? [])];
    return left.length > 0 ? [[id, left]] : [];
  }));
}

/** Assignees of the tasks whose people are not the snapshot's. */
function reduced(chosen: TaskRecord[], wanted: ReadonlyMap<string, TaskRecord>): Record<string, string[]> {
  return Object.fromEntries(chosen.flatMap((record) => {
    const will = wanted.get(record.id);
    if (!will) return [];
    const ids = assigneesOf(will.task);
    return JSON.stringify(ids) === JSON.stringify(assigneesOf(record.task)) ? [] : [[record.id, ids]];
  }));
}

/** Of the plan that is created, or of the one that is restored into. */
function titleOf({ request: { target }, snapshot, live }: Pick<RestorePlanInput, "request" | "snapshot" | "live">): string {
  if (target.kind === "new_plan" || target.kind === "new_group") return target.title.trim();
  return target.kind === "existing_plan" ? (live?.plan?.content.plan.title ?? "") : snapshot.plan.title;
}

function emptyPlan(input: RestorePlanInput, blockers: Blocker[]): RestorePlan {
  const { request, snapshot } = input;
  return {
    version: 1, operations: [], counts: {}, newMembers: [], droppedAssignments: [], people: [], inexact: [], warnings: [], blockers,
    targetPlanTitle: titleOf(input), targetGroupName: "", restoreId: input.restoreId, taskIds: [], reducedAssignees: {}, left: {},
    groupId: targetGroupId(snapshot, request) ?? "", planId: null, extras: input.extras === true,
    existing: { planIds: [], bucketIds: [], taskIds: [] }, successors: input.successors ?? {},
  };
}
