/** One request as the simulator saw it; items of a $batch have their own entries that name their batch. */
export interface LoggedRequest {
  seq: number;
  /** ISO time by the wall clock. */
  at: string;
  method: string;
  path: string;
  /** Route template of Graph, e.g. "/planner/tasks/{id}"; null elsewhere. */
  template: string | null;
  /** null: the connection was dropped. */
  status: number | null;
  ms: number;
  /** Number of items, when this is a $batch. */
  batchSize: number | null;
  /** seq of the $batch this item came in. */
  inBatch: number | null;
  fault: string | null;
}

export interface RequestLog {
  reserve(): number;
  /** `at` in ms; written as ISO time when somebody reads the log. */
  add(entry: Omit<LoggedRequest, "at"> & { at: number }): void;
  entries(): readonly LoggedRequest[];
  clear(): void;
}

const KEEP = 100_000;

export function createRequestLog(): RequestLog {
  let entries: (Omit<LoggedRequest, "at"> & { at: number })[] = [];
  let seq = 0;
  return {
    reserve: () => ++seq,
    add(entry) {
      entries.push(entry);
      if (entries.length > 2 * KEEP) entries = entries.slice(-KEEP);
    },
    entries: () => entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
    clear() {
      entries = [];
    },
  };
}
