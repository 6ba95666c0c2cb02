import type {
  IdentitySet, PlannerAssignedToTaskBoardTaskFormat, PlannerBucket, PlannerBucketTaskBoardTaskFormat, PlannerPlan, PlannerPlanContainer,
  PlannerPlanDetails, PlannerProgressTaskBoardTaskFormat, PlannerTask, PlannerTaskDetails,
} from "@microsoft/microsoft-graph-types";
import { asNotes } from "./notes";
import type { Actor, BucketRecord, PlanRecord, TaskDetailsContent, TaskRecord } from "./records";
import { requirementsOf } from "./taskDetails";

/** A resource as Graph writes it, with the etag of that very resource; beta adds properties that v1.0 does not have. */
export type Rendered<T> = T & { "@odata.etag": string };

export type GraphVersion = "v1.0" | "beta";

/** Dates without fraction when it is zero, as the service writes whole seconds. */
export const isoDate = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

/** Server-set times have seven decimals. */
const stamp = (ms: number): string => new Date(ms).toISOString().replace("Z", "0417Z");

/** Display names are always null. */
export const identity = (actor: Actor): IdentitySet => {
  const user = { displayName: null, id: actor.userId };
  const application = { displayName: null, id: actor.appId };
  return { user, application } as unknown as IdentitySet;
};

/** Archiving a plan archives what is in it. https://learn.microsoft.com/graph/api/plannerplan-archive?view=graph-rest-beta */
function archival(plan: PlanRecord, storedAt: number): object {
  const known = plan.archival && storedAt <= plan.archival.at ? plan.archival : null;
  return {
    isArchived: known?.archived ?? false,
    archivalInfo: known && { justification: known.justification, statusChangedDateTime: stamp(known.at), statusChangedBy: identity(known.by) },
  };
}

const PLACES = { group: "groups", roster: "planner/rosters", project: "planner/projects" };

/**
 * Members that an enumeration got later are shown to callers who prefer that; v1.0 has no "project" at all.
 * https://learn.microsoft.com/graph/api/resources/plannerplancontainer
 */
function container(plan: PlanRecord, version: GraphVersion, unknownMembers: boolean): PlannerPlanContainer {
  const { type, id } = plan.container ?? { type: "group" as const, id: plan.groupId };
  const shown = type === "group" || (unknownMembers && (type === "roster" || version === "beta"));
  const url = `https://graph.microsoft.com/${type === "group" ? version : "beta"}/${PLACES[type]}/${id}`;
  return { containerId: id, type: (shown ? type : "unknownFutureValue") as PlannerPlanContainer["type"], url };
}

/** `unknownMembers`: the caller sent `Prefer: include-unknown-enum-members`. */
export function renderPlan(plan: PlanRecord, version: GraphVersion = "v1.0", unknownMembers = false): Rendered<PlannerPlan> {
  return {
    "@odata.etag": plan.revision.etag,
    createdDateTime: stamp(plan.createdAt),
    owner: plan.container?.id ?? plan.groupId,
    title: plan.title,
    id: plan.id,
    createdBy: identity(plan.createdBy),
    container: container(plan, version, unknownMembers),
    ...(version === "beta" ? { creationSource: null, contexts: {}, sharedWithContainers: [], ...archival(plan, plan.storedAt) } : {}),
  };
}

export function renderPlanDetails(plan: PlanRecord, version: GraphVersion = "v1.0"): Rendered<PlannerPlanDetails> {
  const labels: Record<string, string | null> = {};
  for (let number = 1; number <= 25; number += 1) labels[`category${number}`] = plan.details.categories.get(`category${number}`) ?? null;
  return {
    "@odata.etag": plan.details.revision.etag,
    id: plan.id,
    sharedWith: Object.fromEntries(plan.details.sharedWith),
    categoryDescriptions: labels,
    ...(version === "beta" ? { contextDetails: {} } : {}),
  };
}

export const renderBucket = (bucket: BucketRecord, version: GraphVersion = "v1.0"): Rendered<PlannerBucket> => ({
  "@odata.etag": bucket.revision.etag,
  name: bucket.name,
  planId: bucket.plan.id,
  orderHint: bucket.orderHint,
  id: bucket.id,
  ...(version === "beta" ? { creationSource: null, ...archival(bucket.plan, bucket.storedAt) } : {}),
});

export function renderTask(task: TaskRecord, version: GraphVersion = "v1.0"): Rendered<PlannerTask> {
  const checklist = [...task.details.checklist.values()];
  return {
    "@odata.etag": task.revision.etag,
    planId: task.plan.id,
    bucketId: task.bucketId,
    title: task.title,
    orderHint: task.orderHint,
    assigneePriority: task.assigneePriority,
    percentComplete: task.percentComplete,
    startDateTime: task.startDateTime,
    createdDateTime: stamp(task.createdAt),
    dueDateTime: task.dueDateTime,
    hasDescription: task.details.description !== "",
    previewType: task.details.previewType,
    completedDateTime: task.completed && stamp(task.completed.at),
    completedBy: task.completed && identity(task.completed.by),
    referenceCount: task.details.references.size,
    checklistItemCount: checklist.length,
    activeChecklistItemCount: checklist.filter((item) => !item.isChecked).length,
    conversationThreadId: task.conversationThreadId,
    priority: task.priority,
    id: task.id,
    createdBy: identity(task.createdBy),
    appliedCategories: Object.fromEntries([...task.categories].map((category) => [category, true])),
    assignments: Object.fromEntries([...task.assignments].map(([userId, assignment]) => [userId, {
      "@odata.type": "#microsoft.graph.plannerAssignment",
      assignedDateTime: stamp(assignment.assignedAt),
      orderHint: assignment.orderHint,
      assignedBy: identity(assignment.assignedBy),
    }])),
    ...(version === "beta" ? betaOfTask(task) : {}),
  };
}

/** https://learn.microsoft.com/graph/api/resources/plannertask?view=graph-rest-beta */
const betaOfTask = (task: TaskRecord): object => ({
  lastModifiedDateTime: stamp(task.modifiedAt),
  lastModifiedBy: identity(task.modifiedBy),
  recurrence: task.recurrence,
  specifiedCompletionRequirements: requirementsOf(task.details),
  hasChat: task.messages.length > 0,
  creationSource: null,
  isOnMyDay: false,
  isOnMyDayLastModifiedDate: null,
  goalIds: [],
  ...archival(task.plan, task.storedAt),
});

export const renderTaskDetails = (task: TaskRecord, version: GraphVersion = "v1.0"): Rendered<PlannerTaskDetails> => detailsOf(task.id, task.details.revision.etag, task.details, version);

/** Details as they were before their last change. */
export const renderEarlierDetails = (task: TaskRecord, version: GraphVersion = "v1.0"): Rendered<PlannerTaskDetails> =>
  task.details.earlier ? detailsOf(task.id, task.details.earlier.etag, task.details.earlier, version) : renderTaskDetails(task, version);

function detailsOf(id: string, etag: string, details: TaskDetailsContent, version: GraphVersion): Rendered<PlannerTaskDetails> {
  return {
    "@odata.etag": etag,
    description: details.description,
    previewType: details.previewType,
    id,
    references: Object.fromEntries([...details.references].map(([key, reference]) => [key, {
      "@odata.type": "#microsoft.graph.plannerExternalReference",
      alias: reference.alias,
      type: reference.type,
      previewPriority: reference.previewPriority,
      lastModifiedDateTime: stamp(reference.modifiedAt),
      lastModifiedBy: identity(reference.modifiedBy),
    }])),
    checklist: Object.fromEntries([...details.checklist].map(([key, item]) => [key, {
      "@odata.type": "#microsoft.graph.plannerChecklistItem",
      isChecked: item.isChecked,
      title: item.title,
      orderHint: item.orderHint,
      lastModifiedDateTime: stamp(item.modifiedAt),
      lastModifiedBy: identity(item.modifiedBy),
    }])),
    ...(version === "beta" ? betaOfDetails(details) : {}),
  };
}

/** https://learn.microsoft.com/graph/api/resources/plannertaskdetails?view=graph-rest-beta */
const betaOfDetails = (details: TaskDetailsContent): object => ({
  notes: { contentType: "html", content: details.notes ?? asNotes(details.description) },
  completionRequirements: details.requiredItems && { checklistRequirement: { requiredChecklistItemIds: details.requiredItems }, formsRequirement: null, approvalRequirement: null },
  forms: {},
  approvalAttachment: null,
});

export const renderAssignedToFormat = (task: TaskRecord): Rendered<PlannerAssignedToTaskBoardTaskFormat> => ({
  "@odata.etag": task.assignedToFormat.revision.etag,
  unassignedOrderHint: task.assignedToFormat.unassignedOrderHint,
  id: task.id,
  orderHintsByAssignee: Object.fromEntries(task.assignedToFormat.byAssignee),
});

export const renderBucketFormat = (task: TaskRecord): Rendered<PlannerBucketTaskBoardTaskFormat> => ({
  "@odata.etag": task.bucketFormat.revision.etag,
  orderHint: task.bucketFormat.orderHint,
  id: task.id,
});

export const renderProgressFormat = (task: TaskRecord): Rendered<PlannerProgressTaskBoardTaskFormat> => ({
  "@odata.etag": task.progressFormat.revision.etag,
  orderHint: task.progressFormat.orderHint,
  id: task.id,
});
