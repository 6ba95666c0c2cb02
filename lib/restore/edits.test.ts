/** People who edit what a restore has just made, before it is filled in: their work is never overwritten, and the report says so. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { GraphObject } from "@/lib/planner/types";
import { executeRestore, MemoryJournal } from ".";
import { reopen } from "./journal";
import { ACCOUNT, carryThrough, expectWhole, IN_PLACE, NEW_PLAN, reference, remark, report, start, type World, world } from "./testing/survival";
import type { FakePlanner } from "./testing/fake-graph";
import { TestWorker } from "./testing/worker";

const SMALL = { tasks: 9, buckets: 2 };
const begin = (options: Parameters<typeof world>[2] = {}) => world(reference(SMALL), NEW_PLAN, options);

const KINDS = ["notes", "item", "attachment", "preview", "repeat"] as const;
type Kind = (typeof KINDS)[number];
let edits = 0;

/** What a person does to one task. Returns what must stand in the end. */
function edit(fake: FakePlanner, id: string, kind: Kind): () => void {
  const object = fake.find(`/planner/tasks/${id}${kind === "repeat" ? "" : "/details"}`);
  const theirs = `Theirs ${(edits += 1)}`;
  const [field, value] = ({
    notes: ["description", theirs], item: ["checklist", { ...(object.checklist as object), [theirs]: { title: theirs, isChecked: false, orderHint: "~~" } }],
    attachment: ["references", { ...(object.references as object), [`https%3A//example%2Ecom/${edits}`]: { alias: theirs, type: "Other", previewPriority: "~~" } }], preview: ["previewType", "noPreview"],
    repeat: ["recurrence", { seriesId: theirs, schedule: { pattern: { type: "daily", interval: 9 }, patternStartDateTime: "2027-01-01T00:00:00Z", nextOccurrenceDateTime: "2027-01-01T00:00:00Z" } }],
  } as const)[kind];
  Object.assign(object, { [field]: value, "@odata.etag": `W/"theirs-${edits}"` }, field === "description" ? { notes: { contentType: "html", content: theirs } } : {});
  const kept = structuredClone(object[field]);
  return () => (typeof kept === "string" ? expect(object[field]).toBe(kept) : expect(object[field]).toMatchObject(kept as GraphObject));
}

const fills = (one: World, kind: Kind) => one.plan.operations.filter((operation) => operation.kind === (kind === "repeat" ? "set_recurrence" : "update_task_details"));
const madeBy = (one: World, id: string) => [...one.rows.intents.values()].find(({ remoteId }) => remoteId === id);

it.each(KINDS)("a worker dies anywhere, people edit what is there (%s), another one goes on", { timeout: 60_000 }, async (kind) => {
  const worker = new TestWorker();
  await start(await begin(), worker);
  let skipped = 0;
  for (let at = 1; at <= worker.steps; at += 3) {
    const one = await begin();
    await start(one, new TestWorker(at, "die"));
    const before = new Map([...one.rows.intents].map(([seq, intent]) => [seq, { ...intent }]));
    const edited = [...one.fake.tasks.keys()].map((id) => ({ id, kept: edit(one.fake, id, kind) }));
    await carryThrough(one, []);
    for (const { kept } of edited) kept();
    const told = await report(one);
    for (const { id } of edited) {
      const seq = madeBy(one, id)!.seq;
      const fill = fills(one, kind).find(({ on }) => on?.$ref === seq);
      if (!fill) continue;
      const { state, attempt } = before.get(fill.seq)!;
      const reason = told.skipped.find((item) => item.seq === fill.seq)?.reason;
      // Never sent: left to them, in words. Done before: theirs is on top of it.
      if (attempt === 0) expect(reason, remark(kind, { at, id })).toMatch(/Somebody changed this.*not overwritten/);
      if (state === "done") expect(reason, remark(kind, { at, id })).toBeUndefined();
      if (reason !== undefined) skipped += 1;
    }
    if (told.skipped.length > 0) expect(told.verdict).toBe("incomplete");
    expect(told.failed).toEqual([]);
    // Letting it go on changes nothing of theirs.
    reopen(one.rows);
    await carryThrough(one, []);
    for (const { kept } of edited) kept();
  }
  expect(skipped).toBeGreaterThan(5);
});

it("people who edit in the middle of it, at any request, keep what they wrote", { timeout: 60_000 }, async () => {
  let skipped = 0;
  await fc.assert(fc.asyncProperty(fc.infiniteStream(fc.record({ acts: fc.integer({ min: 0, max: 3 }), at: fc.nat(20), kind: fc.constantFrom(...KINDS) })), async (moments) => {
    const kept = new Map<string, () => void>();
    let busy = false;
    const one: World = await begin({ beforeRequest: () => {
      if (!busy) return;
      const { acts, at, kind } = moments.next().value;
      const id = [...one.fake.tasks.keys()][at];
      if (acts === 0 && id !== undefined && !kept.has(id)) kept.set(id, edit(one.fake, id, kind));
    } });
    busy = true;
    expect(await start(one, new TestWorker())).toBe("finished");
    busy = false;
    for (const check of kept.values()) check();
    const told = await report(one);
    expect(told.failed).toEqual([]);
    for (const { reason } of told.skipped) expect(reason).toMatch(/not overwritten/);
    skipped += told.skipped.length;
  }), { numRuns: process.env.PLANBACK_LONG === "1" ? 1_000 : 60 });
  expect(skipped).toBeGreaterThan(50);
});

it("an own change without an answer is not taken for a person's, whatever was sent by then and wherever people went on from it", { timeout: 60_000 }, async () => {
  let hits = 0;
  for (let nth = 1; nth <= 24; nth += 1) {
    let patches = 0;
    const one = await begin({ faults: (_write, kind) => (kind === "patch" && (patches += 1) === nth ? "applied-unknown" : null) });
    const details = new Map<string, string>();
    const api = one.fake.api;
    const { patch } = api;
    one.fake.api.patch = (async (path: string, etag: string, body: GraphObject) => {
      const outcome = await patch(path, etag, body);
      const id = path.split("/")[3]!;
      // A person ticks off the first item of what has come.
      const checklist = one.fake.details.get(id)?.checklist as Record<string, { isChecked: boolean }> | undefined;
      const [first] = Object.values(checklist ?? {});
      if (outcome.kind === "unknown" && path.endsWith("/details") && first) {
        first.isChecked = !first.isChecked;
        one.fake.details.get(id)!["@odata.etag"] = `W/"ticked-${nth}"`;
        details.set(id, JSON.stringify(checklist));
      }
      return outcome;
    }) as typeof patch;
    await carryThrough(one, []);
    const told = await report(one);
    expect([told.failed, told.skipped]).toEqual([[], []]);
    for (const [id, checklist] of details) expect(JSON.stringify(one.fake.details.get(id)!.checklist)).toBe(checklist);
    hits += details.size;
    if (details.size === 0) await expectWhole(one, remark("", { nth }));
  }
  expect(hits).toBeGreaterThan(3);
});

it("undisturbed, it costs no request: details are read once, for their etags", async () => {
  const one = await begin();
  const asked = new Map<string, number>();
  const { batchGet } = one.fake.api;
  one.fake.api.batchGet = (requests) => {
    for (const { url } of requests) if (/^\/planner\/tasks\/[^/]+(\/details)?$/.test(url)) asked.set(url, (asked.get(url) ?? 0) + 1);
    return batchGet(requests);
  };
  expect(await start(one, new TestWorker())).toBe("finished");
  const paths = fills(one, "notes").map(({ on }) => `/planner/tasks/${one.rows.intents.get(on!.$ref)!.remoteId}/details`);
  expect([...asked].sort()).toEqual(paths.map((path) => [path, 1]).sort());
});

it("what another restore has made since is not made a second time; the rest is", async () => {
  const one = await begin();
  const [task] = one.plan.operations.filter(({ kind }) => kind === "create_task");
  const madeSince = new Set([task!.source]);
  const { fake, clock, rows, plan } = one;
  expect(await executeRestore({ plan, journal: new MemoryJournal(rows, clock.now), graph: fake.api, repository: { async *readFile() { yield new Uint8Array(1); } }, accountId: ACCOUNT, clock, madeSince })).toMatchObject({ state: "finished" });
  expect(rows.intents.get(task!.seq)).toMatchObject({ state: "skipped", attempt: 0, problem: expect.stringContaining("Another restore has made this since") });
  expect(fake.tasks.size).toBe(one.snapshot.tasks.length - 1);
});

/** Tasks that repeat and are to be changed twice: two that repeat otherwise, one to be completed, one to be deleted. */
async function secondChanges(): Promise<{ one: World; ids: string[] }> {
  const snapshot = { ...reference(SMALL), comments: [], attachments: [] };
  snapshot.plan.isArchived = false;
  const completed = snapshot.tasks[5]!.id;
  const ids = [snapshot.tasks[3]!.id, snapshot.tasks[4]!.id, completed];
  const one = await world(snapshot, IN_PLACE, {}, (fake) => {
    fake.load(snapshot);
    const again = { seriesId: "s", schedule: { pattern: { type: "daily", interval: 2 }, patternStartDateTime: "2026-12-01T00:00:00Z", nextOccurrenceDateTime: "2026-12-03T00:00:00Z" } };
    for (const id of ids) Object.assign(fake.tasks.get(id)!, { title: `Spoilt ${id}`, recurrence: structuredClone(again), ...(id === completed ? { percentComplete: 0 } : {}) });
    fake.details.get(ids[1]!)!.description = "Spoilt";
    const added = { ...structuredClone(fake.tasks.get(completed)!), id: "added".padEnd(28, "x"), title: "New", orderHint: "~" };
    fake.tasks.set(added.id, added);
    fake.details.set(added.id, { id: added.id, "@odata.etag": "W/\"n\"" });
    for (const board of ["assignedTo", "bucket", "progress"]) fake.formats.set(`${added.id} ${board}`, { id: added.id, "@odata.etag": "W/\"n\"" });
    ids.push(added.id);
  });
  return { one, ids };
}

it("what exists and is changed a second time, repetition last or first of all, is compared again when another worker goes on", { timeout: 60_000 }, async () => {
  const worker = new TestWorker();
  const whole = await secondChanges();
  await start(whole.one, worker);
  expect(await report(whole.one)).toMatchObject({ verdict: "exact", failed: [], skipped: [] });
  let [overtaken, between] = [0, 0];
  for (let at = 1; at <= worker.steps; at += 1) {
    const { one, ids } = await secondChanges();
    await start(one, new TestWorker(at, "die"));
    const before = new Map([...one.rows.intents].map(([seq, intent]) => [seq, { ...intent }]));
    const [repeated, also, completed, added] = ids as [string, string, string, string];
    const there = new Set(ids.filter((id) => one.fake.tasks.has(id)));
    const kept = [repeated, also].map((id) => edit(one.fake, id, "repeat"));
    for (const id of [completed, added].filter((one) => there.has(one))) Object.assign(one.fake.tasks.get(id)!, { percentComplete: 30, "@odata.etag": `W/"theirs-${(edits += 1)}"` });
    await carryThrough(one, []);
    for (const check of kept) check();
    for (const id of there) expect(one.fake.tasks.has(id), remark("there", { at, id })).toBe(true);
    for (const id of [completed, added].filter((one) => there.has(one))) expect(one.fake.tasks.get(id)!.percentComplete, remark("progress", { at, id })).toBe(30);
    const { failed, skipped } = await report(one); // skipped: waits for one that failed
    for (const { reason } of failed) expect(reason).toMatch(/Somebody changed this.*not overwritten/);
    for (const { seq, kind, liveId, afterSettled = [], after } of one.plan.operations.filter(({ liveId }) => ids.includes(liveId ?? ""))) {
      const touches = kind === "set_recurrence" ? [repeated, also].includes(liveId!) : kind === "delete_task" || (kind === "update_task" && liveId === completed);
      if (!touches || before.get(seq)?.state !== "pending") continue;
      expect([...failed, ...skipped].map((item) => item.seq), remark(kind, { at, liveId })).toContain(seq);
      overtaken += 1;
      if ([...after, ...afterSettled].some((earlier) => before.get(earlier)?.state === "done")) between += 1;
    }
  }
  expect([overtaken > 20, between > 5]).toEqual([true, true]);
});
