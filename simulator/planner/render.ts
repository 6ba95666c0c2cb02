import type {
  IdentitySet, PlannerAssignedToTaskBoardTaskFormat, PlannerBucket, PlannerBucketTaskBoardTaskFormat, PlannerPlan, PlannerPlanContainer,
  PlannerPlanDetails, PlannerProgressTaskBoardTaskFormat, PlannerTask, PlannerTaskDetails,
} from "@microsoft/microsoft-graph-types";
import type { Actor, BucketRecord, PlanRecord, TaskRecord } from "./records";

/** A resource as Graph writes it, with the etag of that very resource. */
export type Rendered<T> = T & { "@odata.etag": string };

/** Beta has more than v1.0; what backups look at. https://learn.microsoft.com/graph/api/resources/plannertask?view=graph-rest-beta */
type BetaTask = PlannerTask & { lastModifiedDateTime?: string; lastModifiedBy?: IdentitySet };

export type GraphVersion = "v1.0" | "beta";

/** Dates without fraction when it is zero, as the service writes whole seconds. */
export const isoDate = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

/** Server-set times have seven decimals. */
const stamp = (ms: number): string => new Date(ms).toISOString().replace("Z", "0417Z");

/** Display names are always null. */
const identity = (actor: Actor): IdentitySet => {
  const user = { displayName: null, id: actor.userId };
  const application = { displayName: null, id: actor.appId };
  return { user, application } as unknown as IdentitySet;
};

export function renderPlan(plan: PlanRecord): Rendered<PlannerPlan> {
  const container: PlannerPlanContainer = {
    containerId: plan.groupId,
    type: "group",
    url: `https://graph.microsoft.com/v1.0/groups/${plan.groupId}`,
  };
  return {
    "@odata.etag": plan.revision.etag,
    createdDateTime: stamp(plan.createdAt),
    owner: plan.groupId,
    title: plan.title,
    id: plan.id,
    createdBy: identity(plan.createdBy),
    container,
  };
}

export function renderPlanDetails(plan: PlanRecord): Rendered<PlannerPlanDetails> {
  const labels: Record<string, string | null> = {};
  for (let number = 1; number <= 25; number += 1) labels[`category${number}`] = plan.details.categories.get(`category${number}`) ?? null;
  return {
    "@odata.etag": plan.details.revision.etag,
    id: plan.id,
    sharedWith: Object.fromEntries(plan.details.sharedWith),
    categoryDescriptions: labels,
  };
}

export const renderBucket = (bucket: BucketRecord): Rendered<PlannerBucket> => ({
  "@odata.etag": bucket.revision.etag,
  name: bucket.name,
  planId: bucket.plan.id,
  orderHint: bucket.orderHint,
  id: bucket.id,
});

export function renderTask(task: TaskRecord, version: GraphVersion): Rendered<BetaTask> {
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
    ...(version === "beta" ? { lastModifiedDateTime: stamp(task.modifiedAt), lastModifiedBy: identity(task.modifiedBy) } : {}),
  };
}

export function renderTaskDetails(task: TaskRecord): Rendered<PlannerTaskDetails> {
  const { details } = task;
  return {
    "@odata.etag": details.revision.etag,
    description: details.description,
    previewType: details.previewType,
    id: task.id,
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
  };
}

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
