import type { Person, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import type { Successors } from "../successors";
import type { AccountFacts, LiveTarget } from "../live";
import type { RestoreRequest } from "../types";
import type { UndoFacts } from "../undo";
import type { Draft, Place } from "./draft";
import type { Assignees } from "./people";

export interface RestorePlanInput {
  snapshot: SnapshotContent;
  /** null: the target group does not exist or cannot be read. */
  live: LiveTarget | null;
  request: RestoreRequest;
  account: AccountFacts;
  /** Assignees of the snapshot that exist in the target's directory. */
  people: Person[];
  /** Id of the restore: makes references of comments and the folder of files. */
  restoreId: string;
  /** The connection may use Microsoft's beta interface. */
  extras?: boolean;
  /** For a request with undoOf: what that restore did (undo.ts). */
  undo?: UndoFacts;
  /** Ids of the snapshot that were replaced before planning (successors.ts). */
  successors?: Successors;
}

/** What the parts of planning share. */
export interface Planning extends Omit<RestorePlanInput, "live"> {
  live: LiveTarget;
  draft: Draft;
  assignees: Assignees;
  /** Chosen tasks, in the order of the list. */
  chosen: TaskRecord[];
  /** The chosen tasks as they will be: assignees that cannot be assigned left out. */
  wanted: Map<string, TaskRecord>;
  /** Where snapshot ids are in the target, existing or to be created. */
  buckets: Map<string, Place>;
  tasks: Map<string, Place>;
  /** Chosen tasks that are created. */
  created: Set<string>;
}
