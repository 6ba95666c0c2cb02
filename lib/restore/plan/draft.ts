import { holdText } from "@/lib/repository/packed";
import type { Inexact, Operation, OperationBodies, OperationKind, Ref } from "../types";

export type NewOperation<K extends OperationKind> = Omit<Operation, "seq" | "kind" | "after" | "body" | "changes"> & {
  body: OperationBodies[K];
  after?: (number | null | undefined)[];
  changes?: Operation["changes"];
};

/** Bodies of tasks are asked for often, those of details are the largest. */
const AS_TEXT: ReadonlySet<OperationKind> = new Set<OperationKind>(["create_task", "update_task"]);
const held = (operation: Operation, ...keys: (keyof Operation)[]): Operation =>
  holdText(operation, AS_TEXT.has(operation.kind) ? [...keys, "body"] : keys, operation.kind === "update_task_details" ? ["body"] : []);

/** Most of a large restore plan is words for a person, and what tasks are made of: they are held as text. */
export const heldSmall = (operation: Operation): Operation => held(operation, "changes");

/** What is held where nobody reads the words. */
export const heldSilent = (operation: Operation): Operation => held({ ...operation, changes: [] });

/** Collects operations; every operation gets a higher number than those it waits for. */
export class Draft {
  readonly operations: Operation[] = [];
  readonly warnings: string[] = [];
  /** An operation that everything after it waits for. */
  first: number | null = null;

  add<K extends OperationKind>(kind: K, operation: NewOperation<K>): number {
    const seq = this.operations.length;
    const { after, changes, body, afterSettled, ...rest } = operation;
    const clean = (list: (number | null | undefined)[] | undefined) => [...new Set((list ?? []).filter((one): one is number => typeof one === "number"))].sort((a, b) => a - b);
    const settled = clean(afterSettled);
    this.operations.push(heldSmall({
      seq, kind, after: clean([...(after ?? []), this.first]), ...(settled.length > 0 ? { afterSettled: settled } : {}), ...rest,
      changes: changes ?? [], body: body as Record<string, unknown>,
    }));
    return seq;
  }

  counts(): Partial<Record<OperationKind, number>> {
    const counts: Partial<Record<OperationKind, number>> = {};
    for (const { kind } of this.operations) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

export const ref = (seq: number, field: Ref["field"] = "id"): Ref => ({ $ref: seq, field });

export function isRef(value: unknown): value is Ref {
  return typeof value === "object" && value !== null && typeof (value as Ref).$ref === "number";
}

/** An object that exists (by id) or will exist (by the operation that creates it). */
export type Place = { id: string; seq: null } | { id: Ref; seq: number };
export const existing = (id: string): Place => ({ id, seq: null });
export const created = (seq: number): Place => ({ id: ref(seq), seq });
/** How an operation names the object it works on. */
export const target = (place: Place): { liveId: string } | { on: Ref } => (place.seq === null ? { liveId: place.id } : { on: place.id });

/** An operation of a kind, with its body. */
export type OperationOf<K extends OperationKind> = Operation & { kind: K; body: OperationBodies[K] };
export const isOf = <K extends OperationKind>(kind: K) => (operation: Operation): operation is OperationOf<K> => operation.kind === kind;

export const inexact = (field: string, items: number, instead: string): Inexact[] => (items > 0 ? [{ field, items, instead }] : []);
