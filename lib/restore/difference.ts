/** The target moved after the preview was reviewed: what is different now, and nothing else. Pure. */
import { createHash } from "node:crypto";
import { type FieldKey, fieldName, type Steps, TASKS_IN_STEP } from "@/lib/planner";
import { isRef } from "./plan/draft";
import type { Operation, OperationBodies, PlanDifference, RestorePlan } from "./types";

const ORDER_FIELDS: readonly FieldKey[] = ["order", "bucketBoardOrder", "progressBoardOrder", "assignedToBoardOrder"];
const ORDER_NAMES = new Set(ORDER_FIELDS.map(fieldName));

/**
 * Compares what the operations do: the same kind of operation on the same thing, with the same body and the same values
 * before. Sequence numbers, etags and the neighbours between which something is put are not looked at. null: no difference.
 */
export function* differenceSteps(before: Deeds, now: RestorePlan): Steps<PlanDifference | null> {
  const after = yield* deedSteps(now);
  const changed = [...after].flatMap(([key, { label, seq, does }]) => {
    const was = before.get(key);
    return was && was.does !== does ? [{ label, changes: now.operations[seq]!.changes }] : [];
  });
  const missing = (from: Deeds, to: Deeds) => [...from].flatMap(([key, { label }]) => (to.has(key) ? [] : [label]));
  const difference = { added: missing(after, before), removed: missing(before, after), changed };
  return difference.added.length + difference.removed.length + difference.changed.length > 0 ? difference : null;
}

/** What a plan does, for comparison with another one: so much of a large plan can be held while the other is made. */
export type Deeds = ReadonlyMap<string, { label: string; seq: number; does: string }>;

export function* deedSteps({ operations }: RestorePlan): Steps<Deeds> {
  const times = new Map<string, number>();
  const names: string[] = [];
  for (const [index, operation] of operations.entries()) {
    if (index % TASKS_IN_STEP === 0) yield;
    const { kind, source, liveId, body } = operation;
    const name = JSON.stringify([kind, source, liveId ?? null, body.reference ?? body.path ?? body.board ?? body.userId ?? null]);
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    names.push(`${name} ${time}`);
  }
  const digest = (text: string) => createHash("sha256").update(text).digest("base64");
  const deeds = new Map<string, { label: string; seq: number; does: string }>();
  for (const [seq, operation] of operations.entries()) {
    if (seq % TASKS_IN_STEP === 0) yield;
    deeds.set(digest(names[seq]!), { label: operation.label, seq, does: digest(doing(operation, names)) });
  }
  return deeds;
}

function doing({ kind, body, changes, version }: Operation, names: readonly string[]): string {
  const told = changes.map((change) => (ORDER_NAMES.has(change.field) ? change.field : change));
  const done = kind === "update_board_format" ? (body as OperationBodies["update_board_format"]).tasks.filter(({ move }) => move).map(({ id }) => id) : body;
  return JSON.stringify([told, version ?? null, done], (key, value: unknown) => {
    if (isRef(value)) return [names[value.$ref], value.field];
    return key === "orderHint" || key === "previewPriority" ? "*" : value;
  });
}
