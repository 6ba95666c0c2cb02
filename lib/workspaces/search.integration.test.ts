/** What any kept snapshot holds is found, and says when it was there; the index holds no word of it. */
import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import type { SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { contentToRecords } from "@/lib/repository";
import * as api from "./index";
import { sealPlanNames } from "./planNames";
import { repositoryOf } from "./repository";
import { indexPlan, resetIndex } from "./searchIndex";
import type { Actor, SearchHit } from "./types";

let database: TestDatabase;
let admin: pg.Client;
let actor: Actor;
let ws: string;
let planId: string;
let runId: string;

beforeAll(async () => {
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  actor = { tid: randomUUID(), oid: randomUUID(), name: "Olga", username: "olga@contoso.example", sessionHash: randomBytes(32).toString("hex") };
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
});

beforeEach(async () => {
  ws = (await api.createWorkspace(actor, { name: "Contoso" })).id;
  planId = randomUUID();
  runId = planId;
  const [w, id] = [{ workspaceId: ws }, planId];
  const sealedNames = await sealPlanNames(ws, planId, { title: "Launch", groupName: "Marketing" });
  await withWorkspace(ws, async (tx) => {
    await tx.microsoftTenant.create({ data: { ...w, id, tid: actor.tid } });
    await tx.connection.create({ data: { ...w, id, microsoftTenantId: id, oid: id, name: "b", username: "b", backupState: "active", restoreState: "none" } });
    await tx.policy.create({ data: { ...w, id, connectionId: id, name: "p", selection: {}, schedule: {} } });
    await tx.run.create({ data: { ...w, id, policyId: id, trigger: "manual", state: "complete" } });
    await tx.plan.create({ data: { ...w, id, microsoftTenantId: id, graphPlanId: "P", groupId: id, sealedNames } });
  });
});

const task = (id: string, title: string, more: Partial<TaskRecord["task"]> = {}, details: Partial<NonNullable<TaskRecord["details"]>> = {}): TaskRecord =>
  ({ kind: "task", id, task: { id, title, bucketId: "b", ...more }, details: { id, ...details }, formats: {} });
const plan = (tasks: TaskRecord[], more: Partial<SnapshotContent> = {}): SnapshotContent => ({
  group: null, plan: { id: "P", title: "Launch" }, planDetails: { id: "P", categoryDescriptions: { category1: "Legal" } }, buckets: [{ id: "b", name: "To do" }],
  tasks, comments: [], attachments: [], people: [{ id: "u", displayName: "Zoë Öztürk" }], ...more,
});
const day = (number: number) => new Date(Date.UTC(2026, 4, number));

async function snapshot(on: number, content: SnapshotContent, state: "complete" | "partial" = "complete"): Promise<string> {
  const id = randomUUID();
  const repository = await repositoryOf(ws);
  const { manifestId } = await repository.writeSnapshot({
    snapshotId: id, planId: "P", microsoftTenantId: actor.tid, takenAt: day(on).toISOString(), consistency: { kind: "quiescent", at: day(on).toISOString() }, complete: state === "complete", gaps: [], previous: null,
  }, contentToRecords(content));
  await withWorkspace(ws, (tx) => tx.snapshot.create({ data: { workspaceId: ws, id, planId, runId, state, manifestId, takenAt: day(on), counts: {} } }));
  await indexPlan(ws, planId);
  return id;
}

const search = (text: string, more: Partial<api.SearchQuery> = {}) => api.search(actor, ws, { text, planId: null, goneOnly: false, page: 1, ...more });
const found = async (text: string, more: Partial<api.SearchQuery> = {}): Promise<string[]> => (await search(text, more)).hits.map(({ taskId }) => taskId).sort();
const hit = async (text: string): Promise<SearchHit> => (await search(text)).hits[0]!;
const rows = async () => (await admin.query("SELECT task_id, first_at, changed_at, last_snapshot_id, last_at, gone_at, (SELECT array_agg(p.token ORDER BY p.token) FROM search_posting p WHERE p.workspace_id = e.workspace_id AND p.plan_id = e.plan_id AND e.number = ANY (p.tasks)) AS tokens FROM search_entry e WHERE workspace_id = $1 ORDER BY 1", [ws])).rows as Record<string, unknown>[];

test("every kind of text finds its task: title, notes, checklist, comment, label, person, bucket, plan", async () => {
  await snapshot(1, plan([
    task("t1", "Write the press release", { appliedCategories: { category1: true }, assignments: { u: {} } }, { description: "Mention Übersicht", checklist: { c: { title: "Call printers" } } }),
    task("t2", "Other"),
  ], { comments: [{ id: "m", taskId: "t1", threadId: "h", authorName: "Ann", authorAddress: null, createdDateTime: "2026-05-01T00:00:00Z", text: "Remember the embargo", original: { contentType: "text", content: "" } }] }));
  for (const text of ["press", "PRESS rel", "ubersicht", "printers", "embargo", "legal", "ozturk", "Zoe", "press embargo legal"]) expect(await found(text), text).toEqual(["t1"]);
  for (const text of ["to do", "launch", "lau"]) expect(await found(text), text).toEqual(["t1", "t2"]);
  for (const text of ["nothing", "ress", "press other", "", "?"]) expect(await found(text), text).toEqual([]);
  expect(await hit("press")).toMatchObject({ title: "Write the press release", bucket: "To do", planTitle: "Launch", groupName: "Marketing", goneAt: null });
});

test("a task that is gone says since when, and where it was last; one that came back is there again", async () => {
  await snapshot(1, plan([task("t1", "Alpha"), task("t2", "Beta")]));
  const second = await snapshot(2, plan([task("t1", "Alpha"), task("t2", "Beta")]));
  await snapshot(3, plan([task("t1", "Alpha")]));
  const fourth = await snapshot(4, plan([task("t1", "Alpha")]));
  expect(await hit("beta")).toMatchObject({ firstAt: day(1).toISOString(), lastAt: day(2).toISOString(), snapshotId: second, goneAt: day(3).toISOString() });
  expect(await hit("alpha")).toMatchObject({ firstAt: day(1).toISOString(), lastAt: day(4).toISOString(), snapshotId: fourth, goneAt: null });
  expect(await found("launch", { goneOnly: true })).toEqual(["t2"]);
  const fifth = await snapshot(5, plan([task("t1", "Alpha"), task("t2", "Beta again")]));
  expect(await hit("beta")).toMatchObject({ title: "Beta again", firstAt: day(1).toISOString(), snapshotId: fifth, goneAt: null });
});

test("what a partial snapshot lacks is not gone; what only partial ones had is gone when a complete one lacks it", async () => {
  await snapshot(1, plan([task("t1", "Alpha"), task("t2", "Beta")]));
  const partial = await snapshot(2, plan([task("t1", "Alpha"), task("t3", "Gamma")]), "partial");
  expect(await hit("beta")).toMatchObject({ goneAt: null });
  expect(await hit("gamma")).toMatchObject({ goneAt: null, snapshotId: partial });
  await snapshot(3, plan([task("t1", "Alpha"), task("t2", "Beta")]));
  expect(await hit("beta")).toMatchObject({ goneAt: null, lastAt: day(3).toISOString() });
  expect(await hit("gamma")).toMatchObject({ goneAt: day(3).toISOString(), lastAt: day(2).toISOString(), snapshotId: partial });
});

test("names that change behind tasks are found by the new name, and texts that were overwritten still", async () => {
  const tasks = () => [task("t1", "Alpha", { appliedCategories: { category1: true } }), task("t2", "Beta", { assignments: { u: {} } })];
  await snapshot(1, plan(tasks()));
  await snapshot(2, plan(tasks(), { buckets: [{ id: "b", name: "Backlog" }], planDetails: { id: "P", categoryDescriptions: { category1: "Compliance" } }, people: [{ id: "u", displayName: "Renamed Person" }] }));
  expect(await found("backlog")).toEqual(["t1", "t2"]);
  expect(await found("compliance")).toEqual(["t1"]);
  expect(await found("renamed")).toEqual(["t2"]);
  expect(await found("legal")).toEqual(["t1"]);
  await snapshot(3, plan([task("t1", "Omega"), task("t2", "Beta")], { plan: { id: "P", title: "Relaunch" } }));
  expect(await hit("alpha")).toMatchObject({ title: "Omega", lastAt: day(3).toISOString() });
  expect(await found("relaunch")).toEqual(["t1", "t2"]);
});

test("indexing again changes nothing, and an index made anew is the same", async () => {
  const contents = [[task("t1", "Alpha"), task("t2", "Beta")], [task("t1", "Alpha two")], [task("t1", "Alpha two"), task("t3", "Gamma")]];
  for (const [at, tasks] of contents.entries()) await snapshot(at + 1, plan(tasks), at === 2 ? "partial" : "complete");
  const before = await rows();
  await indexPlan(ws, planId);
  await Promise.all([indexPlan(ws, planId), indexPlan(ws, planId)]);
  expect(await rows()).toEqual(before);
  expect(await withWorkspace(ws, (tx) => resetIndex(tx, ws))).toEqual([planId]);
  expect(await found("alpha")).toEqual([]);
  await indexPlan(ws, planId);
  expect(await rows()).toEqual(before);
});

test("when retention takes the last snapshot of a gone task away, it is not found any more, and its entry goes", async () => {
  const first = await snapshot(1, plan([task("t1", "Alpha"), task("t2", "Beta")]));
  await snapshot(2, plan([task("t1", "Alpha")]));
  await withWorkspace(ws, (tx) => tx.snapshot.updateMany({ where: { id: first }, data: { removedAt: new Date() } }));
  expect(await found("beta")).toEqual([]);
  expect(await found("alpha")).toEqual(["t1"]);
  await indexPlan(ws, planId);
  expect((await rows()).map((row) => row.task_id)).toEqual(["t1"]);
  await snapshot(3, plan([task("t1", "Alpha"), task("t3", "Gamma")]));
  expect(await found("beta")).toEqual([]); // what is left of its words is nobody else's
});

test("pages and filters; a plan that is gone makes all its tasks gone", async () => {
  await snapshot(1, plan(Array.from({ length: 60 }, (_, at) => task(`t${at}`, `Item ${at}`))));
  const pages = await Promise.all([1, 2, 3].map((page) => search("item", { page })));
  expect(pages.map(({ hits, hasMore }) => [hits.length, hasMore])).toEqual([[25, true], [25, true], [10, false]]);
  expect(new Set(pages.flatMap(({ hits }) => hits.map(({ taskId }) => taskId))).size).toBe(60);
  expect(await found("item", { planId: randomUUID() })).toEqual([]);
  expect(await found("item 7", { planId })).toEqual(["t7"]);
  expect(await found("item", { planId: "' OR true --" })).toHaveLength(25);
  expect(await found("item", { goneOnly: true })).toEqual([]);
  await withWorkspace(ws, (tx) => tx.plan.updateMany({ where: { id: planId }, data: { goneAt: day(2) } }));
  expect(await search("item 7", { goneOnly: true })).toMatchObject({ hits: [{ taskId: "t7", goneAt: day(2).toISOString() }] });
});

test("the index holds no word, differs by workspace, and answers its own members only", async () => {
  const content = plan([task("t1", "Confidential")], { plan: { id: "P", title: "Confidential" } });
  await snapshot(1, content);
  const { rows: [raw] } = await admin.query("SELECT to_jsonb(e)::text AS text FROM search_entry e WHERE workspace_id = $1", [ws]) as { rows: { text: string }[] };
  expect(raw!.text.toLowerCase()).not.toMatch(/confid|launch/);
  expect(raw!.text).not.toContain(Buffer.from("onfidential").toString("hex"));
  const [mine] = await rows();
  const stranger: Actor = { ...actor, oid: randomUUID() };
  await expect(api.search(stranger, ws, { text: "confidential", planId: null, goneOnly: false, page: 1 })).rejects.toMatchObject({ code: "not_found" });
  const other = (await api.createWorkspace(stranger, { name: "Other" })).id;
  expect(await api.search(stranger, other, { text: "confidential", planId, goneOnly: false, page: 1 })).toMatchObject({ hits: [], plans: [] });
  const { searchKey } = await import("./keys");
  expect(await searchKey(other)).not.toEqual(await searchKey(ws));
  expect((mine!.tokens as string[]).length).toBeGreaterThan(5);
});
