/** What happens in Microsoft 365 while a restore or a backup is at work, at each of its phases: a true end in words, and on it goes as soon as it is mended. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { withWorkspace } from "@/lib/db";
import { getConnection, getPlan, getRestore, getRun, getSnapshot, listPlans, resumeRestore, runRestore, savePolicy } from "@/lib/workspaces";
import type { RestoreView, RunView, SnapshotView } from "@/lib/workspaces/types";
import { APPS, CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import type { PlanRecord } from "@/simulator/planner";
import { capture } from "./capturePlan";
import { startWorker } from "./index";
import { jobLost } from "./jobLost";
import { restorePlan } from "./restorePlan";
import { restoreRun } from "./restoreRun";
import { runStart } from "./runStart";
import { Watched, watchProcess } from "./testing/failpoints";
import { SHORT_TIMES } from "./testing/times";
import { asked, backUp, begin, connect, control, openWorld, protect, signIn, type World } from "./testing/world";

// The jobs' own waits are only long so that Microsoft 365 is not pressed.
vi.mock("node:timers/promises", async (original) => {
  const real = await original<typeof import("node:timers/promises")>();
  return { ...real, setTimeout: (ms: number, ...rest: [unknown?, object?]) => real.setTimeout(Math.min(ms, 20), ...rest) };
});

const LONG = process.env.PLANBACK_LONG === "1";
const TIMES = { ...SHORT_TIMES, settleMs: 0, betweenListingsMs: 10 };
const ACCOUNT = PEOPLE.backup.id;
const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
let world: World;
let connectionId: string;
let endWatch: () => void = () => undefined;
/** Small plans that are all alike, each with its snapshot: each is deleted in one test at most. */
const sources: SnapshotView[] = [];

beforeAll(async () => {
  world = await openWorld();
  const worker = await startWorker({ log: { info: () => undefined, error: () => undefined } });
  const { planner } = world.simulator.stores;
  const [first] = planner.plansOfGroup(GROUPS.marketing);
  const made = Array.from({ length: LONG ? 24 : 12 }, (_, index) => {
    const name = `team-${index}`;
    const groupId = index < 2 ? GROUPS.marketing : randomUUID();
    if (index >= 2) contoso().groups.set(groupId, { ...structuredClone(contoso().groups.get(GROUPS.marketing)!), id: groupId, displayName: name, mailNickname: name });
    const plan = planner.addPlan({ tenantId: first!.tenantId, groupId, title: `Small plan ${index}`, createdBy: first!.createdBy });
    const buckets = ["To do", "Done"].map((title) => planner.addBucket({ planId: plan.id, name: title }));
    for (const number of [1, 2, 3, 4]) {
      planner.addTask({ planId: plan.id, bucketId: buckets[number % 2]!.id, title: `Task ${number}`, createdBy: first!.createdBy, description: `About ${number}`, checklist: [{ title: "Step" }] });
    }
    return plan;
  });
  connectionId = await connect(world, "backup");
  const groups = Map.groupBy(made, ({ groupId }) => groupId);
  const { id: policy } = await savePolicy(world.actor, world.ws, {
    name: "All", connectionId, schedule: { kind: "manual" }, keepCount: 100, keepDays: null,
    selection: { groups: [...groups].map(([groupId, plans]) => ({ groupId, planIds: plans.map(({ id }) => id), includeNew: false })) },
  });
  expect((await backUp(world, policy)).state).toBe("complete");
  const plans = await listPlans(world.actor, world.ws);
  for (const { id } of made) sources.push(await getSnapshot(world.actor, world.ws, plans.find(({ graphPlanId }) => graphPlanId === id)!.lastSnapshot!.id));
  await connect(world, "restore");
  await worker.stop(5000);
  endWatch = watchProcess();
});

afterAll(async () => {
  endWatch();
  await world?.close();
});

afterEach(() => world.simulator.faults.clear());

const planner = () => world.simulator.stores.planner;
const contoso = () => world.simulator.world.tenants.get(CONTOSO.tenantId)!;
const marketing = () => contoso().groups.get(GROUPS.marketing)!;

interface Event {
  happens(plan: PlanRecord): unknown;
  /** What a person or Microsoft does about it. */
  mends?(): unknown;
  /** unseen: all ends well at once. stands: a person has to sign in or consent. words: it ends, and says why. */
  comesTo: "unseen" | "stands" | "words";
  says?: RegExp;
  /** There is nothing left to go on with. */
  isFinal?: true;
}

const refuse = async (code: number) => {
  await control(world.simulator, "refuse-user", { user: ACCOUNT, code });
  await control(world.simulator, "expire-tokens", { user: ACCOUNT });
};
const admit = () => control(world.simulator, "refuse-user", { user: ACCOUNT });
const once = (status: number, times: number, headers?: Record<string, string>) => world.simulator.faults.add({ match: { path: "/planner/**" }, action: { kind: "status", status, headers }, times });

const EVENTS: Record<string, Event> = {
  "the access token expires": { happens: () => control(world.simulator, "expire-tokens", { user: ACCOUNT }), comesTo: "unseen" },
  "access is evaluated anew": { happens: () => control(world.simulator, "claims-challenge", { user: ACCOUNT, claims: CLAIMS }), mends: () => control(world.simulator, "claims-challenge", { user: ACCOUNT }), comesTo: "unseen" },
  "Microsoft throttles": { happens: () => once(429, 2, { "retry-after": "1" }), comesTo: "unseen" },
  "Microsoft is unavailable": { happens: () => once(503, 2), comesTo: "unseen" },
  "sessions are revoked": {
    happens: async () => {
      await control(world.simulator, "clock", { ms: 1_000 }); // tokens tell the second of their issue only
      await control(world.simulator, "revoke-tokens", { user: ACCOUNT });
    },
    comesTo: "stands", says: /[Ss]ign in again|revoked/,
  },
  "the password is changed": { happens: () => refuse(50173), mends: admit, comesTo: "stands", says: /password/ },
  "a second factor is asked for": { happens: () => refuse(50076), mends: admit, comesTo: "stands", says: /multi-factor/ },
  "the account is disabled": { happens: () => refuse(50057), mends: admit, comesTo: "stands", says: /disabled/ },
  "the consent is removed": {
    happens: async () => {
      for (const { clientId } of [APPS.backup, APPS.restore]) await control(world.simulator, "revoke-consent", { tenantId: CONTOSO.tenantId, clientId });
      await control(world.simulator, "expire-tokens", { user: ACCOUNT });
    },
    comesTo: "stands", says: /consent/,
  },
  "the account loses its membership": { happens: () => marketing().members.delete(ACCOUNT), mends: () => marketing().members.add(ACCOUNT), comesTo: "words" },
  "the group is deleted": { happens: ({ groupId }) => contoso().groups.delete(groupId), comesTo: "words", isFinal: true },
  "the plan is deleted": { happens: ({ id }) => planner().deletePlan(id), comesTo: "words", isFinal: true },
  "one request is forbidden": { happens: () => once(403, 1), comesTo: "words" },
  "one object is not found": { happens: () => once(404, 1), comesTo: "words" },
};

const isGraph = (path: string) => /^\/(v1\.0|beta)\//.test(path);
const isWrite = (method: string, path: string) => method !== "GET" && !path.endsWith("/$batch");

/** Counts the requests of a restore, to know where it stands. */
interface Steps { preview: number; before: number; writes: number; after: number }
const PHASES = ["preview", "review", "first write", "middle", "last write", "read-back"] as const;
type Phase = (typeof PHASES)[number];

function isAt(phase: Phase, { preview, before, writes, after }: Steps, all: Steps): boolean {
  switch (phase) {
    case "preview": return preview === 2;
    case "review": return before === 1;
    case "first write": return writes === 1;
    case "middle": return writes === Math.ceil(all.writes / 2);
    case "last write": return writes === all.writes;
    case "read-back": return after === 1;
  }
}

const hasEnded = ({ finishedAt, phase, state }: RestoreView) => finishedAt !== null || phase === "paused" || state === "planned" || state === "blocked";
const live = (source: SnapshotView) => planner().findPlan(source.content.plan.id)!;
const nothing: Steps = { preview: 0, before: 0, writes: 0, after: 0 };

/** Previews a restore and runs it as the worker would, with all attempts of the queue. `at` is told of each request. */
async function restore(source: SnapshotView, title: string | null, at: (steps: Steps) => unknown = () => undefined, all?: Steps): Promise<{ view: RestoreView; steps: Steps }> {
  const { actor, ws: workspaceId } = world;
  const steps = { ...nothing };
  const watched = (part: (method: string, path: string) => keyof Steps) => new Watched(Infinity, "error before", async (method, path) => {
    if (!isGraph(path)) return;
    steps[part(method, path)] += 1;
    await at(steps);
  });
  const restoreId = await asked(world, source.id, connectionId, title === null ? { kind: "in_place" } : { kind: "new_plan", groupId: GROUPS.marketing, title });
  await watched(() => "preview").run((context) => restorePlan({ workspaceId, restoreId }, context));
  const planned = await getRestore(actor, workspaceId, restoreId);
  if (planned.state === "planned") {
    await runRestore(actor, workspaceId, restoreId, planned.planHash);
    await work(restoreId, watched((method, path) => (isWrite(method, path) ? "writes" : steps.writes < (all?.writes ?? Infinity) ? "before" : "after")));
  }
  return { view: await getRestore(actor, workspaceId, restoreId), steps };
}

/** All attempts of the queue, and its end when none succeeds. */
async function work(restoreId: string, watched = new Watched()): Promise<void> {
  const { actor, ws: workspaceId } = world;
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await watched.run((context) => restoreRun({ workspaceId, restoreId }, context, TIMES));
    if (hasEnded(await getRestore(actor, workspaceId, restoreId))) return;
  }
  await watched.run((context) => jobLost({ workspaceId, restoreId }, context, TIMES));
}

async function mend(event: Event): Promise<void> {
  world.simulator.faults.clear();
  await event.mends?.();
  if (event.comesTo !== "stands") return;
  await signIn(world, "backup");
  await signIn(world, "restore");
}

/** How often a token was asked for since. */
const tokensSince = (seq: number) => world.simulator.requestLog.entries().filter((entry) => entry.seq > seq && entry.path.endsWith("/token")).length;
const now = () => world.simulator.requestLog.entries().at(-1)?.seq ?? 0;

/** Every event at every phase in the long run; else each at some of them, in turn. */
function cases<P extends string>(phases: readonly P[]): [string, P][] {
  return Object.keys(EVENTS).flatMap((name, index) => phases.filter((_, position) => LONG || (position + index) % 3 === 0).map((phase): [string, P] => [name, phase]));
}

describe("a restore", () => {
  /** The requests of an undisturbed one, into a new plan and in place. */
  const all = { fresh: nothing, inPlace: nothing };
  let spare = 1;
  const spoil = (source: SnapshotView) => {
    for (const task of live(source).tasks.values()) {
      task.title = "Spoilt";
      task.revision.touch(["title"]);
    }
  };

  beforeAll(async () => {
    all.fresh = (await restore(sources[0]!, "Undisturbed")).steps;
    spoil(sources[1]!);
    const inPlace = await restore(sources[1]!, null);
    all.inPlace = inPlace.steps;
    expect([all.fresh.writes > 10, all.inPlace.writes, inPlace.view.state]).toEqual([true, 4, "verified"]);
  });

  test.each(cases(PHASES))("%s (%s)", async (name, phase) => {
    const event = EVENTS[name]!;
    const source = event.isFinal ? sources[(spare += 1)]! : sources[0]!;
    const title = event.isFinal ? null : `${name}, ${phase}`;
    if (event.isFinal) spoil(source);
    const made = () => planner().plansOfGroup(GROUPS.marketing).filter((plan) => plan.title === title);
    const undisturbed = event.isFinal ? all.inPlace : all.fresh;
    const plan = live(source);
    let [hits, since] = [0, 0];
    const { view } = await restore(source, title, async (steps) => {
      if (hits > 0 || !isAt(phase, steps, undisturbed)) return;
      hits += 1;
      since = now();
      await event.happens(plan);
    }, undisturbed);
    expect([hits, hasEnded(view)], view.state).toEqual([1, true]);
    expect(made().length).toBeLessThanOrEqual(1);
    if (event.comesTo === "unseen") expect(view.state).toBe("verified");
    else if (view.state !== "verified" && view.state !== "blocked") expect(view.problem ?? view.report?.verdict).toMatch(/\w+ \w+ \w+|incomplete|different/);
    if (event.comesTo === "stands") {
      expect([view.problem, tokensSince(since) <= 2]).toEqual([expect.stringMatching(event.says!), true]);
      expect([view.state, view.phase]).toEqual(phase === "preview" ? ["failed", null] : ["waiting", "paused"]);
    }
    await mend(event);
    if (event.isFinal || phase === "preview" || !view.resume.possible) return;
    await resumeRestore(world.actor, world.ws, view.id);
    await work(view.id);
    const done = await getRestore(world.actor, world.ws, view.id);
    expect([done.state, done.problem, done.report?.failed, done.report?.skipped, done.report?.itemsDifferent]).toEqual(["verified", null, [], [], []]);
    expect(made().map(({ tasks, buckets }) => [tasks.size, buckets.size])).toEqual([[4, 2]]);
  });

  test("whose workers die one after the other is given up with a report of what there is, and can go on", async () => {
    const { actor, ws: workspaceId } = world;
    const restoreId = await asked(world, sources[0]!.id, connectionId, { kind: "new_plan", groupId: GROUPS.marketing, title: "Given up" });
    await new Watched().run((context) => restorePlan({ workspaceId, restoreId }, context));
    await runRestore(actor, workspaceId, restoreId, (await getRestore(actor, workspaceId, restoreId)).planHash);
    const hasty = { ...TIMES, requestMs: 500, leaseSeconds: 1, renewMs: 200 };
    for (const tasks of [2, 3]) {
      let made = 0;
      const worker: Watched = new Watched(Infinity, "exit after", (method, path) => {
        if (method === "POST" && path.endsWith("/planner/tasks") && (made += 1) === tasks) worker.die();
      });
      expect(await worker.run((context) => restoreRun({ workspaceId, restoreId }, context, hasty))).toBe("died");
      expect((await getRestore(actor, workspaceId, restoreId)).state).toBe("running");
    }
    expect(await new Watched().run((context) => jobLost({ workspaceId, restoreId }, context, hasty))).toBe("done");
    const lost = await getRestore(actor, workspaceId, restoreId);
    const [plan] = planner().plansOfGroup(GROUPS.marketing).filter(({ title }) => title === "Given up");
    expect([lost.state, lost.phase, lost.problem, lost.resume, lost.report!.verdict]).toEqual(["failed", null, expect.stringMatching(/given up for now.*listed below.*go on from there/), { possible: true }, "incomplete"]);
    expect(lost.report!.created.filter(({ kind }) => kind === "bucket").map(({ id }) => id).sort()).toEqual([...plan!.buckets.keys()].sort());
    for (const { kind, id } of lost.report!.created) if (kind === "task") expect(plan!.tasks.has(id)).toBe(true);
    expect(lost.report!.skipped.length + lost.report!.uncertain.length).toBeGreaterThan(3);
    await resumeRestore(actor, workspaceId, restoreId);
    await work(restoreId);
    expect([(await getRestore(actor, workspaceId, restoreId)).state, plan!.tasks.size]).toEqual(["verified", 4]);
  });
});

describe("a backup", () => {
  const READING = ["run", "first read", "middle", "last read"] as const;
  interface Reads { run: number; capture: number }
  let all: Reads;
  let spare = sources.length;
  const policies = new Map<string, string>();
  const policyOf = async (source: SnapshotView) => {
    const { id, groupId } = live(source);
    return policies.get(id) ?? policies.set(id, await protect(world, connectionId, groupId, [id])).get(id)!;
  };

  /** A run as the worker would do it, with all attempts of the queue. */
  async function backup(source: SnapshotView, at: (reads: Reads) => unknown = () => undefined): Promise<{ run: RunView; reads: Reads }> {
    const { actor, ws: workspaceId } = world;
    const { planId } = source;
    const runId = await begin(world, await policyOf(source));
    const reads = { run: 0, capture: 0 };
    const watched = (part: keyof Reads) => new Watched(Infinity, "error before", async (_method, path) => {
      if (!isGraph(path)) return;
      reads[part] += 1;
      await at(reads);
    });
    const [starting, capturing] = [watched("run"), watched("capture")];
    const hasRunEnded = async () => (await getRun(actor, workspaceId, runId)).finishedAt !== null;
    for (let attempt = 0; attempt < 6 && !(await hasRunEnded()); attempt += 1) {
      if ((await starting.run((context) => runStart({ workspaceId, runId }, context))) === "done") await capturing.run((context) => capture({ workspaceId, runId, planId }, context));
    }
    for (const lost of [{ workspaceId, runId }, { workspaceId, runId, planId }]) await capturing.run((context) => jobLost(lost, context));
    return { run: await getRun(actor, workspaceId, runId), reads };
  }

  beforeAll(async () => {
    spare = sources.length;
    const { run, reads } = await backup(sources[0]!);
    expect([run.state, reads.run > 0, reads.capture > 2]).toEqual(["complete", true, true]);
    all = reads;
  });

  const isReading = (phase: (typeof READING)[number], { run, capture: read }: Reads): boolean =>
    phase === "run" ? run === 1 : read === (phase === "first read" ? 1 : phase === "middle" ? Math.ceil(all.capture / 2) : all.capture);

  test.each(cases(READING))("%s (%s)", async (name, phase) => {
    const event = EVENTS[name]!;
    const source = event.isFinal ? sources[(spare -= 1)]! : sources[0]!;
    const { actor, ws } = world;
    const plan = live(source);
    let [hits, since] = [0, 0];
    const { run } = await backup(source, async (reads) => {
      if (hits > 0 || !isReading(phase, reads)) return;
      hits += 1;
      since = now();
      await event.happens(plan);
    });
    expect([hits, run.finishedAt !== null, run.items.filter(({ state }) => state === "queued" || state === "running")]).toEqual([1, true, []]);
    if (event.comesTo === "unseen") expect(run.state).toBe("complete");
    if (event.comesTo === "stands") {
      expect([run.state, tokensSince(since) <= 2]).toEqual(["failed", true]);
      expect((await getConnection(actor, ws, connectionId)).backupState).not.toBe("active");
    }
    for (const { state, snapshotId, problem } of run.items) {
      expect(snapshotId !== null, state).toBe(state === "complete" || state === "partial");
      if (state === "failed") expect(problem).toMatch(event.says ?? /\w+ \w+ \w+/);
      const snapshot = snapshotId && (await getSnapshot(actor, ws, snapshotId));
      if (snapshot && state === "complete") expect(snapshot.content.tasks.map(({ task, details }) => [task.title, details?.description])).toEqual(source.content.tasks.map(({ task, details }) => [task.title, details?.description]));
      if (snapshot && state === "partial") expect(snapshot.gapList.map(({ detail }) => detail).join()).toMatch(/\w+ \w+ \w+/);
    }
    const { snapshots } = await getPlan(actor, ws, source.planId);
    expect(await withWorkspace(ws, (tx) => tx.snapshot.count({ where: { workspaceId: ws, state: "open" } }))).toBe(0);
    expect(snapshots.some(({ id }) => id === source.id)).toBe(true);
    await mend(event);
    if (!event.isFinal) expect((await backup(source)).run.state).toBe("complete");
  });
});
