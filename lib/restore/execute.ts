/**
 * Carries out a restore plan so that it can be killed anywhere and carried on by anyone, with nothing twice and nothing lost.
 *
 *   loop: start what is ready (its predecessors are done), a few at a time
 *           journal "inflight" -> send -> journal the outcome
 *           a create whose outcome is unknown is parked with everything that waits for it
 *         nothing ready, nothing running, something parked:
 *           wait until the settle time has passed since the end of the attempt
 *           look for it; found: adopt it. Absent in two listings 30 s apart: send it again
 *
 * What this does not give: a request that left a stalled worker after its lease was lost can still arrive. The sweep
 * (sweep.ts) removes what it made. docs/restore.md tells the whole protocol.
 */
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { ExecuteInput, Execution, RestoreProgress } from "./execution";
import type { Intent } from "./journal";
import { lookFor, type Looking } from "./reconcile";
import { Results } from "./resolve";
import { isCreate, send } from "./send";
import type { Operation } from "./types";

const BETWEEN_LISTINGS_MS = 30_000;
const MOST_ATTEMPTS = 5;
/** Limits of a container or the account: the next create of the kind would be refused as well. */
const STOPPING_LIMITS = /^Maximum(Projects|PlannerPlans|TasksInProject|ActiveTasksInProject|BucketsInProject|TasksCreatedByUser)/;
const FATAL = ["lease_lost", "needs_sign_in", "consent_missing", "database_unavailable", "internal"] as const;

/**
 * Runs until everything has ended. Throws lease_lost at once, and needs_sign_in, consent_missing, database_unavailable when
 * nothing more can be done now: run it again on the same journal to carry on.
 */
export async function executeRestore(input: ExecuteInput): Promise<Execution> {
  if (input.plan.blockers.length > 0) throw new PlanbackError("conflict", "This restore is blocked. Make a new preview after mending what it names; nothing was changed.");
  const { intents, startedAt } = await input.journal.open(input.plan.operations);
  return new Executor(input, new Map(intents.map((intent) => [intent.seq, intent])), startedAt).run();
}

class Executor {
  private readonly results: Results;
  private readonly running = new Map<number, Promise<void>>();
  /** Operations that may not start before this moment. */
  private readonly notBefore = new Map<number, number>();
  /** Attempts of this run: those of a worker that was killed say nothing about Microsoft 365. */
  private readonly tries = new Map<number, number>();
  /** Parked creates that were proven absent. */
  private readonly absent = new Set<number>();
  private readonly stopped = new Map<Operation["kind"], string>();
  private fatal: unknown = null;
  private limit: string | null = null;

  constructor(
    private readonly input: ExecuteInput,
    private readonly intents: Map<number, Intent>,
    private readonly startedAt: number,
  ) {
    this.results = new Results(intents);
  }

  async run(): Promise<Execution> {
    for (;;) {
      if (this.fatal !== null) break;
      if (this.input.signal?.aborted) break;
      await this.skipHopeless();
      this.startReady();
      if (this.running.size > 0) await Promise.race(this.running.values());
      else if (!(await this.waitOrLook())) break;
    }
    await Promise.all(this.running.values());
    if (this.fatal !== null) throw this.fatal;
    const reason: unknown = this.input.signal?.reason;
    // Not a person: the worker is to stop. What is pending stays pending for the next one.
    if (reason instanceof PlanbackError && !isPlanbackError(reason, "cancelled")) throw reason;
    const cancelled = this.input.signal?.aborted === true && this.open().length > 0;
    if (cancelled) await this.closeCancelled();
    return { state: cancelled ? "cancelled" : "finished", limit: this.limit };
  }

  private intent(seq: number): Intent {
    const intent = this.intents.get(seq);
    if (!intent) throw new PlanbackError("internal", `The journal has no intent ${seq}.`);
    return intent;
  }

  private state(seq: number): Intent["state"] {
    return this.intent(seq).state;
  }

  private open(): Operation[] {
    return this.input.plan.operations.filter(({ seq }) => ["pending", "unknown", "inflight"].includes(this.state(seq)));
  }

  private parked(): Operation[] {
    return this.open().filter((operation) => isCreate(operation) && this.state(operation.seq) === "unknown" && !this.absent.has(operation.seq));
  }

  private startable(): Operation[] {
    const parked = new Set(this.parked());
    const over = (seq: number) => ["done", "failed", "skipped"].includes(this.state(seq));
    return this.open().filter((operation) => !this.running.has(operation.seq) && !parked.has(operation)
      && operation.after.every((seq) => this.state(seq) === "done") && (operation.afterSettled ?? []).every(over));
  }

  private startReady(): void {
    const now = this.input.clock.now();
    for (const operation of this.startable()) {
      if (this.running.size >= (this.input.concurrency ?? 4)) return;
      if ((this.notBefore.get(operation.seq) ?? 0) > now) continue;
      const work = this.perform(operation).catch((error: unknown) => {
        this.fatal ??= error;
      }).finally(() => this.running.delete(operation.seq));
      this.running.set(operation.seq, work);
    }
  }

  /** What waits for something that failed will never run. */
  private async skipHopeless(): Promise<void> {
    for (const operation of this.input.plan.operations) {
      const { seq, kind } = operation;
      if (!["pending", "unknown"].includes(this.state(seq)) || this.running.has(seq)) continue;
      const cause = operation.after.find((before) => this.results.failed(before));
      const reason = cause !== undefined ? `Not done, because this failed before: ${this.input.plan.operations[cause]?.label ?? ""}` : this.stopped.get(kind);
      if (reason === undefined || (cause === undefined && this.state(seq) === "unknown" && !this.absent.has(seq))) continue;
      await this.input.journal.skipped(seq, reason);
      Object.assign(this.intent(seq), { state: "skipped", problem: reason });
    }
  }

  private async perform(operation: Operation): Promise<void> {
    const { journal, clock, graph, plan, repository } = this.input;
    const intent = this.intent(operation.seq);
    const resent = operation.kind === "post_comment" && intent.attempt > 0;
    await journal.begin(operation.seq);
    Object.assign(intent, { state: "inflight", attempt: intent.attempt + 1 });
    this.tries.set(operation.seq, (this.tries.get(operation.seq) ?? 0) + 1);
    this.absent.delete(operation.seq);
    const outcome = await send({ graph, plan, results: this.results, repository, attempts: intent.attempt - 1 }, operation);
    if (outcome.kind === "done") {
      const problem = outcome.problem ?? (resent ? "It was sent again after an unclear answer and may be there twice." : null);
      await this.finish(operation.seq, { ...outcome, problem });
    } else if (outcome.kind === "unknown") {
      await this.park(operation, outcome.error, clock.now());
    } else await this.refused(operation, outcome.error);
    this.report();
  }

  private async finish(seq: number, result: { remoteId: string | null; etag: string | null; problem?: string | null }): Promise<void> {
    await this.input.journal.done(seq, result);
    Object.assign(this.intent(seq), { state: "done", remoteId: result.remoteId, etag: result.etag, problem: result.problem ?? null });
  }

  /** Unknown: a create waits to be looked for; anything else is tried again, which reads before it writes. */
  private async park(operation: Operation, error: Error, at: number): Promise<void> {
    const intent = this.intent(operation.seq);
    await this.input.journal.unknown(operation.seq, at);
    Object.assign(intent, { state: "unknown", lastAttemptEnd: at });
    if (isCreate(operation)) return;
    if (this.triesOf(operation) >= MOST_ATTEMPTS) await this.fail(operation, error);
    else this.delay(operation);
  }

  private async refused(operation: Operation, error: Error): Promise<void> {
    const intent = this.intent(operation.seq);
    const later = this.triesOf(operation) < MOST_ATTEMPTS && this.mayTryAgain(operation, error);
    const fatal = isPlanbackError(error, ...FATAL);
    if (!later && !fatal) {
      if (isPlanbackError(error, "graph_limit") && STOPPING_LIMITS.test(String(error.facts.code ?? ""))) {
        this.stopped.set(operation.kind, `Not begun, because of a limit: ${error.message}`);
        this.limit ??= error.message;
      }
      return this.fail(operation, error);
    }
    await this.input.journal.postponed(operation.seq);
    Object.assign(intent, { state: "pending" });
    if (fatal) throw error;
    this.delay(operation);
  }

  /** New objects and memberships take a while to be known everywhere in Microsoft 365. */
  private mayTryAgain(operation: Operation, error: Error): boolean {
    if (isPlanbackError(error, "graph_unavailable", "storage_unavailable")) return true;
    if (isPlanbackError(error, "graph_not_found")) return operation.liveId === undefined;
    const joined = (operation.afterSettled ?? []).some((seq) => this.input.plan.operations[seq]?.kind === "add_member");
    return joined && isPlanbackError(error, "graph_forbidden", "graph_rejected");
  }

  private async fail(operation: Operation, error: Error): Promise<void> {
    await this.input.journal.failed(operation.seq, error.message);
    Object.assign(this.intent(operation.seq), { state: "failed", problem: error.message });
  }

  private triesOf({ seq }: Operation): number {
    return this.tries.get(seq) ?? 0;
  }

  private delay(operation: Operation): void {
    this.notBefore.set(operation.seq, this.input.clock.now() + Math.min(60_000, 2_000 * 2 ** this.triesOf(operation)));
  }

  /** Nothing runs. Waits for what was postponed, else looks for what is parked. False: all is over. */
  private async waitOrLook(): Promise<boolean> {
    const startable = this.startable();
    if (startable.length > 0) {
      const until = Math.min(...startable.map(({ seq }) => this.notBefore.get(seq) ?? 0));
      await this.wait(until, "Microsoft 365 did not answer well; trying again");
      return true;
    }
    const parked = this.parked();
    if (parked.length === 0) {
      await this.skipHopeless();
      return this.open().length > 0 && this.startable().length > 0;
    }
    const settled = Math.max(...parked.map(({ seq }) => this.intent(seq).lastAttemptEnd ?? 0)) + (this.input.settleMs ?? 120_000);
    await this.wait(settled, "Microsoft 365 did not say whether something was created; waiting until it can be looked up safely");
    if (this.input.signal?.aborted) return true;
    await this.look(parked);
    return true;
  }

  private async look(parked: Operation[]): Promise<void> {
    const first = await this.adopt(parked);
    if (first.length === 0) return;
    await this.wait(this.input.clock.now() + (this.input.betweenListingsMs ?? BETWEEN_LISTINGS_MS), "Looking a second time for what may have been created");
    if (this.input.signal?.aborted) return;
    for (const operation of await this.adopt(first)) this.absent.add(operation.seq);
  }

  /** Adopts what is found and returns the rest. A listing that fails is tried again, then ends in "cannot be proven". */
  private async adopt(parked: Operation[]): Promise<Operation[]> {
    const { graph, plan, journal, accountId, clock } = this.input;
    const looking: Looking = { graph, plan, journal, accountId, results: this.results, startedAt: this.startedAt };
    for (let tries = 1; ; tries += 1) {
      try {
        const found = await lookFor(looking, parked);
        for (const one of found) await this.finish(one.seq, one);
        this.report("looking");
        return parked.filter(({ seq }) => !found.some((one) => one.seq === seq));
      } catch (error) {
        if (!(error instanceof PlanbackError) || isPlanbackError(error, "cancelled", "conflict", ...FATAL)) throw error;
        if (tries >= MOST_ATTEMPTS || this.input.signal?.aborted) {
          for (const operation of parked) await this.fail(operation, new PlanbackError("graph_unknown_outcome", "It could not be found out whether this was created. It was not sent again."));
          return [];
        }
        await this.wait(clock.now() + 2_000 * 2 ** tries, "Microsoft 365 did not answer; looking again");
      }
    }
  }

  private async wait(until: number, reason: string): Promise<void> {
    const { clock, signal } = this.input;
    const ms = until - clock.now();
    if (ms <= 0) return;
    this.report("looking", { reason, until: new Date(until) });
    await clock.sleep(ms, signal).catch((error: unknown) => {
      if (!isPlanbackError(error, "cancelled")) throw error;
    });
    this.report();
  }

  /** The person cancelled: what is parked is looked for once, what was not begun is not begun. */
  private async closeCancelled(): Promise<void> {
    const parked = this.parked();
    if (parked.length > 0) await this.adopt(parked);
    for (const { seq } of this.open()) {
      if (this.state(seq) !== "pending") continue;
      await this.input.journal.skipped(seq, "Cancelled before it was begun.");
      Object.assign(this.intent(seq), { state: "skipped" });
    }
  }

  private report(phase: RestoreProgress["phase"] = "restoring", waiting: RestoreProgress["waiting"] = null): void {
    const total = this.input.plan.operations.length;
    this.input.onProgress?.({ done: total - this.open().length, total, phase, waiting });
  }
}

