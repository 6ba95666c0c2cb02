import type { PlannerPreviewType } from "@microsoft/microsoft-graph-types";
import type { ChatMessageRecord } from "./chat";
import type { RecurrenceRecord } from "./recurrence/series";
import type { Revision } from "./revision";

/** Who did something; app-only callers have no user. */
export interface Actor {
  userId: string | null;
  appId: string | null;
}

interface Stored {
  id: string;
  /** Position in every list; also what page tokens point at. */
  sequence: number;
  /** When it was written, for list lag (ms). */
  storedAt: number;
  revision: Revision;
}

/** What holds a plan that belongs to no group: a roster of people, or Project for the web with its premium plans. */
export interface OtherContainer {
  type: "roster" | "project";
  id: string;
  members: Set<string>;
}

export interface PlanRecord extends Stored {
  tenantId: string;
  /** "" when another container holds it. */
  groupId: string;
  container: OtherContainer | null;
  title: string;
  createdBy: Actor;
  createdAt: number;
  /** The last archiving or unarchiving; null: neither ever. */
  archival: ArchivalRecord | null;
  details: { revision: Revision; sharedWith: Map<string, boolean>; categories: Map<string, string> };
  buckets: Map<string, BucketRecord>;
  tasks: Map<string, TaskRecord>;
}

/** https://learn.microsoft.com/graph/api/resources/plannerarchivalinfo */
export interface ArchivalRecord {
  archived: boolean;
  justification: string;
  by: Actor;
  at: number;
}

export interface BucketRecord extends Stored {
  plan: PlanRecord;
  name: string;
  orderHint: string;
}

export interface AssignmentRecord {
  orderHint: string;
  assignedBy: Actor;
  assignedAt: number;
}

export interface ChecklistRecord {
  title: string;
  isChecked: boolean;
  orderHint: string;
  modifiedBy: Actor;
  modifiedAt: number;
}

export interface ReferenceRecord {
  alias: string | null;
  type: string;
  previewPriority: string;
  modifiedBy: Actor;
  modifiedAt: number;
}

export interface TaskRecord extends Stored {
  plan: PlanRecord;
  bucketId: string | null;
  title: string;
  orderHint: string;
  assigneePriority: string;
  percentComplete: number;
  priority: number;
  startDateTime: string | null;
  dueDateTime: string | null;
  conversationThreadId: string | null;
  categories: Set<string>;
  assignments: Map<string, AssignmentRecord>;
  createdBy: Actor;
  createdAt: number;
  completed: { by: Actor; at: number } | null;
  modifiedBy: Actor;
  modifiedAt: number;
  /** null: it never recurred. */
  recurrence: RecurrenceRecord | null;
  details: TaskDetailsRecord;
  /** Oldest first. */
  messages: ChatMessageRecord[];
  assignedToFormat: { revision: Revision; unassignedOrderHint: string; byAssignee: Map<string, string> };
  bucketFormat: { revision: Revision; orderHint: string };
  progressFormat: { revision: Revision; orderHint: string };
}

export interface TaskDetailsContent {
  description: string;
  /** HTML that a client wrote; null: beta shows the description as HTML. */
  notes: string | null;
  previewType: PlannerPreviewType;
  checklist: Map<string, ChecklistRecord>;
  references: Map<string, ReferenceRecord>;
  /** Checklist items without which the task cannot be completed; null: no such rule. */
  requiredItems: string[] | null;
}

export interface TaskDetailsRecord extends TaskDetailsContent {
  revision: Revision;
  /** What they were before the last change. */
  earlier: (TaskDetailsContent & { etag: string }) | null;
}

/** https://learn.microsoft.com/office365/planner/planner-limits; lengths are not published and are the simulator's own. */
export interface PlannerLimits {
  plansOwnedByGroup: number;
  tasksPerPlan: number;
  activeTasksPerPlan: number;
  bucketsPerPlan: number;
  tasksAssignedToUser: number;
  tasksCreatedByUser: number;
  usersSharedWithPlan: number;
  assigneesPerTask: number;
  checklistItemsPerTask: number;
  referencesPerTask: number;
  titleLength: number;
}

export const PUBLISHED_LIMITS: PlannerLimits = {
  plansOwnedByGroup: 200,
  tasksPerPlan: 9000,
  activeTasksPerPlan: 2400,
  bucketsPerPlan: 200,
  tasksAssignedToUser: 3000,
  tasksCreatedByUser: 20_000,
  usersSharedWithPlan: 100,
  assigneesPerTask: 20,
  checklistItemsPerTask: 20,
  referencesPerTask: 10,
  titleLength: 255,
};

/** What a seed says about a new plan; everything else is as a fresh plan has it. */
export interface PlanSpec {
  tenantId: string;
  groupId: string;
  container?: OtherContainer;
  title: string;
  createdBy: Actor;
  createdAt?: number;
  /** category1 ... category25 -> label. */
  categories?: Record<string, string>;
  sharedWith?: string[];
}

export interface BucketSpec {
  planId: string;
  name: string;
  /** A stored value, not an expression. */
  orderHint?: string;
}

export interface TaskSpec {
  planId: string;
  bucketId?: string | null;
  title: string;
  createdBy: Actor;
  createdAt?: number;
  orderHint?: string;
  assigneePriority?: string;
  percentComplete?: number;
  completedAt?: number;
  completedBy?: Actor;
  priority?: number;
  startDateTime?: string | null;
  dueDateTime?: string | null;
  conversationThreadId?: string | null;
  /** ["category1", ...] */
  appliedCategories?: string[];
  /** User ids in order. */
  assignees?: string[];
  description?: string;
  /** HTML; the description follows from it. */
  notes?: string;
  /** Titles of checklist items that completing the task takes. */
  requiredItems?: string[];
  recurrence?: RecurrenceRecord;
  previewType?: PlannerPreviewType;
  /** In order; ids are made when absent. */
  checklist?: { id?: string; title: string; isChecked?: boolean }[];
  /** Plain URLs, in order; encoded here. */
  references?: { url: string; alias?: string; type?: string }[];
  formats?: { unassigned?: string; byAssignee?: Record<string, string>; bucket?: string; progress?: string };
}
