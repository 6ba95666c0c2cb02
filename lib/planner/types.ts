/**
 * The domain: what a snapshot holds. Microsoft's objects are kept verbatim (unknown fields and enum values too), less
 * their OData annotations `@odata.etag` and `@odata.context`, which say nothing about content and would make an
 * unchanged object look changed.
 */

/** A JSON object as Microsoft Graph sent it. */
export type GraphObject = { [key: string]: unknown };

/** https://learn.microsoft.com/graph/api/resources/plannerplan */
export interface PlannerPlan extends GraphObject {
  id: string;
  title: string;
  container?: { containerId?: string; type?: string; url?: string };
  owner?: string;
  createdDateTime?: string;
  createdBy?: GraphObject;
  /** Beta. */
  isArchived?: boolean;
  /** Beta. */
  archivalInfo?: (GraphObject & { justification?: string | null }) | null;
}

/** https://learn.microsoft.com/graph/api/resources/plannerplandetails */
export interface PlannerPlanDetails extends GraphObject {
  id: string;
  sharedWith?: Record<string, boolean>;
  /** category1 ... category25; null or absent = unnamed. */
  categoryDescriptions?: Record<string, string | null>;
}

/** https://learn.microsoft.com/graph/api/resources/plannerbucket */
export interface PlannerBucket extends GraphObject {
  id: string;
  name: string;
  planId?: string;
  orderHint?: string;
}

export interface PlannerAssignment extends GraphObject {
  orderHint?: string;
  assignedDateTime?: string;
  assignedBy?: GraphObject;
}

/** https://learn.microsoft.com/graph/api/resources/plannertask */
export interface PlannerTask extends GraphObject {
  id: string;
  title: string;
  planId?: string;
  bucketId?: string | null;
  orderHint?: string;
  assigneePriority?: string;
  percentComplete?: number;
  priority?: number;
  startDateTime?: string | null;
  dueDateTime?: string | null;
  appliedCategories?: Record<string, boolean>;
  assignments?: Record<string, PlannerAssignment>;
  conversationThreadId?: string | null;
  previewType?: string;
  createdDateTime?: string;
  completedDateTime?: string | null;
  hasDescription?: boolean;
  referenceCount?: number;
  checklistItemCount?: number;
  activeChecklistItemCount?: number;
  /** Beta: https://learn.microsoft.com/graph/api/resources/plannertaskrecurrence */
  recurrence?: (GraphObject & { schedule?: (GraphObject & { pattern?: GraphObject; patternStartDateTime?: string | null; nextOccurrenceDateTime?: string | null }) | null }) | null;
  /** Beta: flags, "checklistCompletion" and others. */
  specifiedCompletionRequirements?: string | null;
  /** Beta. */
  isArchived?: boolean;
  /** Beta. */
  lastModifiedDateTime?: string | null;
  /** Beta. */
  hasChat?: boolean;
}

export interface PlannerChecklistItem extends GraphObject {
  title?: string;
  isChecked?: boolean;
  orderHint?: string;
}

export interface PlannerExternalReference extends GraphObject {
  alias?: string;
  type?: string;
  previewPriority?: string;
}

/** https://learn.microsoft.com/graph/api/resources/plannertaskdetails */
export interface PlannerTaskDetails extends GraphObject {
  id: string;
  description?: string;
  previewType?: string;
  checklist?: Record<string, PlannerChecklistItem>;
  /** Keys are URLs with `. : % @ #` percent-encoded (see lib/planner/references.ts). */
  references?: Record<string, PlannerExternalReference>;
  /** Beta: the description as rich text; writing both is refused. */
  notes?: { contentType?: string; content?: string } | null;
  /** Beta. */
  completionRequirements?: GraphObject | null;
}

export interface TaskBoardFormats {
  /** plannerAssignedToTaskBoardTaskFormat: unassignedOrderHint, orderHintsByAssignee */
  assignedTo?: GraphObject;
  /** plannerBucketTaskBoardTaskFormat: orderHint */
  bucket?: GraphObject;
  /** plannerProgressTaskBoardTaskFormat: orderHint */
  progress?: GraphObject;
}

/** Facts of the Microsoft 365 group that owns the plan, enough to make it again. */
export interface GroupFacts extends GraphObject {
  id: string;
  displayName: string;
  description?: string | null;
  visibility?: string | null;
  mail?: string | null;
  mailNickname?: string | null;
  ownerIds: string[];
  memberIds: string[];
}

export interface Person extends GraphObject {
  id: string;
  displayName?: string | null;
  userPrincipalName?: string | null;
  mail?: string | null;
  userType?: string | null;
}

/** One post of a task's conversation thread, or one message of its chat. */
export interface Comment {
  id: string;
  taskId: string;
  /** The chat of a task (beta); absent: the conversation in the group's mailbox. */
  channel?: "chat";
  /** Empty for a chat. */
  threadId: string;
  authorName: string | null;
  authorAddress: string | null;
  createdDateTime: string;
  /** Plain text, mail boilerplate removed. */
  text: string;
  /** As Microsoft sent it: kept, never rendered as HTML. */
  original: { contentType: string; content: string };
  /** A chat message as Microsoft sent it: mentions, reactions, times. */
  verbatim?: GraphObject;
}

/** The content of a file behind a reference of a task. */
export interface Attachment {
  /** `${taskId}/${sha256 of the reference key, first 16 hex}` */
  id: string;
  taskId: string;
  /** Key in details.references, still encoded. */
  referenceKey: string;
  name: string;
  size: number;
  /** SHA-256 of the content, hex. */
  sha256: string;
  /** Object id of the file in the repository. */
  fileId: string;
  contentType: string | null;
  driveItemId: string | null;
  /** Microsoft's cTag: which version of the content this is. An unchanged file is not downloaded again. */
  contentTag?: string | null;
}

export type SnapshotRecord =
  | { kind: "group"; id: string; group: GroupFacts }
  | { kind: "plan"; id: string; plan: PlannerPlan }
  | { kind: "planDetails"; id: string; details: PlannerPlanDetails }
  | { kind: "bucket"; id: string; bucket: PlannerBucket }
  | { kind: "task"; id: string; task: PlannerTask; details: PlannerTaskDetails | null; formats: TaskBoardFormats }
  | { kind: "comment"; id: string; comment: Comment }
  | { kind: "attachment"; id: string; attachment: Attachment }
  | { kind: "person"; id: string; person: Person };

export type RecordKind = SnapshotRecord["kind"];
export const RECORD_KINDS: readonly RecordKind[] = ["group", "plan", "planDetails", "bucket", "task", "comment", "attachment", "person"];

export type TaskRecord = Extract<SnapshotRecord, { kind: "task" }>;

/** A snapshot opened: its records sorted into kinds. */
export interface SnapshotContent {
  group: GroupFacts | null;
  plan: PlannerPlan;
  planDetails: PlannerPlanDetails | null;
  buckets: PlannerBucket[];
  tasks: TaskRecord[];
  comments: Comment[];
  attachments: Attachment[];
  people: Person[];
}

/** A record without what only the view of a single task shows (outline.ts). */
export type OutlineRecord = Exclude<SnapshotRecord, { kind: "comment" }> | { kind: "comment"; id: string; comment: Pick<Comment, "id" | "taskId"> };
export type SnapshotOutline = Omit<SnapshotContent, "comments"> & { comments: Pick<Comment, "id" | "taskId">[] };

/** Something that exists in Microsoft 365 and is not in the snapshot, with the reason. */
export interface Gap {
  kind: RecordKind | "file" | "comments" | "boardFormat";
  /** Microsoft's id of the missing thing, or of the task it belongs to. */
  id: string;
  taskId?: string;
  reason: GapReason;
  /** One sentence for a person; no content of the task. */
  detail: string;
  /** Permanent and documented (a link to a web page has no content to keep): does not make a snapshot partial. */
  permanent: boolean;
}

export type GapReason =
  | "forbidden"
  | "not_found"
  | "unavailable"
  | "too_large"
  | "malware"
  /** A link to a folder or a notebook: many files, or none. */
  | "not_a_file"
  | "not_microsoft_365"
  | "thread_unreadable"
  /** A file of an e-mail in a task's conversation; files of tasks are kept. */
  | "mail_file"
  | "changed_while_reading"
  /** Microsoft shows it to signed-in accounts only, and an application was reading. */
  | "app_only"
  | "rejected"
  /** Nothing was found where there was content, or where the directory shows some. */
  | "suspiciously_empty";
