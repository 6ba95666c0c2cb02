/** Undo: what an earlier restore in place did, as a limit for the restore that takes it back. Pure. */
import { encodeReferenceKey, type FieldKey } from "@/lib/planner";
import type { GraphObject } from "@/lib/planner/types";
import type { Intent } from "./journal";
import { BOARD_FIELDS, DETAIL_FIELDS, TASK_FIELDS } from "./plan/fields";
import { Results } from "./resolve";
import type { Operation, OperationBodies, RestorePlan } from "./types";

export interface UndoFacts {
  /** Live ids that it created: only these are removed. */
  created: string[];
  /** Live task id -> fields that it changed; "all": it deleted the task. */
  tasks: Record<string, FieldKey[] | "all">;
  /** Buckets that it changed or deleted. */
  buckets: string[];
  /** Fields of the plan that it changed. */
  plan: FieldKey[];
  /** Live task id -> keys of checklist items and references that it wrote. */
  entries: Record<string, string[]>;
}

/** What a restore did, from its plan and its journal. What it only may have done counts as done. */
export function undoFactsOf(plan: RestorePlan, intents: readonly Intent[]): UndoFacts {
  const bySeq = new Map(intents.map((intent) => [intent.seq, intent]));
  const results = new Results(bySeq);
  const facts: UndoFacts = { created: [], tasks: {}, buckets: [], plan: [], entries: {} };
  for (const operation of plan.operations) {
    const intent = bySeq.get(operation.seq);
    if (!intent || intent.attempt === 0) continue;
    if (intent.remoteId !== null && ["create_bucket", "create_task"].includes(operation.kind)) facts.created.push(intent.remoteId);
    else note(facts, operation, results);
  }
  return facts;
}

function note(facts: UndoFacts, operation: Operation, results: Results): void {
  const { kind, liveId, body } = operation;
  if (kind === "update_board_format") {
    const { board, tasks } = body as OperationBodies["update_board_format"];
    for (const { id, move } of tasks) if (move && typeof id === "string") add(facts, id, [BOARD_FIELDS[board]]);
    return;
  }
  if (liveId === undefined) return;
  if (kind === "delete_task") facts.tasks[liveId] = "all";
  else if (kind === "update_bucket" || kind === "delete_bucket") facts.buckets.push(liveId);
  else if (kind === "update_plan") facts.plan.push("title");
  else if (kind === "update_plan_details") facts.plan.push("label");
  else if (kind === "archive_plan" || kind === "unarchive_plan") facts.plan.push("archived");
  else if (kind === "update_task" || kind === "set_recurrence") add(facts, liveId, fieldsIn(body, TASK_FIELDS));
  else if (kind === "update_task_details") noteDetails(facts, liveId, body as OperationBodies["update_task_details"], results);
}

function noteDetails(facts: UndoFacts, id: string, { fields, references, removeReferences }: OperationBodies["update_task_details"], results: Results): void {
  const addresses = (references ?? []).flatMap(({ url, otherwise }) => results.of(url) ?? otherwise ?? []);
  add(facts, id, [...fieldsIn(fields, DETAIL_FIELDS), ...(addresses.length > 0 || removeReferences?.length ? ["references" as const] : [])]);
  facts.entries[id] = [...(facts.entries[id] ?? []), ...Object.keys((fields.checklist as GraphObject | undefined) ?? {}), ...addresses.map(encodeReferenceKey)];
}

const fieldsIn = (body: GraphObject, names: Readonly<Record<string, FieldKey>>): FieldKey[] => Object.keys(body).flatMap((key) => names[key] ?? []);

function add(facts: UndoFacts, id: string, fields: FieldKey[]): void {
  const known = facts.tasks[id];
  if (known !== "all") facts.tasks[id] = [...new Set([...(known ?? []), ...fields])];
}
