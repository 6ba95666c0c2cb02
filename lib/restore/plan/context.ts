import type { FieldKey } from "@/lib/planner";
import type { Gap, Person, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import type { AccountFacts, LiveTarget } from "../live";
import type { Successors } from "../successors";
import type { RestoreRequest } from "../types";
import type { UndoFacts } from "../undo";
import type { Choice } from "./choice";
import type { Draft, Place } from "./draft";
import type { Labels } from "./labels";
import type { Assignees } from "./people";

export interface RestorePlanInput {
  snapshot: SnapshotContent;
  /** What the snapshot does not hold, and why. */
  gaps?: readonly Gap[];
  /** null: the target group does not exist or cannot be read. */
  live: LiveTarget | null;
  request: RestoreRequest;
  account: AccountFacts;
  /** People of the target's directory that may be somebody of the snapshot (readLiveTarget). */
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
export interface Planning extends Omit<RestorePlanInput, "live" | "extras"> {
  live: LiveTarget;
  extras: boolean;
  draft: Draft;
  choice: Choice;
  /** The target group: it exists, or it is created. */
  group: Place;
  labels: Labels;
  assignees: Assignees;
  /** Chosen tasks, in the order of the list. */
  chosen: TaskRecord[];
  /** The chosen tasks as they will be: with the target's people and labels, and fields that are not taken as they are now. */
  wanted: Map<string, TaskRecord>;
  /** Where snapshot ids are in the target, existing or to be created. */
  buckets: Map<string, Place>;
  tasks: Map<string, Place>;
  /** Chosen tasks that are created. */
  created: Set<string>;
  /** Fields of existing tasks that could not be set back. */
  impossible: Map<string, FieldKey[]>;
}
