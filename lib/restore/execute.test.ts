import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { canonicalPlan } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { buildRestorePlan, type Execution, executeRestore, type JournalRows, MemoryJournal, newJournalRows, readBack, readLiveTarget, type RestorePlan, type RestoreRequest, sweepRestore } from ".";
import { arbitraryContent } from "./testing/arbitrary";
import { type Fault, FakePlanner, type FakeOptions, VirtualClock } from "./testing/fake-graph";

const ACCOUNT = "00000000-0000-4000-8000-00000000acc0";
const GROUP = "00000000-0000-4000-8000-0000000000aa";
const PEOPLE = [1, 2, 3, 4].map((number) => `00000000-0000-4000-8000-00000000000${number}`);
const NEW_PLAN: RestoreRequest = { tasks: "all", target: { kind: "new_plan", groupId: GROUP, title: "Again" }, addMembers: true, comments: "quoted" };
const IN_PLACE: RestoreRequest = { ...NEW_PLAN, target: { kind: "in_place" } };
const SCOPES = ["Group.ReadWrite.All", "Sites.ReadWrite.All"];
const repository = { async *readFile() { yield new Uint8Array(1); } };
const contents = (maxTasks = 8) => arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks, comments: true });

class Killed extends Error {}

function world(options: Partial<FakeOptions> = {}) {
  const clock = new VirtualClock();
  const fake = new FakePlanner({ accountId: ACCOUNT, groupId: GROUP, memberIds: PEOPLE.slice(0, 2), clock, ...options });
  return { clock, fake, rows: newJournalRows() };
}

async function preview(fake: FakePlanner, snapshot: SnapshotContent, request: RestoreRequest): Promise<RestorePlan> {
  const { live, people } = await readLiveTarget({ graph: fake.api, snapshot, request, extras: false });
  const plan = buildRestorePlan({ snapshot, live, people, request, account: { id: ACCOUNT, hasExchangeLicence: true, scopes: SCOPES }, restoreId: "restore-1" });
  expect(plan.blockers).toEqual([]);
  return plan;
}

function execute(fake: FakePlanner, clock: VirtualClock, rows: JournalRows, plan: RestorePlan, signal?: AbortSignal): Promise<Execution> {
  return executeRestore({ plan, journal: new MemoryJournal(rows, clock.now), graph: fake.api, repository, accountId: ACCOUNT, clock, signal });
}

/** Nothing twice, nothing lost, and the journal names exactly what is there. */
function expectWhole(fake: FakePlanner, rows: JournalRows, plan: RestorePlan, snapshot: SnapshotContent, context = ""): void {
  const remote = (kind: string) => [...rows.intents.values()].filter((intent) => intent.kind === kind).map(({ remoteId }) => remoteId);
  const [planId] = remote("create_plan");
  expect([...fake.plans.keys()].filter((id) => id !== snapshot.plan.id), context).toEqual([planId]);
  const content = fake.content(planId ?? "");
  expect(new Set(content.buckets.map(({ id }) => id)), context).toEqual(new Set(remote("create_bucket")));
  expect(new Set(content.tasks.map(({ id }) => id)), context).toEqual(new Set(remote("create_task")));
  expect(canonicalPlan(content, { ignoreTitle: true }), context).toEqual(canonicalPlan(snapshot, { ignoreTitle: true }));
  const posts = [...fake.threads.values()].flatMap((thread) => thread.posts.map((post) => post.body.content));
  for (const operation of plan.operations.filter(({ kind }) => kind === "post_comment")) {
    expect(posts.filter((post) => post.includes(String(operation.body.reference))), context).toHaveLength(1);
  }
}

/** A fault for some of the writes of a run, from a list of draws. */
const faultsFrom = (draws: (Fault | null)[]) => (write: number): Fault | null => draws[write - 1] ?? null;
const fault = fc.constantFrom<Fault>("applied-unknown", "late-unknown", "lost-unknown", "applied-reset", "throttled");

describe("a restore into a new plan", () => {
  it("brings everything back and touches nothing that exists", async () => {
    await fc.assert(fc.asyncProperty(contents(), async (snapshot) => {
      const { fake, clock, rows } = world();
      fake.load(snapshot);
      const before = JSON.stringify(fake.content(snapshot.plan.id));
      const plan = await preview(fake, snapshot, NEW_PLAN);
      expect(await execute(fake, clock, rows, plan)).toEqual({ state: "finished", limit: null });
      expectWhole(fake, rows, plan, snapshot);
      expect(JSON.stringify(fake.content(snapshot.plan.id))).toBe(before);
      const report = await readBack({ graph: fake.api, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request: NEW_PLAN, clock, cancelled: false, requests: 1 });
      expect(report).toMatchObject({ verdict: "exact", itemsDifferent: [], failed: [], skipped: [], uncertain: [] });
    }), { numRuns: 150 });
  });

  it("with any write answered badly (not applied, applied, applied late, reset, throttled) ends with nothing twice and nothing lost", async () => {
    const hit = new Set<string>();
    await fc.assert(fc.asyncProperty(contents(), fc.infiniteStream(fc.option(fault, { freq: 2 })), fc.integer({ min: 0, max: 15_000 }), async (snapshot, draws, listLagMs) => {
      const { fake, clock, rows } = world({ listLagMs, faults: (_write, kind) => {
        const chosen = draws.next().value ?? null;
        if (chosen) hit.add(`${kind} ${chosen}`);
        return chosen;
      } });
      const plan = await preview(fake, snapshot, NEW_PLAN);
      expect((await execute(fake, clock, rows, plan)).state).toBe("finished");
      fake.flush();
      expectWhole(fake, rows, plan, snapshot);
    }), { numRuns: 200 });
    for (const kind of ["plan", "bucket", "task", "comment"]) for (const one of ["applied-unknown", "late-unknown", "lost-unknown", "applied-reset", "throttled"]) expect(hit).toContain(`${kind} ${one}`);
  });

  it("killed at any request and carried on by another worker ends with nothing twice and nothing lost", async () => {
    await fc.assert(fc.asyncProperty(contents(5), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }), fc.array(fc.option(fault, { freq: 4 }), { maxLength: 60 }), async (snapshot, kills, draws) => {
      let left = Infinity;
      const { fake, clock, rows } = world({ faults: faultsFrom(draws), listLagMs: 10_000, beforeRequest: () => {
        left -= 1;
        if (left <= 0) throw new Killed();
      } });
      const plan = await preview(fake, snapshot, NEW_PLAN);
      for (const kill of [...kills, Infinity]) {
        left = kill;
        const ended = await execute(fake, clock, rows, plan).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          return null;
        });
        if (ended) break;
        clock.at += 20_000;
      }
      fake.flush();
      left = Infinity;
      expectWhole(fake, rows, plan, snapshot);
    }), { numRuns: 100 });
  });

  it("requests of a stalled worker that arrive long after are swept away", async () => {
    await fc.assert(fc.asyncProperty(contents(), fc.array(fc.option(fc.constant<Fault>("late-unknown"), { freq: 3 }), { maxLength: 40 }), async (snapshot, draws) => {
      const { fake, clock, rows } = world({ faults: faultsFrom(draws), lateMs: 600_000 });
      const plan = await preview(fake, { ...snapshot, comments: [] }, NEW_PLAN);
      expect((await execute(fake, clock, rows, plan)).state).toBe("finished");
      fake.flush();
      fake.options.faults = undefined;
      const swept = await sweepRestore({ plan, journal: new MemoryJournal(rows, clock.now), graph: fake.api, accountId: ACCOUNT });
      expect(swept.reported).toEqual([]);
      expectWhole(fake, rows, plan, snapshot);
    }), { numRuns: 150 });
  });

  it("cancelled at any point leaves a true state: what the journal holds is what is there", async () => {
    await fc.assert(fc.asyncProperty(contents(), fc.integer({ min: 1, max: 80 }), async (snapshot, at) => {
      const cancel = new AbortController();
      let requests = 0;
      const { fake, clock, rows } = world({ beforeRequest: () => {
        requests += 1;
        if (requests === at) cancel.abort();
      } });
      const plan = await preview(fake, snapshot, NEW_PLAN);
      const { state } = await execute(fake, clock, rows, plan, cancel.signal);
      expect([...rows.intents.values()].filter((intent) => intent.state === "inflight")).toEqual([]);
      const report = await readBack({ graph: fake.api, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request: NEW_PLAN, clock, cancelled: state === "cancelled", requests });
      expect(report.verdict).toBe(state === "cancelled" ? "cancelled" : "exact");
      const made = (kind: string) => report.created.filter((one) => one.kind === kind).map(({ id }) => id).sort();
      expect(made("plan")).toEqual([...fake.plans.keys()]);
      expect(made("bucket")).toEqual([...fake.buckets.keys()].sort());
      expect(made("task")).toEqual([...fake.tasks.keys()].sort());
    }), { numRuns: 150 });
  });

  it("interrupted because the worker stops, nothing is given up: the next one carries on", async () => {
    await fc.assert(fc.asyncProperty(contents(4), fc.integer({ min: 1, max: 30 }), async (snapshot, at) => {
      const stop = new AbortController();
      let requests = 0;
      const { fake, clock, rows } = world({ beforeRequest: () => {
        requests += 1;
        if (requests === at + 3) stop.abort(new PlanbackError("lease_lost", "The worker stops."));
      } });
      const plan = await preview(fake, snapshot, NEW_PLAN);
      await execute(fake, clock, rows, plan, stop.signal).catch((error: unknown) => expect(error).toMatchObject({ code: "lease_lost" }));
      expect((await execute(fake, clock, rows, plan)).state).toBe("finished");
      expectWhole(fake, rows, plan, snapshot);
    }), { numRuns: 60 });
  });

  it("a worker whose lease was taken makes no further journal write and stops", async () => {
    await fc.assert(fc.asyncProperty(contents(4).filter(({ tasks }) => tasks.length > 1), async (snapshot) => {
      let requests = 0;
      const { fake, clock, rows } = world({ beforeRequest: () => {
        requests += 1;
        if (requests === 10) rows.epoch += 1;
      } });
      const plan = await preview(fake, snapshot, NEW_PLAN);
      await expect(execute(fake, clock, rows, plan)).rejects.toMatchObject({ code: "lease_lost" });
      fake.options.clock.at += 60_000;
      expect((await execute(fake, clock, rows, plan)).state).toBe("finished");
      expectWhole(fake, rows, plan, snapshot);
    }), { numRuns: 40 });
  });
});

describe("a restore in place", () => {
  /** Deletes, edits, moves and adds, as people do. */
  const edits = fc.array(fc.record({ kind: fc.constantFrom("delete", "title", "progress", "move", "reorder", "notes", "tick", "board", "unassign", "label", "add", "deleteBucket", "renameBucket"), at: fc.nat(20) }), { maxLength: 8 });

  function edit(fake: FakePlanner, planId: string, { kind, at }: { kind: string; at: number }, index: number): void {
    const tasks = [...fake.tasks.values()].filter((task) => task.planId === planId);
    const task = tasks[at % Math.max(1, tasks.length)];
    const buckets = [...fake.buckets.values()];
    const bucket = buckets[at % Math.max(1, buckets.length)];
    const bump = (object: { "@odata.etag": string } | undefined) => object && (object["@odata.etag"] = `W/"edit${index}"`);
    if (kind === "deleteBucket" && bucket) {
      fake.buckets.delete(bucket.id);
      for (const one of tasks) if (one.bucketId === bucket.id) fake.tasks.delete(one.id);
    } else if (kind === "renameBucket" && bucket) { bucket.name = `Renamed ${index}`; bump(bucket); }
    if (!task) return;
    const details = fake.details.get(task.id);
    if (kind === "delete") fake.tasks.delete(task.id);
    else if (kind === "title") task.title = `Edited ${index}`;
    else if (kind === "progress") task.percentComplete = 100 - Number(task.percentComplete);
    else if (kind === "move") task.bucketId = bucket?.id ?? null;
    else if (kind === "reorder") task.orderHint = `~${index}`;
    else if (kind === "unassign") task.assignments = {};
    else if (kind === "label") task.appliedCategories = { category7: true };
    else if (kind === "notes" && details) details.description = `Edited ${index}`;
    else if (kind === "tick" && details) details.checklist = Object.fromEntries(Object.entries((details.checklist as object | undefined) ?? {}).slice(1).map(([key, item]) => [key, { ...item, isChecked: true }]));
    else if (kind === "board") fake.formats.get(`${task.id} bucket`)!.orderHint = `~${index}`;
    else if (kind === "add") {
      const id = `added-${index}`.padEnd(28, "x");
      fake.tasks.set(id, { id, planId, bucketId: bucket?.id ?? null, title: "New work", orderHint: `~new${index}`, percentComplete: 0, priority: 5, assignments: {}, appliedCategories: {}, "@odata.etag": `W/"new${index}"` });
      fake.details.set(id, { id, description: "keep me", "@odata.etag": "W/\"n\"" });
      for (const board of ["assignedTo", "bucket", "progress"]) fake.formats.set(`${id} ${board}`, { id, "@odata.etag": "W/\"n\"" });
    }
    bump(task);
    bump(details);
  }

  const known = (content: SnapshotContent, ids: ReadonlySet<string>): SnapshotContent => ({ ...content, tasks: content.tasks.filter(({ id }) => ids.has(id)) });

  it("recreates what is gone, reverts what changed and leaves what is new", async () => {
    await fc.assert(fc.asyncProperty(contents(), edits, fc.array(fc.option(fault, { freq: 3 }), { maxLength: 40 }), async (snapshot, changes, draws) => {
      const { fake, clock, rows } = world({ memberIds: PEOPLE });
      fake.load(snapshot);
      changes.forEach((change, index) => edit(fake, snapshot.plan.id, change, index));
      const added = [...fake.tasks.values()].filter(({ id }) => id.startsWith("added-"));
      const before = JSON.stringify(added.map((task) => [task, fake.details.get(task.id), fake.formats.get(`${task.id} bucket`)]));
      const plan = await preview(fake, snapshot, IN_PLACE);
      let writes = 0;
      fake.options.faults = () => draws[writes++] ?? null;
      expect((await execute(fake, clock, rows, plan)).state).toBe("finished");
      fake.flush();
      const failed = [...rows.intents.values()].filter(({ state }) => state === "failed" || state === "skipped");
      const report = await readBack({ graph: fake.api, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request: IN_PLACE, clock, cancelled: false, requests: 0 });
      if (failed.length === 0) expect(report).toMatchObject({ verdict: "exact", itemsDifferent: [] });
      else expect(report.failed.length + report.skipped.length).toBe(failed.length);
      expect(JSON.stringify(added.map(({ id }) => [fake.tasks.get(id), fake.details.get(id), fake.formats.get(`${id} bucket`)]))).toBe(before);
      expect(fake.tasks.size).toBe(snapshot.tasks.length + added.length);
      if (draws.every((one) => one === null)) {
        expect(failed).toEqual([]);
        const mine = new Set([...fake.tasks.keys()].filter((id) => !id.startsWith("added-")));
        expect(canonicalPlan(known(fake.content(snapshot.plan.id), mine))).toEqual(canonicalPlan(snapshot));
        const second = await preview(fake, snapshot, IN_PLACE);
        if (snapshot.tasks.every(({ id }) => fake.tasks.has(id)) && snapshot.buckets.every(({ id }) => fake.buckets.has(id))) expect(second.operations).toEqual([]);
      }
    }), { numRuns: 300 });
  });

  it("never overwrites what changed after the preview: it is reported", async () => {
    await fc.assert(fc.asyncProperty(contents().filter(({ tasks }) => tasks.length > 0), async (snapshot) => {
      const { fake, clock, rows } = world({ memberIds: PEOPLE });
      fake.load(snapshot);
      const [first] = snapshot.tasks;
      const id = first?.id ?? "";
      edit(fake, snapshot.plan.id, { kind: "title", at: 0 }, 1);
      const plan = await preview(fake, snapshot, IN_PLACE);
      Object.assign(fake.tasks.get(id)!, { title: "Changed meanwhile", "@odata.etag": "W/\"meanwhile\"" });
      await execute(fake, clock, rows, plan);
      expect(fake.tasks.get(id)?.title).toBe("Changed meanwhile");
      const report = await readBack({ graph: fake.api, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request: IN_PLACE, clock, cancelled: false, requests: 0 });
      expect(report.verdict).toBe("incomplete");
      expect(report.failed.map(({ reason }) => reason).join()).toContain("not overwritten");
    }), { numRuns: 60 });
  });
});
