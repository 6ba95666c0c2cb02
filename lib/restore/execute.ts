/**
 * Carries out a restore plan so that it can be killed anywhere and carried on by anyone, with nothing twice and nothing lost.
 *
 *   loop: start what is ready (schedule.ts), as many as the governor can use
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
import { Etags } from "./etags";
import type { ExecuteInput, Execution, RestoreProgress } from "./execution";
import type { Intent } from "./journal";
import { JUSTIFICATION } from "./plan/archive";
import { complete } from "./late";
import { lookFor, type Looking } from "./reconcile";
import { Results } from "./resolve";
import { type Ending, Schedule } from "./schedule";
import { detailsPath, isCreate, send, type Sending } from "./send";
import type { Operation } from "./types";

const BETWEEN_LISTINGS_MS = 30_000;
const MOST_ATTEMPTS = 5;
/** More than the governor lets out: some are at the journal while others are on the wire. */
const CONCURRENCY = 48;
/** Limits of a container or the account: the next create of the kind would be refused as well. */
const STOPPING_LIMITS = /^Maximum(Projects|PlannerPlans|TasksInProject|ActiveTasksInProject|BucketsInProject|TasksCreatedByUser)/;
/** What changes something in the plan. */
const IN_THE_PLAN: ReadonlySet<Operation["kind"]> = new Set<Operation["kind"]>([
  "update_plan", "update_plan_details", "create_bucket", "update_bucket", "create_task", "update_task", "update_task_details", "update_board_format", "set_recurrence", "delete_task", "delete_bucket", "add_member", "upload_file",
]);
const MAKES: ReadonlySet<Operation["kind"]> = new Set<Operation["kind"]>(["create_plan", "create_bucket", "create_task"]);
const FATAL = ["lease_lost", "needs_sign_in", "consent_missing", "database_unavailable", "keys_unavailable", "internal"] as const;

/**
 * Runs until everything has ended, or stays in doubt after every try. Throws lease_lost at once, and needs_sign_in,
 * consent_missing, database_unavailable, graph_unavailable when nothing more can be done now: run it again on the same
 * journal to carry on.
 */
export async function executeRestore(input: ExecuteInput): Promise<Execution> {
  if (input.plan.blockers.length > 0) throw new PlanbackError("conflict", "This restore is blocked. Make a new preview after mending what it names; nothing was changed.");
  const { intents, startedAt } = await input.journal.open(input.plan.operations);
  return new Executor(input, new Map(intents.map((intent) => [intent.seq, intent])), startedAt).run();
}

class Executor {
  private readonly results: Results;
  private readonly schedule: Schedule;
  private readonly shared: Omit<Sending, "attempts">;
  /** Creates that may or may not be there. */
  private readonly parked = new Set<Operation>();
  /** Attempts of this run: those of a worker that was killed say nothing about Microsoft 365. */
  private readonly tries = new Map<number, number>();
  private readonly stopped = new Map<Operation["kind"], string>();
  private running = 0;
  private open: number;
  /** Successes so far, and how many there were when an operation failed first: is it the operation or Microsoft 365? */
  private successes = 0;
  private readonly successesBefore = new Map<number, number>();
  private wake: () => void = () => undefined;
  /** While it is found out whether the plan is still there, nothing is started. */
  private checking: Promise<void> | null = null;
  private nextCheck = 0;
  private fatal: unknown = null;
  private limit: string | null = null;

  constructor(
    private readonly input: ExecuteInput,
    private readonly intents: Map<number, Intent>,
    private readonly startedAt: number,
  ) {
    const { graph, plan, repository } = input;
    this.results = new Results(intents);
    this.shared = { graph, plan, repository, results: this.results, etags: new Etags(graph), ahead: () => this.detailsAhead() };
    const isParked = (operation: Operation) => isCreate(operation) && this.intent(operation).state === "unknown";
    this.schedule = new Schedule(plan.operations, (operation) => endingOf(this.intent(operation)), isParked);
    for (const operation of plan.operations) if (isParked(operation)) this.parked.add(operation);
    this.open = plan.operations.filter((operation) => endingOf(this.intent(operation)) === null).length;
  }

  async run(): Promise<Execution> {
    await this.openArchive();
    while (this.fatal === null && !this.input.signal?.aborted) {
      await this.skipHopeless();
      if (!this.checking) this.startReady();
      if (this.running > 0) await this.oneEnds();
      else if (this.checking) await this.checking;
      else if (!(await this.waitOrLook())) break;
    }
    while (this.running > 0) await this.oneEnds();
    await this.checking;
    if (this.fatal !== null) throw this.fatal;
    const reason: unknown = this.input.signal?.reason;
    // Not a person: the worker is to stop. What is pending stays pending for the next one.
    if (reason instanceof PlanbackError && !isPlanbackError(reason, "cancelled")) throw reason;
    const cancelled = this.input.signal?.aborted === true && this.open > 0;
    // What was not begun stays pending, so that the restore can go on later; what is in doubt is looked for once.
    if (cancelled && this.parked.size > 0) await this.adopt([...this.parked]);
    return { state: cancelled ? "cancelled" : "finished", limit: this.limit };
  }

  private intent({ seq }: { seq: number }): Intent {
    const intent = this.intents.get(seq);
    if (!intent) throw new PlanbackError("internal", `The journal has no intent ${seq}.`);
    return intent;
  }

  /** Details of tasks that this restore created and will fill in next: their etags are in no answer yet. */
  private detailsAhead(): string[] {
    return this.schedule.next("update_task_details", 20).flatMap((operation) => (operation.ifMatch === undefined ? [detailsPath(this.results.target(operation))] : []));
  }

  private oneEnds(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private startReady(): void {
    const now = this.input.clock.now();
    while (this.running < (this.input.concurrency ?? CONCURRENCY)) {
      const operation = this.schedule.take(now);
      if (!operation) return;
      this.running += 1;
      void this.perform(operation).catch((error: unknown) => {
        this.fatal ??= error;
      }).finally(() => {
        this.running -= 1;
        this.schedule.free(operation);
        this.wake();
      });
    }
  }

  /** What waits for something that failed will never run. */
  private async skipHopeless(): Promise<void> {
    for (let lost = this.schedule.takeHopeless(); lost.length > 0; lost = this.schedule.takeHopeless()) {
      await Promise.all(lost.map(({ operation, reason }) => this.skip(operation, reason)));
    }
  }

  private async skip(operation: Operation, reason: string): Promise<void> {
    await this.input.journal.skipped(operation.seq, reason);
    this.over(operation, "skipped", { problem: reason });
  }

  private async perform(operation: Operation): Promise<void> {
    const { journal, clock } = this.input;
    if (MAKES.has(operation.kind) && this.input.madeSince?.has(operation.source)) return this.skip(operation, "Another restore has made this since. It was not made a second time.");
    const intent = this.intent(operation);
    const resent = operation.kind === "post_comment" && intent.lastAttemptEnd !== null;
    await journal.begin(operation.seq);
    Object.assign(intent, { state: "inflight", attempt: intent.attempt + 1 });
    this.tries.set(operation.seq, this.triesOf(operation) + 1);
    const outcome = await send({ ...this.shared, attempts: intent.attempt - 1 }, operation);
    if (outcome.kind === "done") {
      const problem = outcome.problem ?? (resent ? "It was sent again after an unclear answer and may be there twice." : null);
      await this.finish(operation, { ...outcome, problem });
    } else if (outcome.kind === "skipped") await this.skip(operation, outcome.reason);
    else if (outcome.kind === "unknown") await this.inDoubt(operation, outcome.error, clock.now());
    else await this.refused(operation, outcome.error, outcome.soon);
    this.report();
  }

  private async finish(operation: Operation, { remoteId, etag, problem = null }: { remoteId: string | null; etag: string | null; problem?: string | null }): Promise<void> {
    await this.input.journal.done(operation.seq, { remoteId, etag, problem });
    this.successes += 1;
    this.over(operation, "done", { remoteId, etag, problem });
  }

  private async fail(operation: Operation, error: Error): Promise<void> {
    await this.input.journal.failed(operation.seq, error.message);
    this.over(operation, "failed", { problem: error.message });
  }

  private over(operation: Operation, state: Ending, facts: Partial<Intent>): void {
    Object.assign(this.intent(operation), { state, ...facts });
    this.open -= 1;
    this.schedule.ended(operation, state);
  }

  /** Unknown: a create waits to be looked for; anything else is tried again, which reads before it writes. */
  private async inDoubt(operation: Operation, error: Error, at: number): Promise<void> {
    await this.input.journal.unknown(operation.seq, at);
    Object.assign(this.intent(operation), { state: "unknown", lastAttemptEnd: at });
    if (isCreate(operation)) this.parked.add(operation);
    else if (!this.isLastTry(operation, error)) this.later(operation);
  }

  private async refused(operation: Operation, error: Error, soon = false): Promise<void> {
    if (isPlanbackError(error, "graph_not_found", "graph_forbidden")) this.checkTarget();
    const fatal = isPlanbackError(error, ...FATAL);
    const later = !fatal && (soon || this.mayTryAgain(operation, error)) && !this.isLastTry(operation, error);
    if (!fatal && !later && this.fatal === null) {
      if (isPlanbackError(error, "graph_limit") && STOPPING_LIMITS.test(String(error.facts.code ?? ""))) this.stop(operation.kind, error.message);
      return this.fail(operation, error);
    }
    await this.input.journal.postponed(operation.seq);
    Object.assign(this.intent(operation), { state: "pending" });
    if (fatal) throw error;
    if (later) this.later(operation);
  }

  /** New objects and memberships take a while to be known everywhere in Microsoft 365. */
  private mayTryAgain(operation: Operation, error: Error): boolean {
    if (isPlanbackError(error, "graph_unavailable", "storage_unavailable")) return true;
    if (isPlanbackError(error, "graph_not_found")) return operation.liveId === undefined && operation.after.length > 0;
    const joined = (operation.afterSettled ?? []).some((seq) => this.input.plan.operations[seq]?.kind === "add_member");
    return joined && isPlanbackError(error, "graph_forbidden", "graph_rejected");
  }

  /** True when an operation is not tried again. If nothing else succeeded meanwhile, it is Microsoft 365 that is away: then the run ends here. */
  private isLastTry(operation: Operation, error: Error): boolean {
    const before = this.successesBefore.get(operation.seq) ?? this.successes;
    this.successesBefore.set(operation.seq, before);
    if (this.triesOf(operation) < MOST_ATTEMPTS) return false;
    if (this.successes === before && isPlanbackError(error, "graph_unavailable", "graph_unknown_outcome", "storage_unavailable")) this.fatal ??= away(error);
    return true;
  }

  private stop(kind: Operation["kind"], message: string): void {
    const reason = `Not begun, because of a limit: ${message}`;
    this.stopped.set(kind, reason);
    this.limit ??= message;
    this.schedule.stop((operation) => operation.kind === kind && this.intent(operation).state === "pending", reason);
  }

  /**
   * A refusal may concern one object or all of them: the plan was deleted, or the account is no longer a member. Then nothing
   * more is sent. New plans are not known everywhere at once, so the plan has to be missing twice.
   */
  private checkTarget(): void {
    const { graph, clock } = this.input;
    const planId = this.planId();
    if (!planId || this.checking || clock.now() < this.nextCheck) return;
    const missing = () => graph.plan(planId).then(() => null, (error: unknown) => {
      if (isPlanbackError(error, "graph_not_found", "graph_forbidden")) return error;
      if (isPlanbackError(error, ...FATAL)) throw error;
      return null;
    });
    const check = async () => {
      if (!(await missing())) return;
      await this.pause("The plan cannot be reached; looking a second time");
      const error = await missing();
      if (error) this.schedule.stop((operation) => this.isWaiting(operation), `Not begun, because the plan cannot be reached any more: ${error.message}`);
    };
    this.checking = check().catch((error: unknown) => {
      this.fatal ??= error;
    }).finally(() => {
      this.checking = null;
      this.nextCheck = clock.now() + BETWEEN_LISTINGS_MS;
    });
  }

  private planId(): string | null {
    const { plan } = this.input;
    const creation = plan.operations.find(({ kind }) => kind === "create_plan");
    return plan.planId ?? (creation ? this.intent(creation).remoteId : null);
  }

  /**
   * A restore that goes on may find its plan in the archive, where it can only be read: put there when the restore ended in
   * part, or by a person since. It is taken out if this restore puts it where it belongs in the end.
   */
  private async openArchive(): Promise<void> {
    const { plan: { operations, extras }, graph } = this.input;
    const planId = this.planId();
    const isOpen = (operation: Operation) => endingOf(this.intent(operation)) === null;
    const writes = operations.some((operation) => IN_THE_PLAN.has(operation.kind) && isOpen(operation));
    if (!extras || planId === null || !writes || operations.every((operation) => this.intent(operation).attempt === 0)) return;
    const archiving = operations.filter(({ kind }) => kind === "unarchive_plan" || kind === "archive_plan");
    if (archiving.some((operation) => operation.kind === "unarchive_plan" && isOpen(operation))) return; // first of all
    const plan = await graph.plan(planId, "beta").catch((error: unknown) => {
      if (isPlanbackError(error, "graph_not_found", "graph_forbidden")) return null; // the operations will say so
      throw error;
    });
    if (plan?.isArchived !== true) return;
    const outcome = archiving.length === 0 ? null : await graph.setArchived(planId, plan["@odata.etag"], false, JUSTIFICATION);
    if (outcome?.kind === "done") return;
    if (isPlanbackError(outcome?.error, "graph_unavailable", "graph_unknown_outcome", ...FATAL)) throw isPlanbackError(outcome.error, "graph_unknown_outcome") ? away(outcome.error) : outcome.error;
    throw new PlanbackError("conflict", `The plan was put into the archive of Planner since, where it can only be read${outcome ? `, and could not be taken out of it: ${outcome.error.message}` : "."} Nothing more was written. Take it out of the archive, then let this restore go on.`);
  }

  /** Not begun, or to be repeated. */
  private isWaiting(operation: Operation): boolean {
    const { state } = this.intent(operation);
    return state === "pending" || (state === "unknown" && !this.parked.has(operation));
  }

  private triesOf({ seq }: Operation): number {
    return this.tries.get(seq) ?? 0;
  }

  private later(operation: Operation): void {
    this.schedule.again(operation, this.input.clock.now() + Math.min(60_000, 2_000 * 2 ** this.triesOf(operation)));
  }

  /** Nothing runs. Waits for what was postponed, else looks for what is parked. False: all is over. */
  private async waitOrLook(): Promise<boolean> {
    const next = this.schedule.nextAt();
    if (next !== null) {
      await this.wait(next, "Microsoft 365 did not answer well; trying again");
      return true;
    }
    if (this.parked.size === 0) return false;
    const parked = [...this.parked];
    const settled = Math.max(...parked.map((operation) => this.intent(operation).lastAttemptEnd ?? 0)) + (this.input.settleMs ?? 120_000);
    await this.wait(settled, "Microsoft 365 did not say whether something was created; waiting until it can be looked up safely");
    if (!this.input.signal?.aborted) await this.look(parked);
    return true;
  }

  private async look(parked: Operation[]): Promise<void> {
    const first = await this.adopt(parked);
    if (first.length === 0) return;
    await this.pause("Looking a second time for what may have been created");
    if (this.input.signal?.aborted) return;
    for (const operation of await this.adopt(first)) {
      this.parked.delete(operation);
      const reason = this.stopped.get(operation.kind);
      if (reason === undefined) this.schedule.again(operation, 0);
      else this.schedule.giveUp(operation, reason);
    }
  }

  /** Adopts what is found and returns the rest. A listing that fails is tried again; then what it was for stays in doubt. */
  private async adopt(parked: Operation[]): Promise<Operation[]> {
    const { graph, plan, journal, accountId, clock } = this.input;
    const looking: Looking = { graph, plan, journal, accountId, results: this.results, startedAt: this.startedAt };
    for (let tries = 1; ; tries += 1) {
      try {
        const found = new Map((await lookFor(looking, parked)).map((one) => [one.seq, one]));
        for (const { seq, remoteId, lacksPeople } of found.values()) {
          const outcome = lacksPeople ? await complete(this.shared, plan.operations[seq]!, undefined, remoteId!) : null;
          if (outcome && outcome.kind !== "done" && tries < MOST_ATTEMPTS) throw outcome.error;
        }
        for (const operation of parked) {
          const one = found.get(operation.seq);
          if (!one) continue;
          await this.finish(operation, one);
          this.parked.delete(operation);
        }
        this.report("looking");
        return parked.filter(({ seq }) => !found.has(seq));
      } catch (error) {
        if (!(error instanceof PlanbackError) || isPlanbackError(error, "cancelled", "conflict", ...FATAL)) throw error;
        if (this.input.signal?.aborted) return [];
        if (tries >= MOST_ATTEMPTS) {
          if (isPlanbackError(error, "graph_unavailable")) throw away(error);
          for (const operation of parked) this.parked.delete(operation);
          return [];
        }
        await this.wait(clock.now() + 2_000 * 2 ** tries, "Microsoft 365 did not answer; looking again");
      }
    }
  }

  /** Between two looks at the same thing. */
  private pause(reason: string): Promise<void> {
    return this.wait(this.input.clock.now() + (this.input.betweenListingsMs ?? BETWEEN_LISTINGS_MS), reason);
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

  private report(phase: RestoreProgress["phase"] = "restoring", waiting: RestoreProgress["waiting"] = null): void {
    const total = this.input.plan.operations.length;
    this.input.onProgress?.({ done: total - this.open, total, phase, waiting });
  }
}

function endingOf({ state }: Intent): Ending | null {
  return state === "done" || state === "failed" || state === "skipped" ? state : null;
}

function away(cause: Error): PlanbackError {
  return new PlanbackError("graph_unavailable", "Microsoft 365 does not answer at the moment. What was written is in the journal; the restore goes on from there.", { cause });
}
