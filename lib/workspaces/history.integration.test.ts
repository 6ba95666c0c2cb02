/** When something happened to a plan is read off its history, and what differs between two moments is found. */
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { driftOf } from "@/lib/jobs/drift";
import { readPlan } from "@/lib/jobs/readPlan";
import type { Comment, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { contentToRecords } from "@/lib/repository";
import * as api from "./index";
import { sealPlanNames } from "./planNames";
import { repositoryOf } from "./repository";
import { indexPlan } from "./searchIndex";
import type { Actor, HistoryView } from "./types";

let database: TestDatabase;
let actor: Actor;
let ws: string;
const planId = randomUUID();
const otherPlan = randomUUID();
const ids: string[] = [];

const task = (id: string, title: string, more: Partial<TaskRecord["task"]> = {}, details: Partial<NonNullable<TaskRecord["details"]>> = {}): TaskRecord =>
  ({ kind: "task", id, task: { id, title, bucketId: "b", orderHint: id, ...more }, details: { id, ...details }, formats: {} });
const content = (tasks: TaskRecord[], more: Partial<SnapshotContent> = {}): SnapshotContent => ({
  group: null, plan: { id: "P", title: "Launch" }, planDetails: { id: "P", categoryDescriptions: { category1: "Legal" } }, buckets: [{ id: "b", name: "To do" }],
  tasks, comments: [], attachments: [], people: [{ id: "u", displayName: "Zoë Öztürk" }], ...more,
});
const comment = (taskId: string, text: string): Comment => ({ id: `${taskId}${text}`, taskId, threadId: "t", authorName: "Ada", authorAddress: null, createdDateTime: "2026-05-01T00:00:00Z", text, original: { contentType: "text", content: text } });
const hour = (number: number) => new Date(Date.UTC(2026, 4, 1, number));
/** Enough that they do not lie in one segment. */
const MANY = Array.from({ length: 300 }, (_, index) => task(`many-${index}`, `Task ${index}`, {}, { description: "words ".repeat(20) }));

const STATES: { content: SnapshotContent; state?: "partial"; beforeRestore?: true }[] = [
  { content: content([task("a", "Write the press release"), task("b", "Book the venue", {}, { description: "Ask for the large room in Lisbon" }), ...MANY]) },
  { content: content([task("a", "Write the press release"), task("b", "Book the venue", {}, { description: "Ask for the large room in Lisbon" }), ...MANY]) },
  { content: content([task("b", "Book the venue", { percentComplete: 100, assignments: { u: {} } }, { description: "Ask for the small room in Porto" }), ...MANY], { comments: [comment("many-7", "Done?")] }) },
  { content: content([task("b", "Book the venue", { percentComplete: 100, assignments: { u: {} } }, { description: "Ask for the small room in Porto" })], { comments: [comment("many-7", "Done?")] }), state: "partial" },
  { content: content([task("b", "Book the venue", { percentComplete: 100, assignments: { u: {} } }, { description: "Ask for the small room in Porto" }), ...MANY], { comments: [comment("many-7", "Done?")], buckets: [{ id: "b", name: "Doing" }] }), beforeRestore: true },
];

beforeAll(async () => {
  database = await testDatabase();
  actor = { tid: randomUUID(), oid: randomUUID(), name: "Olga", username: "olga@contoso.example", sessionHash: randomBytes(32).toString("hex") };
  ws = (await api.createWorkspace(actor, { name: "Contoso" })).id;
  const [w, id] = [{ workspaceId: ws }, planId];
  const names = await Promise.all([planId, otherPlan].map(async (plan) => [plan, await sealPlanNames(ws, plan, { title: "Launch", groupName: "Marketing" })] as const));
  await withWorkspace(ws, async (tx) => {
    await tx.microsoftTenant.create({ data: { ...w, id, tid: actor.tid } });
    await tx.connection.create({ data: { ...w, id, microsoftTenantId: id, oid: id, name: "b", username: "b", backupState: "needs_sign_in", restoreState: "none" } });
    await tx.policy.create({ data: { ...w, id, connectionId: id, name: "p", selection: { groups: [] }, schedule: {} } });
    await tx.run.create({ data: { ...w, id, policyId: id, trigger: "manual", state: "complete" } });
    for (const [plan, sealedNames] of names) await tx.plan.create({ data: { ...w, id: plan, microsoftTenantId: id, graphPlanId: plan === planId ? "P" : "Q", groupId: id, sealedNames } });
  });
  const repository = await repositoryOf(ws);
  let previous: string | null = null;
  for (const [index, { content, state = "complete", beforeRestore }] of STATES.entries()) {
    const snapshotId = randomUUID();
    const takenAt = hour(index);
    const { manifestId, counts }: { manifestId: string; counts: object } = await repository.writeSnapshot({
      snapshotId, planId: "P", microsoftTenantId: actor.tid, takenAt: takenAt.toISOString(), consistency: { kind: "quiescent", at: takenAt.toISOString() }, complete: state === "complete", gaps: [], previous,
    }, contentToRecords(content));
    const drift = await driftOf(repository, previous, manifestId);
    previous = manifestId;
    ids.push(snapshotId);
    await withWorkspace(ws, (tx) => tx.snapshot.create({ data: { workspaceId: ws, id: snapshotId, planId, runId: beforeRestore ? null : planId, state, manifestId, takenAt, counts, ...(drift ? { drift: { ...drift } } : {}) } }));
    await indexPlan(ws, planId);
  }
});
afterAll(async () => {
  await database?.close();
});

const history = (query?: api.HistoryQuery): Promise<HistoryView> => api.getHistory(actor, ws, planId, query);
const at = (id: string): number => ids.indexOf(id);

test("the timeline says what changed in each, folds what did not, and names the tasks that went", async () => {
  const { entries, total, changes, gone, newestId, page, pages } = await history();
  expect(entries.map((entry) => (entry.kind === "snapshot" ? [at(entry.snapshot.id), entry.before && at(entry.before), entry.snapshot.state, entry.snapshot.beforeRestore, entry.snapshot.tasks] : entry.snapshots.map(({ id }) => at(id))))).toEqual([
    [4, 3, "complete", true, 301], [3, 2, "partial", false, 1], [2, 1, "complete", false, 301], [1], [0, null, "complete", false, 302],
  ]);
  const drifts = entries.map((entry) => (entry.kind === "snapshot" ? entry.snapshot.drift : null));
  expect(drifts).toEqual([
    { added: 300, removed: 0, changed: 0, fields: 0, completed: 0, other: 1 }, { added: 0, removed: 300, changed: 0, fields: 0, completed: 0, other: 0 },
    { added: 0, removed: 1, changed: 2, fields: 4, completed: 1, other: 0 }, null, null,
  ]);
  expect({ total, changes, page, pages, newest: at(newestId!) }).toEqual({ total: 5, changes: 4, page: 1, pages: 1, newest: 3 });
  // What a partial snapshot lacks need not be gone.
  expect(gone).toEqual({ [ids[2]!]: [{ id: "a", title: "Write the press release" }] });
});

test("a task leads to the last snapshot that has it; one that nobody knows leads nowhere", async () => {
  expect((await history({ taskId: "a" })).task).toEqual({ taskId: "a", title: "Write the press release", bucket: "To do", firstAt: hour(0).toISOString(), snapshotId: ids[1], lastAt: hour(1).toISOString(), goneAt: hour(2).toISOString() });
  expect((await history({ taskId: "b" })).task).toMatchObject({ snapshotId: ids[2], goneAt: null });
  expect((await history({ taskId: "nobody" })).task).toBeNull();
});

/** What happened to a task: kind, snapshot, the one before, and the fields. */
const lifeOf = async (taskId: string) => (await api.getTaskHistory(actor, ws, planId, taskId)).events.map(({ kind, snapshotId, before, fields }) =>
  [kind, at(snapshotId), before && at(before.id), fields!.map(({ name, from, to }) => `${name}: ${from} > ${to}`)]);

test("the life of a task: first seen, each change with the last snapshot as it was, and when it went", async () => {
  expect(await lifeOf("a")).toEqual([["gone", 2, 1, []], ["first", 0, null, []]]);
  expect(await lifeOf("b")).toEqual([
    ["changed", 2, 1, ["Progress: Not started > Completed", "Assigned to: null > Zoë Öztürk", "Notes: Ask for the large room in Lisbon > Ask for the small room in Porto"]],
    ["first", 0, null, []],
  ]);
  // Comments lie apart from their task; a partial snapshot without the task does not end it.
  expect(await lifeOf("many-7")).toEqual([["changed", 2, 1, ["Comments: null > Ada, 2026-05-01T00:00:00Z: Done?"]], ["first", 0, null, []]]);
  expect(await api.getTaskHistory(actor, ws, planId, "a")).toMatchObject({ title: "Write the press release", next: null, damaged: 0, trace: { goneAt: hour(2).toISOString() } });
  await expect(api.getTaskHistory(actor, ws, planId, "nobody")).rejects.toMatchObject({ code: "not_found" });
  await expect(api.getTaskHistory(actor, ws, otherPlan, "a")).rejects.toMatchObject({ code: "not_found" });
});

test("a long life comes in pages, each change once", async () => {
  const plan = randomUUID();
  const sealedNames = await sealPlanNames(ws, plan, { title: "Long", groupName: "Marketing" });
  await withWorkspace(ws, (tx) => tx.plan.create({ data: { workspaceId: ws, id: plan, microsoftTenantId: planId, graphPlanId: "R", groupId: planId, sealedNames } }));
  const repository = await repositoryOf(ws);
  const CHANGES = 45;
  for (let index = 0; index < CHANGES; index++) {
    const [id, takenAt] = [randomUUID(), new Date(Date.UTC(2026, 6, 1 + index))];
    const { manifestId, counts } = await repository.writeSnapshot({ snapshotId: id, planId: "R", microsoftTenantId: actor.tid, takenAt: takenAt.toISOString(), consistency: { kind: "quiescent", at: "" }, complete: true, gaps: [], previous: null }, contentToRecords(content([task("long", `Title ${index}`)])));
    await withWorkspace(ws, (tx) => tx.snapshot.create({ data: { workspaceId: ws, id, planId: plan, runId: planId, state: "complete", manifestId, takenAt, counts: { ...counts } } }));
  }
  const titles: string[] = [];
  const sizes: number[] = [];
  for (let next: string | null | undefined; next !== null;) {
    const page = await api.getTaskHistory(actor, ws, plan, "long", next ?? null);
    titles.push(...page.events.map(({ kind, fields }) => (kind === "first" ? "first" : fields![0]!.to!)));
    sizes.push(page.events.length);
    next = page.next;
  }
  expect(sizes).toEqual([20, 20, 5]);
  expect(titles).toEqual([...Array.from({ length: CHANGES - 1 }, (_, index) => `Title ${CHANGES - 1 - index}`), "first"]);
});

test("the address may ask for a snapshot or a day; nonsense is the first page", async () => {
  expect((await history({ at: ids[1]! })).at).toBe(ids[1]);
  expect((await history({ day: "2026-05-01" })).at).toBe(ids[4]);
  for (const nonsense of [{ at: randomUUID() }, { at: "x" }, { day: "x" }, { page: -3 }, { page: Number.NaN }, { page: 1e9 }]) expect(await history(nonsense)).toMatchObject({ at: null, page: 1 });
});

/** Asks for the plan as it is now, and does the worker's part. */
async function live(): Promise<unknown> {
  const answer = api.comparePlan(actor, ws, planId, ids[0]!, "live");
  const found = () => withWorkspace(ws, (tx) => tx.liveReading.findMany());
  const worker = async () => {
    let readings = await found();
    while (readings.length === 0) readings = await found();
    await readPlan({ workspaceId: ws, readingId: readings[0]!.id }, { jobId: "j", attempt: 1, signal: new AbortController().signal });
  };
  const [outcome] = await Promise.allSettled([answer, worker()]);
  expect(await found()).toEqual([]); // nothing of it stays
  return outcome.status === "fulfilled" ? outcome.value : Promise.reject(outcome.reason as Error);
}

test("two snapshots are compared field by field, whichever is named first, also behind tasks that are the same", async () => {
  const { from, to, drift } = await api.comparePlan(actor, ws, planId, ids[2]!, ids[0]!);
  expect([at(from.id), at(to.id)]).toEqual([0, 2]);
  expect(drift.tasks.map(({ id, change, label, bucketName, fields }) => [id, change, label, bucketName, fields.map(({ name, from: was, to: is }) => `${name}: ${was} > ${is}`)])).toEqual([
    ["a", "removed", "Write the press release", "To do", []],
    ["b", "changed", "Book the venue", "To do", ["Progress: Not started > Completed", "Assigned to: null > Zoë Öztürk", "Notes: Ask for the large room in Lisbon > Ask for the small room in Porto"]],
    ["many-7", "changed", "Task 7", "To do", ["Comments: null > Ada, 2026-05-01T00:00:00Z: Done?"]],
  ]);
  expect((await api.comparePlan(actor, ws, planId, ids[0]!, ids[1]!)).drift).toMatchObject({ plan: [], buckets: [], tasks: [] });
  expect((await api.comparePlan(actor, ws, planId, ids[4]!, ids[4]!)).drift).toMatchObject({ plan: [], buckets: [], tasks: [] });
  expect((await api.comparePlan(actor, ws, planId, ids[2]!, ids[4]!)).drift.buckets).toMatchObject([{ change: "changed", label: "Doing", fields: [{ field: "name", from: "To do", to: "Doing" }] }]);
});

test("without a choice the newest change is compared with what was before it", async () => {
  const { from, to, newestId, offered } = await api.compareChoices(actor, ws, planId);
  expect([at(from!), at(to!), at(newestId!)]).toEqual([3, 4, 4]);
  expect(offered.map(({ id }) => at(id))).toEqual([4, 3, 2, 1, 0]);
  expect(await api.compareChoices(actor, ws, otherPlan)).toMatchObject({ from: null, to: null, newestId: null, total: 0 });
});

test("reading is in the activity log, once for each snapshot and quarter of an hour; a snapshot of another plan is not found", async () => {
  const before = (await api.listActivity(actor, ws)).entries[0]!.seq;
  await expect(api.comparePlan(actor, ws, otherPlan, ids[0]!, ids[1]!)).rejects.toMatchObject({ code: "not_found" });
  await expect(live()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("No connection account can read this plan") as string }); // nobody is signed in
  await api.comparePlan(actor, ws, planId, ids[0]!, ids[3]!);
  const { entries } = await api.listActivity(actor, ws);
  const actions = entries.filter(({ seq }) => seq > before).map(({ action, target }) => [action, target && at(target.id)]);
  expect(actions).toEqual([["snapshot.compared", 3], ["plan.read_live", -1]]);
  expect(entries.filter(({ action, target }) => action === "snapshot.compared" && target?.id === ids[0])).toHaveLength(1);
});

test("the panel of a task needs that task alone, and has what the whole snapshot has of it; what is damaged costs nothing else", async () => {
  const snapshot = ids[2]!;
  const outline = await api.getSnapshotOutline(actor, ws, snapshot);
  const panels = await Promise.all(["b", "many-7", "a"].map((id) => api.getSnapshotTask(actor, ws, snapshot, id)));
  const whole = await api.getSnapshot(actor, ws, snapshot);
  expect(panels.map(({ content }) => [content.tasks, content.comments])).toEqual(["b", "many-7", "a"].map((id) =>
    [whole.content.tasks.filter((record) => record.id === id), whole.content.comments.filter(({ taskId }) => taskId === id)]));
  expect(panels[0]!.content).toEqual({ ...whole.content, tasks: panels[0]!.content.tasks, comments: [] });
  expect(outline.content.tasks.map(({ id, task: { title }, details }) => [id, title, details])).toEqual(whole.content.tasks.map(({ id, task: { title } }) => [id, title, null]));
  expect(outline.content.comments).toEqual(whole.content.comments.map(({ id, taskId }) => ({ id, taskId })));

  const repository = await repositoryOf(ws);
  const later = randomUUID();
  const takenAt = hour(9);
  const { manifestId } = await repository.writeSnapshot({
    snapshotId: later, planId: "P", microsoftTenantId: actor.tid, takenAt: takenAt.toISOString(), consistency: { kind: "quiescent", at: takenAt.toISOString() }, complete: true, gaps: [], previous: null,
  }, contentToRecords(content(MANY, { comments: [comment("many-7", "Again?")] })));
  await withWorkspace(ws, (tx) => tx.snapshot.create({ data: { workspaceId: ws, id: later, planId, runId: planId, state: "complete", manifestId, takenAt, counts: {} } }));
  expect((await api.getSnapshotOutline(actor, ws, later)).content.comments.length).toBe(1);
  const { segments } = await repository.readManifest(manifestId);
  await repository.removeObject("segment", segments.find(({ kind }) => kind === "comment")!.id);
  const panel = await api.getSnapshotTask(actor, ws, later, "many-7");
  expect([panel.content.tasks.map(({ id }) => id).includes("many-7"), panel.content.comments]).toEqual([true, []]);
});
