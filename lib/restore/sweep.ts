/**
 * The sweep, some time after a restore: a request of a stalled worker may have arrived after its lease was lost. What stands
 * in a container that we created, is in no journal, was made by our account and is just as we send it, is removed with
 * If-Match; what only looks like it is reported.
 */
import type { GraphApi } from "@/lib/graph/types";
import type { GraphObject } from "@/lib/planner/types";
import { bucketFingerprint, madeByUs, planFingerprint } from "./fingerprint";
import type { Intent, Journal } from "./journal";
import { groupOf, sentBody, withoutJoining } from "./reconcile";
import { Results } from "./resolve";
import type { Operation, RestorePlan } from "./types";

export interface SweepReport {
  removed: { kind: "plan" | "bucket" | "task"; id: string }[];
  /** Sentences for a person; no content. */
  reported: string[];
  /** Another restore was at work, so not everything was looked at. */
  interrupted: boolean;
}

export interface SweepInput {
  plan: RestorePlan;
  journal: Journal;
  graph: GraphApi;
  accountId: string;
  /** Whether another restore is: what it has made a moment ago is in no journal yet. Asked after each listing. */
  othersAreAtWork?: () => Promise<boolean>;
  /** For a drill, whose plan is gone with what was in it. */
  plansOnly?: boolean;
}

export async function sweepRestore(input: SweepInput): Promise<SweepReport> {
  const { intents, startedAt } = await input.journal.open(input.plan.operations);
  const sweep = new Sweep(input, new Map(intents.map((intent) => [intent.seq, intent])), startedAt);
  await sweep.plans();
  if (input.plansOnly) return sweep.report;
  await sweep.tasks();
  await sweep.buckets();
  return sweep.report;
}

class Sweep {
  readonly report: SweepReport = { removed: [], reported: [], interrupted: false };
  private readonly results: Results;

  constructor(
    private readonly input: SweepInput,
    private readonly intents: ReadonlyMap<number, Intent>,
    private readonly startedAt: number,
  ) {
    this.results = new Results(intents);
  }

  /** Empty plans with our title that nobody's journal knows. */
  async plans(): Promise<void> {
    const { plan, graph } = this.input;
    const prints = this.prints("create_plan", planFingerprint);
    const creation = plan.operations.find(({ kind }) => kind === "create_plan");
    if (!creation || prints.size === 0) return;
    for (const stray of await this.strays(await graph.plansOfGroup(groupOf(creation, this.results)), plan.existing.planIds)) {
      if (!prints.has(planFingerprint(stray))) continue;
      const id = String(stray.id);
      const empty = (await graph.tasks(id)).length === 0 && (await graph.buckets(id)).length === 0;
      await this.remove("plan", `/planner/plans/${encodeURIComponent(id)}`, stray, empty);
    }
  }

  async tasks(): Promise<void> {
    const { plan, graph } = this.input;
    const planId = this.planId();
    const fingerprint = withoutJoining(plan);
    const prints = this.prints("create_task", fingerprint);
    if (planId === null || prints.size === 0) return;
    const ourBuckets = new Set(this.made("create_bucket"));
    for (const stray of await this.strays(await graph.tasks(planId), plan.existing.taskIds)) {
      if (!prints.has(fingerprint(stray))) continue;
      const container = plan.planId === null || ourBuckets.has(String(stray.bucketId));
      const untouched = stray.hasDescription !== true && !stray.checklistItemCount && !stray.referenceCount && !stray.conversationThreadId;
      await this.remove("task", `/planner/tasks/${encodeURIComponent(String(stray.id))}`, stray, container && untouched);
    }
  }

  /** Buckets do not say who made them: only empty ones in a plan that is ours. */
  async buckets(): Promise<void> {
    const { plan, graph } = this.input;
    const planId = this.planId();
    const prints = this.prints("create_bucket", bucketFingerprint);
    if (planId === null || prints.size === 0) return;
    const used = new Set((await graph.tasks(planId)).map(({ bucketId }) => bucketId));
    for (const stray of await this.strays(await graph.buckets(planId), plan.existing.bucketIds)) {
      if (!prints.has(bucketFingerprint(stray))) continue;
      await this.remove("bucket", `/planner/buckets/${encodeURIComponent(String(stray.id))}`, stray, plan.planId === null && !used.has(String(stray.id)));
    }
  }

  private planId(): string | null {
    return this.input.plan.planId ?? this.made("create_plan")[0] ?? null;
  }

  private made(kind: Operation["kind"]): string[] {
    return this.input.plan.operations.filter((operation) => operation.kind === kind).flatMap(({ seq }) => this.intents.get(seq)?.remoteId ?? []);
  }

  /** Fingerprints of what operations of a kind sent or may have sent. */
  private prints(kind: Operation["kind"], fingerprint: (object: GraphObject) => string): Set<string> {
    const { plan } = this.input;
    const begun = plan.operations.filter((operation) => operation.kind === kind && (this.intents.get(operation.seq)?.attempt ?? 0) > 0);
    return new Set(begun.map((operation) => fingerprint(sentBody(operation, plan, this.results))));
  }

  private async strays(listed: GraphObject[], existing: string[]): Promise<GraphObject[]> {
    const before = new Set(existing);
    const ours = listed.filter((object) => !before.has(String(object.id)) && madeByUs(object, this.input.accountId, this.startedAt));
    this.report.interrupted ||= (await this.input.othersAreAtWork?.()) === true;
    if (this.report.interrupted) return [];
    const claimed = await this.input.journal.claimed(ours.map(({ id }) => String(id)));
    return ours.filter(({ id }) => !claimed.has(String(id)));
  }

  private async remove(kind: "plan" | "bucket" | "task", path: string, object: GraphObject, allowed: boolean): Promise<void> {
    const outcome = allowed ? await this.input.graph.remove(path, String(object["@odata.etag"] ?? "")) : null;
    if (outcome?.kind === "done") this.report.removed.push({ kind, id: String(object.id) });
    else this.report.reported.push(`A ${kind} that looks like one that this restore created is there in addition. It was left alone; compare and delete it in Planner if it is a double.`);
  }
}
