import type { FieldKey } from "@/lib/planner/diff";
import type { GraphObject } from "@/lib/planner/types";

/** What a restore is asked to do, what it would do, and what it did. Plain JSON: stored sealed, shown in the web. */

export interface RestoreRequest {
  /** "all" or the ids of the chosen tasks of the snapshot. */
  tasks: "all" | string[];
  /** Whole buckets beside `tasks`: the bucket itself and every task that the snapshot has in it. */
  buckets?: string[];
  /** In place: task id -> the only fields that are set back; tasks that are not named get all of theirs back. */
  fields?: Record<string, FieldKey[]>;
  target:
    /** A new plan, in the same group or another one. Touches nothing that exists. The default. */
    | { kind: "new_plan"; groupId: string; title: string }
    /**
     * The plan the snapshot was taken of: recreate what is gone, revert what changed. What is new since the snapshot stays, or
     * (only with the whole plan) is removed.
     */
    | { kind: "in_place"; added?: "keep" | "remove" }
    /** Another plan that exists: everything chosen is created in it; what is there is not touched, but for unnamed labels. */
    | { kind: "existing_plan"; groupId: string; planId: string }
    /** A new plan in a group that is made for it (again). */
    | { kind: "new_group"; name: string; mailNickname: string; visibility: "Private" | "Public"; title: string };
  /** Person of the snapshot -> id or user principal name of a person of the target's directory; null: nobody. Who is not named is matched. */
  people?: Record<string, string | null>;
  /** What becomes of an assignment that finds nobody: left out, or named in the task's notes. Default "drop". */
  unmatched?: "drop" | "text";
  /** Assignees who are not members of the target group are added as members; else their assignment is dropped. */
  addMembers: boolean;
  /** One quoted comment each; one comment with all of them; in the task's notes; or left out. */
  comments: "quoted" | "summary" | "notes" | "none";
  /** In place with `added: "remove"`: only what this restore created is removed, only what it changed is set back. */
  undoOf?: string;
  /** A drill: its plan goes again. Nobody is assigned, because Planner would tell them, and no file is uploaded, because it would stay. */
  drill?: true;
}

export type OperationKind =
  | "create_group"
  | "add_owner"
  | "add_member"
  | "unarchive_plan"
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
  | "post_comment"
  /** Beta, after everything else of the task. */
  | "set_recurrence"
  | "delete_task"
  | "delete_bucket"
  | "archive_plan";

/** How a person of the snapshot was found in the target's directory. */
export interface PersonMatch {
  source: { id: string; name: string; userPrincipalName: string | null };
  target: { id: string; name: string; userPrincipalName: string | null } | null;
  /** "chosen" by a person; "ambiguous": several fit and none was taken. */
  by: "id" | "userPrincipalName" | "mail" | "name" | "chosen" | "ambiguous" | "none";
  tasks: number;
}

/** What is different from the preview that was reviewed, when the target moved before the restore began. */
export interface PlanDifference {
  /** Labels of operations. */
  added: string[];
  removed: string[];
  /** Same operation, other fields. */
  changed: { label: string; changes: Operation["changes"] }[];
}

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
  /** Where another operation changes the etag before, that of the same object or taking the plan out of the archive: what that was which is changed or deleted. */
  was?: GraphObject;
  /** Microsoft's beta interface; default v1.0. */
  version?: "beta";
  /** JSON body; values may be Refs. Shapes: OperationBodies. */
  body: Record<string, unknown>;
}

/** What `body` holds for each kind. Where it says GraphObject, it is sent to Graph as it is, Refs resolved. */
export interface OperationBodies {
  create_group: { uniqueName: string; displayName: string; description: string | null; mailNickname: string; visibility: "Private" | "Public" };
  add_owner: { groupId: string | Ref; userId: string };
  add_member: { groupId: string | Ref; userId: string };
  unarchive_plan: { justification: string };
  create_plan: { groupId: string | Ref; title: string };
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
  upload_file: { groupId: string | Ref; path: string; size: number; fileId: string };
  /** Without threadId: starts the task's conversation. `reference` is visible in the text and finds it again. */
  post_comment: { groupId: string | Ref; topic: string; html: string; reference: string; threadId?: string | Ref };
  set_recurrence: { recurrence: GraphObject };
  delete_task: Record<string, never>;
  delete_bucket: Record<string, never>;
  archive_plan: { justification: string };
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
  /** People of the snapshot and who they are in the target; only those who are assigned. */
  people: PersonMatch[];
  /** Who could be chosen instead: members of the target group and who else fits, at most 500. Not part of what a person confirms. */
  candidates?: PersonMatch["source"][];
  /** Set when the target moved after an earlier preview: what is different from that one. */
  difference?: PlanDifference;
  /** Snapshot tasks this is about. */
  taskIds: string[];
  /** Snapshot task id -> people of the target that it gets, for tasks whose people are not the snapshot's. */
  reducedAssignees: Record<string, string[]>;
  /** Task id -> fields that stay as they are in the target: not chosen, or not to be set back. */
  left: Record<string, FieldKey[]>;
  /** Empty when the group is created: its id is the result of create_group. */
  groupId: string;
  /** The live plan that is restored in place or into; null: a plan is created. */
  planId: string | null;
  /** Microsoft's beta interface is used, and compared with when the target is read back. */
  extras: boolean;
  /** What was in the target before: never adopted and never swept. */
  existing: { planIds: string[]; bucketIds: string[]; taskIds: string[] };
  /** What stands for originals that are gone, made by earlier restores in place (Successors). */
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
  created: { kind: "group" | "plan" | "bucket" | "task" | "comment" | "file" | "member"; source: string; id: string; label: string }[];
  changed: { kind: string; id: string; label: string }[];
  removed: { kind: "task" | "bucket"; id: string; label: string }[];
  inexact: Inexact[];
  /** Outcomes that could not be proven, e.g. a comment that may be there twice. */
  uncertain: string[];
  /** Doubles that a late request of a stalled worker had made and that were removed afterwards. */
  swept?: { kind: "plan" | "bucket" | "task"; id: string }[];
  requests: number;
}
