/** A restore that is killed, stopped, cancelled or failed anywhere ends with nothing twice, nothing lost and a true report. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { confirmedReport, MemoryJournal, type RestoreReport, sweepRestore } from ".";
import { reopen } from "./journal";
import { arbitraryContent } from "./testing/arbitrary";
import type { Fault, FakePlanner } from "./testing/fake-graph";
import type { referenceContent } from "./testing/reference";
import { ACCOUNT, carryThrough, expectWhole, GROUP, IN_PLACE, NEW_GROUP, NEW_PLAN, PEOPLE, reference, remark, report, start, type World, world } from "./testing/survival";
import { type Mishap, TestWorker } from "./testing/worker";

const LONG = process.env.PLANBACK_LONG === "1";

/** What people did to the plan since: three tasks gone, some changed, a bucket with tasks added. */
function spoil(fake: FakePlanner): void {
  const [first, second, third, fourth, fifth] = [...fake.tasks.values()];
  for (const { id } of [first!, second!, third!]) fake.tasks.delete(id);
  edit(fake, fourth!.id, { title: "Spoilt", percentComplete: 0 });
  edit(fake, fifth!.id, { priority: 9 });
  fake.buckets.set(ADDED, { id: ADDED, name: "Added", planId: String(first!.planId), orderHint: "~", "@odata.etag": "W/\"added\"" });
  for (const number of [1, 2]) fake.addTask(`added-task-${number}`.padEnd(28, "x"), { title: "Added", planId: String(first!.planId), bucketId: ADDED });
}

const ADDED = "added-bucket".padEnd(28, "x");
let edits = 0;
const edit = (fake: FakePlanner, id: string, change: object) => void Object.assign(fake.tasks.get(id)!, change, { "@odata.etag": `W/"edit-${(edits += 1)}"` });

const spoilt = (size: Parameters<typeof referenceContent>[2]) => world(reference(size), IN_PLACE, {}, (fake) => {
  fake.load({ ...reference(size), plan: { ...reference(size).plan, isArchived: false } });
  spoil(fake);
});
const SMALL = { tasks: 9, buckets: 2 };
/** Every step of small ones; of those with some sixty creates every step in the long run, else every seventh. */
const REFERENCES: [string, number, () => Promise<World>][] = [
  ["into a new group, small", 1, () => world(reference(SMALL), NEW_GROUP)],
  ["in place, removing what was added, small", 1, () => spoilt(SMALL)],
  ["into a new group", LONG ? 1 : 7, () => world(reference(), NEW_GROUP)],
  ["in place, removing what was added", LONG ? 1 : 7, () => spoilt({})],
];

describe.each(REFERENCES)("the reference restore %s", (name, every, begin) => {
  it.each(["die", "fail"] as const)("is carried through when its worker has a mishap (%s) at any of its steps", { timeout: 600_000 }, async (kind) => {
    const undisturbed = await begin();
    const worker = new TestWorker();
    expect(await start(undisturbed, worker)).toBe("finished");
    await expectWhole(undisturbed, name);
    let [planned, hits] = [0, 0];
    for (let at = 1; at <= worker.steps; at += every) {
      const one = await begin();
      const mishap = kind === "die" ? "die" : at % 2 === 1 ? "fail-before" : "fail-after";
      planned += 1;
      hits += await carryThrough(one, [{ at, mishap }]);
      await expectWhole(one, remark(name, { at, mishap }));
    }
    expect(hits).toBe(planned);
  });
});

const contents = (maxTasks: number) => arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks, comments: true });
const fault = fc.constantFrom<Fault>("applied-unknown", "late-unknown", "lost-unknown", "applied-reset", "throttled");
const mishap = fc.record({ at: fc.integer({ min: 1, max: 200 }), mishap: fc.constantFrom<Mishap>("die", "fail-before", "fail-after") });

it("a thousand mixed schedules of kills, failing steps, bad answers and lists that lag end with nothing twice and nothing lost", { timeout: 600_000 }, async () => {
  let hits = 0;
  const suffered = new Set<string>();
  await fc.assert(fc.asyncProperty(contents(6), fc.constantFrom(NEW_PLAN, NEW_GROUP), fc.array(mishap, { maxLength: 4 }), fc.infiniteStream(fc.option(fault, { freq: 3 })), fc.integer({ min: 0, max: 15_000 }), async (snapshot, request, mishaps, draws, listLagMs) => {
    const one = await world(snapshot, request, { listLagMs, faults: (_write, kind) => {
      const chosen = draws.next().value ?? null;
      if (chosen) suffered.add(`${kind} ${chosen}`);
      return chosen;
    } });
    hits += await carryThrough(one, mishaps);
    await expectWhole(one, remark("", { mishaps, listLagMs }));
  }), { numRuns: LONG ? 10_000 : 1_000 });
  expect(hits).toBeGreaterThan(500);
  for (const kind of ["group", "owner", "member", "plan", "bucket", "task", "comment", "patch"]) for (const how of ["applied-unknown", "late-unknown", "lost-unknown", "applied-reset", "throttled"]) expect(suffered).toContain(`${kind} ${how}`);
});

it("cancelled at any step the report names exactly what is there; resumed, it ends whole", { timeout: 120_000 }, async () => {
  let cancelled = 0;
  await fc.assert(fc.asyncProperty(contents(6), fc.constantFrom(NEW_PLAN, NEW_GROUP), fc.integer({ min: 1, max: 150 }), async (snapshot, request, at) => {
    const one = await world(snapshot, request);
    const cancel = new AbortController();
    const how = await start(one, new TestWorker(Infinity, "die", (step) => {
      if (step === at) cancel.abort();
    }), cancel.signal);
    if (how === "cancelled") cancelled += 1;
    const told = await report(one, how === "cancelled");
    const made = (kind: RestoreReport["created"][number]["kind"]) => told.created.filter((item) => item.kind === kind).map(({ id }) => id).sort();
    const { fake } = one;
    expect([made("plan"), made("bucket"), made("task")]).toEqual([fake.plans, fake.buckets, fake.tasks].map((map) => [...map.keys()].sort()));
    expect(made("comment")).toHaveLength([...fake.threads.values()].flatMap(({ posts }) => posts).length);
    expect([told.verdict === "cancelled", told.failed, told.uncertain]).toEqual([how === "cancelled", [], []]);
    expect(told.created.length + told.skipped.length).toBeLessThanOrEqual(one.plan.operations.length);
    reopen(one.rows);
    await carryThrough(one, []);
    await expectWhole(one, remark("", { at }));
  }), { numRuns: LONG ? 1_000 : 200 });
  expect(cancelled).toBeGreaterThan(100);
});

it("a worker that stood still beyond its lease writes nothing to the journal afterwards; what it still sends is swept away", { timeout: 120_000 }, async () => {
  let [stood, swept] = [0, 0];
  await fc.assert(fc.asyncProperty(contents(6), fc.constantFrom(NEW_PLAN, NEW_GROUP), fc.integer({ min: 1, max: 120 }), async (snapshot, request, at) => {
    const one = await world(snapshot, request);
    const zombie = new TestWorker(at, "stall");
    const ending = start(one, zombie);
    if ((await Promise.race([ending, zombie.stalled])) !== "stalled") return;
    stood += 1;
    one.clock.at += 60_000;
    expect(await start(one, new TestWorker())).toBe("finished");
    zombie.resume();
    expect(["again", "finished"]).toContain(await ending); // finished: it had nothing left to write
    expect(zombie.writesAfterwards).toBe(0);
    one.clock.at += 900_000;
    const { removed, reported } = await sweepRestore({ plan: one.plan, journal: new MemoryJournal(one.rows, one.clock.now), graph: one.fake.api, accountId: ACCOUNT });
    swept += removed.length;
    expect(reported).toEqual([]);
    const doubted = (await report(one)).uncertain.length;
    await expectWhole(one, remark("", { at }), doubted);
  }), { numRuns: LONG ? 2_000 : 300 });
  expect(stood).toBeGreaterThan(100);
  expect(swept).toBeGreaterThan(10);
});

it.each(["in Planner", "in the archive"])("in place, whatever people change while it runs is never overwritten or deleted, and the report names it (a plan %s)", { timeout: 120_000 }, async (where) => {
  let [refused, kept] = [0, 0];
  await fc.assert(fc.asyncProperty(fc.infiniteStream(fc.option(fc.nat(30), { freq: 4 })), async (draws) => {
    let busy = false;
    const theirs = new Map<string, string>();
    const isShut = () => [...one.fake.plans.values()][0]!.isArchived === true;
    const one = await world(reference(SMALL), IN_PLACE, { beforeRequest: () => {
      const at = busy && !isShut() ? draws.next().value : null;
      const id = at === null || at === undefined ? undefined : [...one.fake.tasks.keys()].filter((key) => before.has(key))[at];
      if (id === undefined) return;
      theirs.set(id, `Theirs ${theirs.size}`);
      edit(one.fake, id, { title: theirs.get(id) });
    } }, (fake) => {
      fake.load({ ...reference(SMALL), plan: { ...reference(SMALL).plan, isArchived: where === "in the archive" } });
      spoil(fake);
    });
    const before = new Set(one.fake.tasks.keys());
    busy = true;
    expect(await start(one, new TestWorker())).toBe("finished");
    busy = false;
    for (const [id, title] of theirs) {
      // Deleted before they came to it: there was nothing to overwrite.
      if (!one.fake.tasks.has(id)) continue;
      kept += 1;
      expect(one.fake.tasks.get(id)!.title, remark("", { id })).toBe(title);
    }
    const told = await report(one);
    refused += told.failed.length;
    for (const { reason } of told.failed) expect(reason).toContain("not overwritten");
    const wrong = one.snapshot.tasks.filter(({ id, task }) => one.fake.tasks.get(id) && one.fake.tasks.get(id)!.title !== task.title).map(({ id }) => id).sort();
    expect(told.itemsDifferent.filter(({ fields }) => fields.some(({ field }) => field === "Title")).map(({ source }) => source).sort()).toEqual(wrong);
    expect(told.verdict).toBe(told.failed.length > 0 ? "incomplete" : wrong.length > 0 ? "different" : told.verdict);
  }), { numRuns: LONG ? 2_000 : 200 });
  expect(refused).toBeGreaterThan(50);
  expect(kept).toBeGreaterThan(200);
});

it.each(["deleted", "closed to the account"] as const)("a plan that is %s in mid-run ends the restore soon, each open operation with its reason", { timeout: 120_000 }, async (how) => {
  const size = { tasks: 200, buckets: 4 };
  await fc.assert(fc.asyncProperty(fc.integer({ min: 12, max: 300 }), async (at) => {
    let [requests, shut] = [0, false];
    const one = await world(reference(size), NEW_PLAN, { beforeRequest: () => {
      requests += 1;
      if (requests === at) {
        shut = how === "closed to the account";
        if (!shut) for (const map of [one.fake.plans, one.fake.buckets, one.fake.tasks]) map.clear();
      }
    } });
    const api = one.fake.api as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, method] of Object.entries(api)) {
      api[name] = async (...args) => {
        if (!shut) return method(...args);
        requests += 1;
        throw new PlanbackError("graph_forbidden", "The account is not a member.");
      };
    }
    requests = 0;
    expect(await start(one, new TestWorker())).toBe("finished");
    // Each request asks twice. What was under way when it happened is refused, and not much more is sent.
    expect(requests - at, remark(how, { at })).toBeLessThan(330);
    const open = [...one.rows.intents.values()].filter(({ state }) => !["done", "failed", "skipped"].includes(state));
    expect(open.filter(({ state, kind }) => !(state === "unknown" && kind.startsWith("create")))).toEqual([]);
    const journal = new MemoryJournal(one.rows, one.clock.now);
    const told = shut ? await confirmedReport({ plan: one.plan, journal, clock: one.clock, cancelled: false, requests }) : await report(one);
    expect([told.verdict, told.failed.length + told.skipped.length > 0]).toEqual(["incomplete", true]);
    for (const { reason } of [...told.failed, ...told.skipped]) expect(reason).toMatch(/not a member|does not exist|cannot be reached|failed before/);
    if (!shut) return;
    shut = false;
    reopen(one.rows);
    await carryThrough(one, []);
    await expectWhole(one, remark(how, { at }));
  }), { numRuns: 12 });
});
