/** (a) Captures against a sequential loop with the stock SDK and the lower bound; (b) a second capture; and captures that are refused. */
import { setImmediate } from "node:timers/promises";
import { Client, MiddlewareFactory, type Middleware } from "@microsoft/microsoft-graph-client";
import { capturePlan } from "../lib/backup";
import type { CaptureResult } from "../lib/backup/types";
import { createGovernor, expandSupport, type ExpandSupport, type Governor } from "../lib/graph";
import { openRepository, type Repository } from "../lib/repository";
import { createMemoryStore, keysOf } from "../lib/repository/testing";
import type { ObjectStore } from "../lib/repository/types";
import { CONTOSO, GROUPS } from "../simulator/fixtures";
import { startBenchCloud, type BenchCloud, type CloudOrder } from "./cloud";
import { percent, size, times, type BenchOptions, type BenchRow, type Suite } from "./framework";

const PLANS = 20;
const TASKS = 250;
const LATENCY_MS = 60;
/** The most that the governor sends at once, and the plans that a worker captures at once. */
const AT_ONCE = 16;
const PLANS_AT_ONCE = 4;
/** Plans of the sequential loop, whose numbers are scaled to all of them. */
const SCALED_FROM = 1;
/** One task in so many is changed. */
const CHANGED = 100;

interface Measured { results: Map<string, CaptureResult>; seconds: number; requests: number }

/** In memory, but as at any other store the process does other things while an object is put. */
function storeInMemory(): ObjectStore {
  const store = createMemoryStore();
  return { ...store, put: async (...object) => {
    await setImmediate();
    return store.put(...object);
  } };
}

const emptyRepository = () => openRepository({ store: storeInMemory(), keys: keysOf("0b9f4d0e-0000-4000-8000-000000000001") });
const repository = emptyRepository();

interface How { into?: Repository; extras?: boolean; takeOver?: boolean; expand?: ExpandSupport | null; governor?: Governor }

async function capture(cloud: BenchCloud, planIds: string[], before: Map<string, CaptureResult>, { into = repository, extras = false, takeOver = false, expand, governor }: How = {}): Promise<Measured> {
  const measured: Measured = { results: new Map(), seconds: 0, requests: 0 };
  const graph = cloud.graph({ request: () => void measured.requests++ }, governor);
  const waiting = [...planIds];
  const lane = async () => {
    for (let planId = waiting.shift(); planId !== undefined; planId = waiting.shift()) {
      const result = await capturePlan({
        graph, repository: into, groupId: GROUPS.marketing, planId, microsoftTenantId: CONTOSO.tenantId, snapshotId: crypto.randomUUID(), takenAt: new Date().toISOString(),
        previousManifestId: before.get(planId)?.manifestId ?? null, extras, takeOver, expand,
      });
      if (!result.complete || result.counts.records.task !== TASKS || result.consistency.kind !== "quiescent") throw new Error(`a capture is not whole: ${JSON.stringify(result.gaps.slice(0, 3))}`);
      measured.results.set(planId, result);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: PLANS_AT_ONCE }, lane));
  measured.seconds = (performance.now() - started) / 1000;
  return measured;
}

/** What one writes first: each thing in turn, as Microsoft's pages show it. Looks at nothing twice, unlike a capture. */
async function sequentially(cloud: BenchCloud, planIds: string[]): Promise<{ seconds: number; requests: number }> {
  // The SDK's own chain, but for its last link, which dials Microsoft Graph where the simulator is.
  const dial: Middleware = {
    execute: async (context) => {
      context.response = await fetch(String(context.request).replace("https://graph.microsoft.com", cloud.origin), context.options);
    },
  };
  const chain = MiddlewareFactory.getDefaultMiddlewareChain({ getAccessToken: async () => cloud.token });
  const client = Client.initWithMiddleware({ middleware: [...chain.slice(0, -1), dial] });
  let requests = 0;
  const get = async (path: string) => {
    requests++;
    return (await client.api(path).get()) as { value: { id: string }[]; "@odata.nextLink"?: string };
  };
  const list = async (path: string) => {
    const items: { id: string }[] = [];
    for (let next: string | undefined = path; next; ) {
      const page = await get(next);
      items.push(...page.value);
      next = page["@odata.nextLink"];
    }
    return items;
  };
  const started = performance.now();
  for (const id of planIds) {
    const [plan, group] = [`/planner/plans/${id}`, `/groups/${GROUPS.marketing}`];
    for (const path of [group, plan, `${plan}/details`]) await get(path);
    for (const path of [`${group}/members`, `${group}/owners`, `${plan}/buckets`]) await list(path);
    for (const task of await list(`${plan}/tasks`)) {
      for (const part of ["details", "assignedToTaskBoardFormat", "bucketTaskBoardFormat", "progressTaskBoardFormat"]) await get(`/planner/tasks/${task.id}/${part}`);
    }
  }
  return { seconds: (performance.now() - started) / 1000, requests };
}

const segmentsOf = async ({ manifestId }: CaptureResult) => new Set((await Array.fromAsync(repository.objectsOf(manifestId))).filter(({ type }) => type === "segment").map(({ id }) => id));

async function changedSegments(before: Measured, after: Measured): Promise<number> {
  let [changed, all] = [0, 0];
  for (const [planId, result] of after.results) {
    const segments = await segmentsOf(result);
    changed += segments.difference(await segmentsOf(before.results.get(planId)!)).size;
    all += segments.size;
  }
  return changed / all;
}

const bytesOf = ({ results }: Measured) => [...results.values()].reduce((sum, { newBytes }) => sum + newBytes, 0);
const bound = (requests: number) => (requests * LATENCY_MS) / 1000 / AT_ONCE;

async function run({ progress }: BenchOptions): Promise<BenchRow[]> {
  const cloud = await startBenchCloud(LATENCY_MS, "backup", { plans: PLANS, tasksEach: TASKS });
  try {
    const { planIds } = cloud;
    await capture(cloud, planIds.slice(0, PLANS_AT_ONCE), new Map(), { into: emptyRepository() }); // warms both sides up
    progress("first captures");
    const first = await capture(cloud, planIds, new Map());
    const again = [await capture(cloud, planIds, new Map(), { into: emptyRepository() }), await capture(cloud, planIds, new Map(), { into: emptyRepository() })];
    const middle = [first, ...again].toSorted((a, b) => a.seconds - b.seconds)[1]!;
    progress(`one after the other, ${SCALED_FROM} of ${PLANS} plans`);
    const part = await sequentially(cloud, planIds.slice(-SCALED_FROM));
    const loop = { seconds: (part.seconds * PLANS) / SCALED_FROM, requests: (part.requests * PLANS) / SCALED_FROM };
    progress("second captures");
    await cloud.order({ rename: CHANGED });
    const second = await capture(cloud, planIds, first.results);
    const share = await changedSegments(first, second);
    const whole = await capture(cloud, planIds, second.results, { extras: true });
    await cloud.order({ rename: CHANGED });
    const built = await capture(cloud, planIds, whole.results, { extras: true, takeOver: true });
    progress("captures where more is shown");
    const where = async (show: CloudOrder["show"]) => {
      await cloud.order({ show });
      return capture(cloud, planIds, new Map(), { expand: await expandSupport(cloud.graph(), planIds[0]!) });
    };
    const single = await where("with one task");
    const shown = await where("in lists");
    progress("refused captures");
    await cloud.order({ refuse: 0.2 });
    const silence = { until: 0, ms: 0 };
    const governor = createGovernor({
      onPause: (until) => {
        const from = Math.max(silence.until, Date.now());
        silence.ms += Math.max(0, until - from);
        silence.until = Math.max(silence.until, until);
      },
    });
    const refused = await capture(cloud, planIds.slice(0, PLANS_AT_ONCE), second.results, { governor });
    const { early, refused: refusals } = await cloud.order({});
    const least = bound(refused.requests) + silence.ms / 1000;
    const scaled = `scaled from ${SCALED_FROM} of the plans`;
    return [
      { name: `${PLANS} plans of ${TASKS} tasks at ${LATENCY_MS} ms: round trips`, value: times(loop.requests, first.requests, 1), target: ">= 25 ×", note: `fewer than a sequential loop with Microsoft's SDK (${first.requests}, of ${loop.requests} ${scaled}); the loop looks at nothing twice` },
      { name: "the same, where a single task shows what is behind it", value: times(loop.requests, single.requests, 1), target: ">= 25 ×", note: `fewer than that loop (${single.requests}), once $expand was found to tell the truth there; details are looked at again directly` },
      { name: "the same, where lists show details", value: times(loop.requests, shown.requests, 1), target: ">= 25 ×", note: `fewer than that loop (${shown.requests}), once $expand was found to tell the truth there` },
      { name: "the same: time", value: times(loop.seconds, middle.seconds, 1), target: ">= 20 ×", note: `faster than that loop (${middle.seconds.toFixed(1)}, of ${loop.seconds.toFixed(0)} s ${scaled})` },
      { name: "the same: time against the lower bound", value: times(middle.seconds, bound(middle.requests)), target: "<= 1.3 ×", note: `of the time of its ${middle.requests} requests, ${AT_ONCE} at once without gaps (${middle.seconds.toFixed(1)} of ${bound(middle.requests).toFixed(1)} s; the middle of three)` },
      { name: "1 % of the tasks renamed: new bytes", value: times(bytesOf(second) / bytesOf(first), share), target: "<= 3 ×", note: `share of the first captures' bytes, of the share of segments that changed (${size(bytesOf(second))} of ${size(bytesOf(first))}; ${(100 * share).toFixed(1)} % of the segments)` },
      { name: "1 % of the tasks renamed: requests", value: percent(second.requests, first.requests), note: `of the first captures' (${second.requests} of ${first.requests}): v1.0 tells nothing of what stands still` },
      { name: "the same with the extras of beta", value: percent(built.requests, whole.requests), note: `of reading everything (${built.requests} of ${whole.requests}), which happens every seventh time` },
      { name: "20 % of the batches refused: before Retry-After", value: String(early), target: "0", note: `requests sent too early in captures of ${PLANS_AT_ONCE} plans, after ${refusals} refusals of ${refused.requests} requests` },
      { name: "the same: time against the lower bound", value: times(refused.seconds, least), target: "<= 1.5 ×", note: `of the silence that was asked for and the time of all requests, ${AT_ONCE} at once (${refused.seconds.toFixed(1)} of ${least.toFixed(1)} s)` },
    ];
  } finally {
    await cloud.close();
  }
}

export const suite: Suite = { title: "Captures", run };
