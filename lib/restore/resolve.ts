import { decodeReferenceKey, encodeReferenceKey } from "@/lib/planner";
import type { GraphObject } from "@/lib/planner/types";
import type { Intent } from "./journal";
import { isRef } from "./plan/draft";
import type { Operation, OperationBodies, Ref } from "./types";

/** Values that earlier operations gave; null: the operation ended without one. */
export class Results {
  constructor(private readonly intents: ReadonlyMap<number, Intent>) {}

  of(value: string | Ref): string | null {
    return typeof value === "string" ? value : (this.intents.get(value.$ref)?.remoteId ?? null);
  }

  /** A Graph body with every Ref replaced. Operations only run when what they need is there. */
  body(body: GraphObject): GraphObject {
    return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, isRef(value) ? this.of(value) : value]));
  }

  /** Id of the object an operation works on or has created. */
  target(operation: Operation): string {
    const id = operation.liveId ?? this.of(operation.on ?? { $ref: operation.seq, field: "id" });
    if (id === null) throw new Error(`operation ${operation.seq} has no target`);
    return id;
  }

  isDone(seq: number): boolean {
    return this.intents.get(seq)?.state === "done";
  }

  failed(seq: number): boolean {
    const state = this.intents.get(seq)?.state;
    return state === "failed" || state === "skipped";
  }
}

/** A task's body, without the people who could not be made members. Says who was left out. `least`: as if none could. */
export function taskBody(operation: Operation, operations: readonly Operation[], results: Results, least = false): { body: GraphObject; leftOut: number } {
  const body = results.body(operation.body);
  const refused = new Set((operation.afterSettled ?? []).filter((seq) => operations[seq]?.kind === "add_member" && (least || results.failed(seq))).map((seq) => operations[seq]?.source));
  const assignments = body.assignments as Record<string, unknown> | undefined;
  if (refused.size === 0 || !assignments) return { body, leftOut: 0 };
  const kept = Object.fromEntries(Object.entries(assignments).filter(([id, value]) => value === null || !refused.has(id)));
  const leftOut = Object.keys(assignments).length - Object.keys(kept).length;
  if (Object.keys(kept).length > 0) return { body: { ...body, assignments: kept }, leftOut };
  const rest = { ...body };
  delete rest.assignments;
  return { body: rest, leftOut };
}

/** A task details' body: reference keys are made of addresses that are known by now. `least`: without those of uploads. */
export function detailsBody(operation: Operation, results: Results, least = false): { body: GraphObject; leftOut: number } {
  const { fields, references = [], removeReferences = [] } = operation.body as OperationBodies["update_task_details"];
  let leftOut = 0;
  const entries: [string, GraphObject | null][] = [];
  const kept = new Set<string>();
  for (const { url, otherwise, value } of references) {
    const known = results.of(url);
    if (known === null) leftOut += 1;
    // An old address is only removed when the file's new one takes its place.
    if (otherwise !== undefined && (least || known === null)) kept.add(otherwise);
    const address = known ?? otherwise;
    if (address !== undefined && !(least && typeof url !== "string")) entries.push([encodeReferenceKey(address), value]);
  }
  for (const key of removeReferences) if (!kept.has(decodeReferenceKey(key))) entries.unshift([key, null]);
  return { body: { ...fields, ...(entries.length > 0 ? { references: Object.fromEntries(entries) } : {}) }, leftOut };
}
