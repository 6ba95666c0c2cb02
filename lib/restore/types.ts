import type { GraphObject } from "@/lib/planner/types";

/** What a restore is asked to do, what it would do, and what it did. Plain JSON: stored sealed, shown in the web. */

export interface RestoreRequest {
  /** "all" or the ids of the chosen tasks of the snapshot. */
  tasks: "all" | string[];
  target:
    /** A new plan, in the same group or another one. Touches nothing that exists. The default. */
    | { kind: "new_plan"; groupId: string; title: string }
    /** The plan the snapshot was taken of: recreate what is gone, revert what changed; what is new stays. */
    | { kind: "in_place" };
  /** Assignees who are not members of the target group are added as members; else their assignment is dropped. */
  addMembers: boolean;
  comments: "quoted" | "none";
}

export type OperationKind =
  | "add_member"
  | "create_plan"
  | "update_plan"
  | "update_plan_details"
  | "create_bucket"
  | "update_bucket"
  | "create_task"
  | "update_task"
  | "update_task_details"
  | "update_board_format"
  | "upload_file"
  | "post_comment";

/** A value that is only known when an earlier operation is done. */
export type Ref = { $ref: number; field: "id" | "webUrl" | "threadId" };

export interface Operation {
  seq: number;
  kind: OperationKind;
  /** seq of operations that must be done first. */
  after: number[];
  /** Planner id in the snapshot of what this is about (task id for files and comments). */
  source: string;
  /** What a person reads: "Create task “Paint the hall” in Design". */
  label: string;
  /** Field by field, for changes of existing objects (and what is created). */
  changes: { field: string; from: string | null; to: string | null }[];
  /** seq of operations that must have ended, well or not; what they would have given is left out when they failed. */
  afterSettled?: number[];
  /** Live id for operations on existing objects. */
  liveId?: string;
  /** For operations on an object that this restore creates. */
  on?: Ref;
  /** Etag of the existing object when the plan was made: sent as If-Match, so that later work is never overwritten. */
  ifMatch?: string;
  /** JSON body; values may be Refs. Shapes: OperationBodies. */
  body: Record<string, unknown>;
}

/** What `body` holds for each kind. Where it says GraphObject, it is sent to Graph as it is, Refs resolved. */
export interface OperationBodies {
  add_member: { groupId: string; userId: string };
  create_plan: { groupId: string; title: string };
  update_plan: GraphObject;
  update_plan_details: GraphObject;
  create_bucket: GraphObject;
  update_bucket: GraphObject;
  create_task: GraphObject;
  update_task: GraphObject;
  update_task_details: {
    fields: GraphObject;
    /** Keys are made when the address is known. `otherwise`: the address when the upload failed. */
    references?: { url: string | Ref; otherwise?: string; value: GraphObject }[];
    /** Keys to remove. */
    removeReferences?: string[];
  };
  /** Puts the tasks of one column of a board in this order; only those with `move` are touched. */
  update_board_format: { board: "bucket" | "progress" | "assignedTo"; column: string; tasks: { id: string | Ref; move: boolean }[] };
  upload_file: { groupId: string; path: string; size: number; fileId: string };
  /** Without threadId: starts the task's conversation. `reference` is visible in the text and finds it again. */
  post_comment: { groupId: string; topic: string; html: string; reference: string; threadId?: string | Ref };
}

export interface Inexact {
  /** e.g. "createdBy", "comment author" */
  field: string;
  /** How many items it concerns. */
  items: number;
  /** One sentence: what happens instead. */
  instead: string;
}

export interface Blocker {
  /** id of the requirement or Maximum* rule */
  id: string;
  /** What is wrong, what still works, what to do. */
  message: string;
}

export interface RestorePlan {
  version: 1;
  operations: Operation[];
  counts: Partial<Record<OperationKind, number>>;
  /** People that will become members of the target group. */
  newMembers: { id: string; name: string }[];
  droppedAssignments: { name: string; tasks: number; reason: string }[];
  inexact: Inexact[];
  /** Things to know that do not stop the restore ("members may get e-mail"). */
  warnings: string[];
  /** Non-empty: cannot run. */
  blockers: Blocker[];
  targetPlanTitle: string;
  targetGroupName: string;
  /** Goes into the references of comments and the folder of files. */
  restoreId: string;
  /** Snapshot tasks this is about. */
  taskIds: string[];
  /** Snapshot task id -> assignees it gets, for tasks that do not get all of theirs. */
  reducedAssignees: Record<string, string[]>;
  groupId: string;
  /** The live plan of an in-place restore; null: a plan is created. */
  planId: string | null;
  /** What was in the target before: never adopted and never swept. */
  existing: { planIds: string[]; bucketIds: string[]; taskIds: string[] };
  /** Id in the snapshot -> live id that an earlier in-place restore made for it (successors.ts). */
  successors: Record<string, string>;
}

export interface RestoreReport {
  verdict: "exact" | "different" | "incomplete" | "cancelled";
  finishedAt: string;
  planId: string | null;
  /** Read back and compared: fields equal to the snapshot. */
  itemsExact: number;
  itemsDifferent: { label: string; source: string; fields: { field: string; wanted: string | null; found: string | null }[] }[];
  failed: { seq: number; label: string; reason: string }[];
  skipped: { seq: number; label: string; reason: string }[];
  created: { kind: "plan" | "bucket" | "task" | "comment" | "file" | "member"; source: string; id: string; label: string }[];
  changed: { kind: string; id: string; label: string }[];
  inexact: Inexact[];
  /** Outcomes that could not be proven, e.g. a comment that may be there twice. */
  uncertain: string[];
  requests: number;
}
