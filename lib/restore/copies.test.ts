/** A file that is gone is uploaded once: restoring in place again finds the copy. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { decodeReferenceKey, encodeReferenceKey } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { GROUPS } from "@/simulator/fixtures";
import { buildRestorePlan, creationsOf, followCopies, followSuccessors, readAccountFacts, readLiveTarget, readSuccessors, type RestorePlan, type RestoreReport, type RestoreRequest } from ".";
import { fileKey } from "./ids";
import { type Rig, startRig } from "./testing/rig";

const FILE = "Press release draft.docx";
const request: RestoreRequest = { tasks: "all", target: { kind: "in_place" }, addMembers: true, comments: "none" };
let rig: Rig;
let snapshot: SnapshotContent;
let journals: Parameters<typeof creationsOf>[0];

beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.cloud.simulator.close());
beforeEach(async () => {
  await rig.cloud.simulator.reset();
  snapshot = await rig.capture(GROUPS.marketing, rig.cloud.simulator.stores.planner.plansOfGroup(GROUPS.marketing)[0]!.id);
  journals = [];
});

const drives = () => rig.cloud.simulator.stores.drives;
const itemsNamed = (name: string) => drives().all().flatMap(({ items }) => [...items.values()]).filter((item) => item.name === name);
const attachment = () => snapshot.attachments.find(({ name }) => name === FILE)!;
const task = () => rig.cloud.simulator.stores.planner.findTask(attachment().taskId)!;
const links = () => [...task().details.references.keys()];

/** What a restore would do, with what earlier ones made. */
async function preview(restoreId: string, of = snapshot, more: Partial<RestoreRequest> = {}): Promise<{ plan: RestorePlan; of: SnapshotContent }> {
  const creations = creationsOf(journals);
  const ids = await readSuccessors({ graph: rig.graph, snapshot: of, request: { ...request, ...more }, creations });
  const { snapshot: followed, request: asked } = followSuccessors(of, { ...request, ...more }, ids);
  const { live, people } = await readLiveTarget({ graph: rig.graph, snapshot: followed, request: asked, extras: false });
  const { copies, ...target } = await followCopies({ graph: rig.graph, repository: rig.repository, snapshot: followed, request: asked, live: live!, creations });
  const successors = { ...ids, ...copies };
  // What the report is compared with.
  expect(followSuccessors(of, request, successors).snapshot.tasks.map(({ details }) => details)).toEqual(target.snapshot.tasks.map(({ details }) => details));
  const account = await readAccountFacts(rig.graph, ["Group.ReadWrite.All", "Sites.ReadWrite.All"]);
  return { of: target.snapshot, plan: buildRestorePlan({ ...target, people, request: asked, account, restoreId, successors }) };
}

async function restore(restoreId: string, of = snapshot): Promise<RestoreReport> {
  const { plan, of: followed } = await preview(restoreId, of);
  const { report } = await rig.run(followed, request, plan);
  journals.push({ operations: plan.operations, remoteIds: new Map(plan.operations.flatMap(({ seq, source, label }) => {
    const made = report.created.find((one) => one.source === source && one.label === label);
    return made ? [[seq, made.id] as const] : [];
  })) });
  expect(report).toMatchObject({ verdict: "exact", failed: [], itemsDifferent: [] });
  return report;
}

const kinds = ({ plan }: { plan: RestorePlan }) => plan.operations.map(({ kind }) => kind);
const lose = () => itemsNamed(FILE).forEach((item) => drives().remove(item));

test("restored again while the file is gone, nothing is uploaded and nothing added: the copy stands for it", async () => {
  const before = links().length;
  lose();
  const first = await restore("r1");
  expect(first.created.map(({ kind }) => kind)).toEqual(["file"]);
  expect([links().length, links().map(decodeReferenceKey)]).toEqual([before, expect.arrayContaining([first.created[0]!.id])]);
  for (const id of ["r2", "r3"]) {
    expect(kinds(await preview(id))).toEqual([]);
    expect((await restore(id)).created).toEqual([]);
  }
  expect([links().length, itemsNamed(FILE).length]).toEqual([before, 1]);
  // The copy's link is none that was added since.
  expect(kinds(await preview("r4", snapshot, { target: { kind: "in_place", added: "remove" } }))).toEqual([]);
});

test("also in a task that is gone itself and was made again", async () => {
  const { title } = task();
  rig.cloud.simulator.stores.planner.deleteTask(task().id);
  lose();
  expect((await restore("r1")).created.map(({ kind }) => kind).sort()).toEqual(["file", "task"]);
  expect(kinds(await preview("r2"))).toEqual([]);
  const again = [...rig.cloud.simulator.stores.planner.findPlan(snapshot.plan.id)!.tasks.values()].find((one) => one.title === title)!;
  rig.cloud.simulator.stores.planner.deleteTask(again.id);
  expect((await restore("r3")).created.map(({ kind }) => kind)).toEqual(["task"]);
  expect([kinds(await preview("r4")), itemsNamed(FILE).length]).toEqual([[], 1]);
});

test("a link that somebody removed comes back to the copy; nothing is uploaded", async () => {
  lose();
  const copy = (await restore("r1")).created[0]!.id;
  task().details.references.delete(encodeReferenceKey(copy));
  task().details.revision.touch(["references"]);
  expect(kinds(await preview("r2"))).toEqual(["update_task_details"]);
  await restore("r2");
  expect(links().map(decodeReferenceKey)).toContain(copy);
  expect(itemsNamed(FILE)).toHaveLength(1);
});

test.each([
  ["is gone as well", lose],
  ["was changed, even if its size was not", () => itemsNamed(FILE).forEach((item) => drives().putFile(item.parent!, FILE, Buffer.alloc(item.size), { size: item.size, by: null }))],
  ["is empty", () => itemsNamed(FILE).forEach((item) => drives().putFile(item.parent!, FILE, Buffer.alloc(0), { size: 0, by: null }))],
] as const)("a copy that %s does not stand for the file: it is uploaded anew, and the newest copy counts", async (_, happens) => {
  lose();
  await restore("r1");
  happens();
  expect((await restore("r2")).created.map(({ kind }) => kind)).toEqual(["file"]);
  expect(kinds(await preview("r3"))).toEqual([]);
});

test("a copy of another version is not taken for the file; each version has its own", async () => {
  const older = snapshot;
  itemsNamed(FILE).forEach((item) => drives().putFile(item.parent!, FILE, Buffer.from("The second version"), { size: 18, by: null }));
  const newer = await rig.capture(GROUPS.marketing, snapshot.plan.id);
  const sameId = (content: SnapshotContent) => content.attachments.find(({ id }) => id === attachment().id)!;
  expect(fileKey(sameId(newer))).not.toBe(fileKey(sameId(older)));
  lose();
  await restore("r1", older);
  expect(kinds(await preview("r2", newer))).toEqual(["upload_file", "update_task_details"]);
});

test("a task that points to where the file was gets a working link in its place, not one more", async () => {
  const before = links().length;
  const [dead, value] = [...task().details.references].find(([key]) => key === attachment().referenceKey)!;
  lose();
  const copy = (await restore("r1")).created[0]!.id;
  task().details.references.delete(encodeReferenceKey(copy));
  task().details.references.set(dead, value);
  task().details.revision.touch(["references"]);
  await restore("r2");
  expect([links().length, links().includes(dead)]).toEqual([before, false]);
  expect(kinds(await preview("r3"))).toEqual([]);
});

test("a stored file that cannot be read any more does not stop the preview; its upload says what is wrong", async () => {
  lose();
  await restore("r1");
  const { live } = await readLiveTarget({ graph: rig.graph, snapshot, request, extras: false });
  const damaged = { ...snapshot, attachments: snapshot.attachments.map((one) => ({ ...one, fileId: "0".repeat(64) })) };
  const { copies } = await followCopies({ graph: rig.graph, repository: rig.repository, snapshot: damaged, request, live: live!, creations: creationsOf(journals) });
  expect(copies).toEqual({});
});
