/**
 * The journal of a restore: one intent for each operation of the plan, durable, written before its request is sent. It is
 * what makes a restore safe to kill: whoever carries on knows what was done, what was not begun, and what nobody knows.
 *
 *   pending  --begin-->  inflight  --done-->     done      the object exists; remoteId names it
 *                                  --unknown-->  unknown   it may or may not exist; parked until looked for
 *                                  --failed-->   failed    certainly not done; problem says why
 *   unknown  --done (adopted) | begin (proven absent, or harmless to repeat) | failed-->
 *   pending | inflight | unknown --skipped-->  skipped   nothing was sent, or what is there is left as it is; problem says why
 *
 * What an implementation must do:
 * - `open` makes one `pending` row for each operation in one transaction, unless there are rows. If there are, this is a
 *   take-over: every `inflight` becomes `unknown` with lastAttemptEnd = now, before anything else is read.
 * - Every method but `claimed` first checks, in the same transaction as its write, that the lease epoch it was made for is
 *   still the restore's; if not it throws PlanbackError `lease_lost` and writes nothing. `begin` must also see to it that the
 *   lease outlives a request's time limit, or throw `lease_lost`.
 * - A remoteId is held by one intent at most, of whatever restore; `done` with an id that another one holds throws `conflict`.
 * - When a method resolves, what it wrote survives a crash.
 */
import { PlanbackError } from "@/lib/errors";
import type { Operation, OperationKind } from "./types";

export type IntentState = "pending" | "inflight" | "unknown" | "done" | "failed" | "skipped";

export interface Intent {
  seq: number;
  kind: OperationKind;
  state: IntentState;
  /** How often the request was begun. */
  attempt: number;
  /** When the last attempt ended without a known outcome (ms since the epoch). */
  lastAttemptEnd: number | null;
  /**
   * Microsoft's id of what was created: plan, bucket or task id; for a file its web address; for the comment that starts a
   * conversation the thread's id. null for everything else.
   */
  remoteId: string | null;
  etag: string | null;
  /** Why it failed or was skipped, for a person. On `done`: what could not be proven or was left out. */
  problem: string | null;
}

export interface Journal {
  /** All intents by seq, and when the restore was first started (ms); that moment never changes. */
  open(operations: readonly Operation[]): Promise<{ intents: Intent[]; startedAt: number }>;
  /** Before a request is sent: `pending` or `unknown` -> `inflight`, attempt + 1. */
  begin(seq: number): Promise<void>;
  done(seq: number, result: { remoteId: string | null; etag: string | null; problem?: string | null }): Promise<void>;
  /** `at`: the end of the attempt (ms). */
  unknown(seq: number, at: number): Promise<void>;
  failed(seq: number, problem: string): Promise<void>;
  skipped(seq: number, problem: string): Promise<void>;
  /** Back to `pending` after an answer that proves that nothing was applied and that may be tried again. */
  postponed(seq: number): Promise<void>;
  /** Which of these Microsoft ids are held by any restore, of whatever workspace: such objects are never adopted or swept. */
  claimed(remoteIds: readonly string[]): Promise<Set<string>>;
}

/** The rows of a journal that lives in memory. Several journals may share them, as workers share a database. */
export interface JournalRows {
  epoch: number;
  startedAt: number | null;
  intents: Map<number, Intent>;
}

export const newJournalRows = (): JournalRows => ({ epoch: 0, startedAt: null, intents: new Map() });

/**
 * A person lets the restore go on. What failed or was skipped is tried again; what comes only then stands on no board where
 * it belongs, and the plan may be in the archive: these are looked at again.
 */
export const REOPENED = { states: ["failed", "skipped"], kinds: ["update_board_format", "archive_plan"] } as const satisfies { states: IntentState[]; kinds: OperationKind[] };

/** For tests: what a person does who lets a restore go on. */
export function reopen({ intents }: JournalRows): void {
  const has = (list: readonly string[], one: string) => list.includes(one);
  for (const intent of intents.values()) {
    if (has(REOPENED.states, intent.state) || (intent.state === "done" && has(REOPENED.kinds, intent.kind))) Object.assign(intent, { state: "pending", problem: null });
  }
}

/** For tests. Making one takes the lease: every older one throws `lease_lost` from then on. */
export class MemoryJournal implements Journal {
  private readonly epoch: number;

  constructor(
    private readonly rows: JournalRows,
    private readonly now: () => number,
  ) {
    rows.epoch += 1;
    this.epoch = rows.epoch;
  }

  async open(operations: readonly Operation[]): Promise<{ intents: Intent[]; startedAt: number }> {
    this.fence();
    this.rows.startedAt ??= this.now();
    for (const { seq, kind } of operations) {
      const known = this.rows.intents.get(seq);
      if (!known) this.rows.intents.set(seq, { seq, kind, state: "pending", attempt: 0, lastAttemptEnd: null, remoteId: null, etag: null, problem: null });
      else if (known.state === "inflight") Object.assign(known, { state: "unknown", lastAttemptEnd: this.now() });
    }
    return { intents: [...this.rows.intents.values()].map((intent) => ({ ...intent })), startedAt: this.rows.startedAt };
  }

  async begin(seq: number): Promise<void> {
    this.change(seq, ["pending", "unknown"], { state: "inflight", attempt: (this.rows.intents.get(seq)?.attempt ?? 0) + 1 });
  }

  async done(seq: number, result: { remoteId: string | null; etag: string | null; problem?: string | null }): Promise<void> {
    const holder = result.remoteId === null ? undefined : [...this.rows.intents.values()].find((one) => one.seq !== seq && one.remoteId === result.remoteId);
    if (holder) throw new PlanbackError("conflict", "Another operation of this restore already holds that object. Nothing was written.");
    this.change(seq, ["inflight", "unknown"], { state: "done", remoteId: result.remoteId, etag: result.etag, problem: result.problem ?? null });
  }

  async unknown(seq: number, at: number): Promise<void> {
    this.change(seq, ["inflight"], { state: "unknown", lastAttemptEnd: at });
  }

  async failed(seq: number, problem: string): Promise<void> {
    this.change(seq, ["inflight", "unknown"], { state: "failed", problem });
  }

  async skipped(seq: number, problem: string): Promise<void> {
    this.change(seq, ["pending", "inflight", "unknown"], { state: "skipped", problem });
  }

  async postponed(seq: number): Promise<void> {
    this.change(seq, ["inflight"], { state: "pending" });
  }

  async claimed(remoteIds: readonly string[]): Promise<Set<string>> {
    const held = new Set([...this.rows.intents.values()].flatMap(({ remoteId }) => remoteId ?? []));
    return new Set(remoteIds.filter((id) => held.has(id)));
  }

  private fence(): void {
    if (this.rows.epoch !== this.epoch) throw new PlanbackError("lease_lost", "Another worker has taken over this restore.");
  }

  private change(seq: number, from: IntentState[], change: Partial<Intent>): void {
    this.fence();
    const intent = this.rows.intents.get(seq);
    if (!intent || !from.includes(intent.state)) throw new PlanbackError("internal", `Intent ${seq} is ${intent?.state ?? "absent"}.`);
    Object.assign(intent, change);
  }
}
