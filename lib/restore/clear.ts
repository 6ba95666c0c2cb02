/**
 * The end of a drill: the plan that it made is removed, and nothing else ever.
 *
 *   which plan      the one that the journal holds as created by this drill; an outcome that nobody knew is looked up first
 *   is it still so  not there before, in its group, under its title, made by our account, without a task of anybody else;
 *                   what somebody has made their own is left to them
 *   DELETE          with the etag that was read for this look; removing the same id again does no harm
 *
 * It only counts as removed when Microsoft says so. Everything else is told, and tried again later.
 */
import { type ErrorCode, isPlanbackError, PlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import type { GraphObject } from "@/lib/planner/types";
import type { RestoreClock } from "./execution";
import { madeByUs } from "./fingerprint";
import type { Journal } from "./journal";
import { lookFor } from "./reconcile";
import { Results } from "./resolve";
import type { RestorePlan } from "./types";

export interface ClearInput {
  plan: RestorePlan;
  journal: Journal;
  graph: GraphApi;
  accountId: string;
  clock: RestoreClock;
  /** How long a create may take to show after its attempt ended (ms). */
  settleMs?: number;
}

/** `nothing`: no plan was made. `why`: a sentence for a person. `noAccess`: nobody could look; the next sign-in is the time to. */
export type Cleared = { kind: "removed"; planId: string } | { kind: "nothing" } | { kind: "left"; why: string; noAccess?: boolean };

const ENDING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["lease_lost", "needs_sign_in", "consent_missing", "internal"]);
const TRIES = 3;
const LATER = "It is tried again.";

/** Throws only what ends the job: lease_lost, needs_sign_in, consent_missing, and what nobody foresaw. */
export async function clearDrill(input: ClearInput): Promise<Cleared> {
  try {
    const planId = await madePlan(input);
    return planId === null ? { kind: "nothing" } : await remove(input, planId);
  } catch (error) {
    if (!(error instanceof PlanbackError) || ENDING.has(error.code)) throw error;
    return left(`${error.message} ${LATER}`);
  }
}

const left = (why: string): Cleared => ({ kind: "left", why });

/** The plan that the journal says this drill made; null: it made none. */
async function madePlan({ plan, journal, graph, accountId, clock, settleMs = 120_000 }: ClearInput): Promise<string | null> {
  const { intents, startedAt } = await journal.open(plan.operations);
  const bySeq = new Map(intents.map((intent) => [intent.seq, intent]));
  const creation = plan.operations.find(({ kind }) => kind === "create_plan");
  const intent = creation && bySeq.get(creation.seq);
  if (!creation || !intent) return null;
  if (intent.state !== "unknown") return intent.state === "done" ? intent.remoteId : null;
  const [found] = await lookFor({ graph, plan, journal, results: new Results(bySeq), accountId, startedAt }, [creation]);
  if (found) {
    await journal.done(creation.seq, found);
    return found.remoteId;
  }
  if (clock.now() < (intent.lastAttemptEnd ?? 0) + settleMs) throw new PlanbackError("graph_unknown_outcome", "Microsoft 365 did not say whether the plan was created, and does not show one yet.");
  await journal.failed(creation.seq, "Microsoft 365 did not say whether it was created, and shows no such plan.");
  return null;
}

async function remove(input: ClearInput, planId: string): Promise<Cleared> {
  const { graph } = input;
  const path = `/planner/plans/${encodeURIComponent(planId)}`;
  for (let tries = 1; ; tries += 1) {
    const current = await graph.plan(planId).catch(orGone);
    if (!current) return { kind: "removed", planId };
    const why = await whyNotOurs(input, planId, current);
    if (why !== null) return left(`${why} It was left alone: look at it in Planner, and delete it there if nobody needs it.`);
    const outcome = await graph.remove(path, current["@odata.etag"]);
    if (outcome.kind === "done") return { kind: "removed", planId };
    if (isPlanbackError(outcome.error, "graph_not_found")) return { kind: "removed", planId };
    const { message } = outcome.error;
    const again = outcome.kind === "unknown" || isPlanbackError(outcome.error, "graph_conflict");
    if (!again || tries === TRIES) return left(`${message} ${LATER}`);
  }
}

function orGone(error: unknown): null {
  if (isPlanbackError(error, "graph_not_found")) return null;
  throw error;
}

/** Deleting a plan deletes what is in it, and its etag says nothing of that. */
async function whyNotOurs({ plan, journal, graph, accountId }: ClearInput, planId: string, current: GraphObject): Promise<string | null> {
  const { intents, startedAt } = await journal.open(plan.operations);
  const group = (current.container as { containerId?: string } | undefined)?.containerId ?? current.owner;
  if (plan.existing.planIds.includes(planId) || !madeByUs(current, accountId, startedAt)) return "The plan was there before this drill.";
  if (current.title !== plan.targetPlanTitle || group !== plan.groupId) return "Somebody gave the plan of this drill another title or moved it.";
  const made = new Set(intents.flatMap(({ remoteId }) => remoteId ?? []));
  // A request of a stalled worker may have made a double that no journal knows.
  const isDouble = (task: GraphObject) => task.createdBy !== undefined && madeByUs(task, accountId, startedAt);
  const others = (await graph.tasks(planId)).filter((task) => !made.has(task.id) && !isDouble(task));
  return others.length > 0 ? "Somebody added a task to the plan of this drill." : null;
}
