import { createHash } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@hey-api/openapi-ts";
import { expect, test, type Page } from "@playwright/test";
import type { z } from "zod";
import type { OperationId, OPERATIONS } from "@/lib/api/operations";
import type { problem } from "@/lib/api/schemas";
import { APP, BACKUP, PRIYA, SIMULATOR, connectAccount, connectForRestore, control, grantConsent, newWorkspace, person } from "./support";

/**
 * A program goes through the whole story with a client that was generated from the document of the running product. The
 * generated client checks every answer against the document by itself.
 */
test.describe.configure({ mode: "serial" });

type Answer<Id extends OperationId> = (typeof OPERATIONS)[Id]["answer"] extends infer A ? (A extends z.ZodType ? z.output<A> : Blob) : never;
interface Options { path?: Record<string, string>; query?: object; body?: unknown; headers?: Record<string, string>; parseAs?: "arrayBuffer" }
type Client = { [Id in OperationId]: (options?: Options) => Promise<{ data?: Answer<Id>; error?: z.output<typeof problem>; response: Response }> };

const FOLDER = path.resolve(".data/api-client");
const SCOPES = ["read:content", "backup", "restore", "restore:remove", "manage"];

let priya: Page;
let ws = "";
let client: Client;
/** Of what was made on the way. */
const ids: Record<string, string> = {};
let launch: { id: string; url: string };

/** The answer of an operation that must succeed. */
async function ask<Id extends OperationId>(id: Id, options?: Options): Promise<Answer<Id>> {
  const { data, error } = await (client[id] as (options?: Options) => Promise<{ data?: Answer<Id>; error?: unknown }>)(options);
  if (data === undefined) throw new Error(`${id}: ${error instanceof Error ? error.message : JSON.stringify(error)}`);
  return data;
}

/** Asks until the state is one of these. */
async function until<T extends { state: string }>(read: () => Promise<T>, states: string[]): Promise<T> {
  let last: T | undefined;
  await expect.poll(async () => (last = await read()).state, { timeout: 90_000, intervals: [300] }).toMatch(new RegExp(`^(${states.join("|")})$`));
  return last!;
}

test.beforeAll(async ({ browser }) => {
  await control("/reset", {});
  priya = await person(browser);
  ws = await newWorkspace(priya, PRIYA, "Contoso by program");
  for (const purpose of ["Backup", "Restore"] as const) await grantConsent(priya, ws, purpose, PRIYA);
  await connectAccount(priya, ws, BACKUP);
  await connectForRestore(priya, BACKUP);
  const document = await (await fetch(`${APP}/api/v1/openapi.json`)).json() as Record<string, unknown>;
  await createClient({ input: document, output: { path: FOLDER }, logs: { level: "silent" }, plugins: ["@hey-api/typescript", "@hey-api/client-fetch", "zod", { name: "@hey-api/sdk", validator: { response: "zod" } }] });
  client = (await import(pathToFileURL(path.join(FOLDER, "sdk.gen.ts")).href)) as Client;
});

test("a person makes a key; it is shown once", async () => {
  await priya.goto(`/w/${ws}/api-keys`);
  await priya.getByRole("button", { name: "Make API key" }).click();
  await priya.getByLabel("Name").fill("Story");
  for (const scope of SCOPES) await priya.getByRole("checkbox", { name: new RegExp(`^${scope}(?!:)`) }).check();
  await priya.getByRole("dialog").getByRole("button", { name: "Make API key" }).click();
  const secret = await priya.getByRole("textbox", { name: "API key" }).inputValue();
  await priya.getByRole("button", { name: "I have kept it" }).click();
  await expect(priya.getByRole("region", { name: "Working" })).toContainText("never used");
  expect((await (await priya.request.get(`/w/${ws}/api-keys`)).text())).not.toContain(secret);
  const { client: http } = (await import(pathToFileURL(path.join(FOLDER, "client.gen.ts")).href)) as { client: { setConfig(config: object): void } };
  http.setConfig({ baseUrl: `${APP}/api/v1`, auth: secret });
});

test("what is there: the account with its requirements, groups and plans", async () => {
  expect(await ask("getWorkspace")).toMatchObject({ id: ws, role: "owner", key: { name: "Story" } });
  const { items: [connection] } = await ask("listConnections");
  ids.connection = connection!.id;
  expect(connection).toMatchObject({ username: BACKUP, kind: "account", cloud: "global", backupState: "active", restoreState: "active" });
  expect(connection!.requirements.length).toBeGreaterThan(8);
  const groups: Answer<"listGroups">["items"] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Answer<"listGroups"> = await ask("listGroups", { path: { connectionId: ids.connection }, query: { limit: 2, cursor } });
    groups.push(...page.items);
    cursor = page.next;
  }
  const marketing = groups.find(({ name }) => name === "Marketing")!;
  ids.group = marketing.id;
  const { tenants } = await control<{ tenants: { groups: { id: string; plans: { id: string; title: string; url: string }[] }[] }[] }>("");
  launch = tenants.flatMap((tenant) => tenant.groups).find(({ id }) => id === marketing.id)!.plans.find(({ title }) => title === "Product launch")!;
  expect(marketing.plans.map(({ id }) => id)).toContain(launch.id);
});

test("a policy is made once though sent twice, and its backup is followed to the end", async () => {
  const body = { name: "By program", connectionId: ids.connection, selection: { groups: [{ groupId: ids.group, planIds: [launch.id], includeNew: false }] }, schedule: { kind: "daily", at: "02:30", timeZone: "UTC" }, keepCount: 30, keepDays: null };
  const twice = await Promise.all([1, 2].map(() => client.createPolicy({ body, headers: { "Idempotency-Key": "policy-1" } })));
  const { data } = await client.createPolicy({ body, headers: { "Idempotency-Key": "policy-1" } });
  expect(twice.flatMap((answer) => answer.data?.id ?? []).every((id) => id === data!.id)).toBe(true);
  expect((await ask("listPolicies")).items).toMatchObject([{ id: data!.id, name: "By program", planCount: 1 }]);
  ids.policy = data!.id;
  const wrong = await client.createPolicy({ body: { ...body, schedule: { kind: "daily", at: "25:00", timeZone: "UTC" } } });
  expect(wrong.error).toMatchObject({ status: 400, code: "invalid_input", errors: [{ pointer: "/schedule/at" }] });
  ids.run = (await ask("startRun", { path: { policyId: ids.policy } })).id;
  const run = await until(() => ask("getRun", { path: { runId: ids.run! } }), ["complete"]);
  expect(run).toMatchObject({ startedBy: "Priya Raman (API key Story)", plans: { total: 1, complete: 1 } });
  [ids.plan, ids.older] = [run.items[0]!.planId, run.items[0]!.snapshotId!];
});

test("its tasks are read page by page; after a deletion, a second backup shows what went, and the search finds it", async () => {
  const tasks: Answer<"listTasks">["items"] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Answer<"listTasks"> = await ask("listTasks", { path: { snapshotId: ids.older! }, query: { limit: 7, cursor } });
    tasks.push(...page.items);
    cursor = page.next;
  }
  const snapshot = await ask("getSnapshot", { path: { snapshotId: ids.older! } });
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(snapshot.counts.records["task"]);
  const gone = tasks.find(({ title }) => title === "Write the press release")!;
  expect(gone.comments.length + gone.files.length).toBeGreaterThan(0);
  expect(snapshot.buckets.map(({ id }) => id)).toContain(gone.bucketId);
  ids.task = gone.id;
  const [file] = tasks.flatMap(({ files }) => files);
  const stored = await client.getFile({ path: { snapshotId: ids.older! }, query: { id: file!.id }, parseAs: "arrayBuffer" });
  expect(createHash("sha256").update(Buffer.from(stored.data as unknown as ArrayBuffer)).digest("hex")).toBe(file!.sha256);
  expect((await fetch(`${SIMULATOR}/webui/plan/${launch.id}/view/board/task/${gone.id}/delete`, { method: "POST", redirect: "manual" })).status).toBeLessThan(400);

  const { id } = await ask("startRun", { path: { policyId: ids.policy! } });
  await until(() => ask("getRun", { path: { runId: id } }), ["complete"]);
  const { items: snapshots } = await ask("listSnapshots", { path: { planId: ids.plan! } });
  expect(snapshots.map((each) => each.id)[1]).toBe(ids.older);
  ids.newer = snapshots[0]!.id;
  const { drift } = await ask("comparePlan", { path: { planId: ids.plan! }, query: { from: ids.older, to: ids.newer } });
  expect(drift.tasks.filter(({ change }) => change === "removed")).toMatchObject([{ id: gone.id, label: "Write the press release" }]);
  await expect.poll(async () => (await ask("search", { query: { q: "press release", gone: "true" } })).items, { timeout: 30_000 }).toMatchObject([{ taskId: gone.id, snapshotId: ids.older }]);
});

test("a snapshot is exported", async () => {
  const file = await client.exportSnapshot({ path: { snapshotId: ids.older! }, query: { format: "csv" } });
  expect(file.response.headers.get("content-disposition")).toMatch(/^attachment; filename="product-launch-.*\.csv"/);
  const text = typeof file.data === "string" ? file.data : await (file.data as Blob).text();
  expect(text).toContain("Write the press release");
  expect((await client.exportSnapshot({ path: { snapshotId: ids.older! }, query: { format: "exe" } })).error).toMatchObject({ status: 400, errors: [{ parameter: "format" }] });
});

test("the task is restored: preview, the confirmation of exactly that preview, report", async () => {
  const { id } = await ask("createRestore", { body: { snapshotId: ids.older, connectionId: ids.connection, request: { tasks: [ids.task], target: { kind: "in_place" }, addMembers: false, comments: "quoted" } }, headers: { "Idempotency-Key": "restore-1" } });
  const read = () => ask("getRestore", { path: { restoreId: id } });
  const planned = await until(read, ["planned"]);
  expect(planned.preview!.counts).toMatchObject({ create_task: 1 });
  expect(planned.preview!.operations.some(({ label }) => label.includes("Write the press release"))).toBe(true);
  expect((await client.runRestore({ path: { restoreId: id }, body: { planHash: "another" } })).error).toMatchObject({ status: 409, code: "conflict" });
  await ask("runRestore", { path: { restoreId: id }, body: { planHash: planned.planHash } });
  const done = await until(read, ["verified", "different"]);
  expect(done.report!.created.some(({ kind, label }) => kind === "task" && label.includes("Write the press release"))).toBe(true);
  expect(done.report!.failed).toEqual([]);
  const now = await ask("comparePlan", { path: { planId: ids.plan! }, query: { from: ids.newer, to: "live" } });
  expect(now.drift.tasks.filter(({ change, label }) => change === "added" && label === "Write the press release")).toHaveLength(1);
  ids.restore = id;
});

test("and taken back, with the scope for what removes", async () => {
  const { id } = await ask("undoRestore", { path: { restoreId: ids.restore! } });
  const planned = await until(() => ask("getRestore", { path: { restoreId: id } }), ["planned"]);
  expect(planned.preview!.counts).toMatchObject({ delete_task: 1 });
  await ask("runRestore", { path: { restoreId: id }, body: { planHash: planned.planHash } });
  const done = await until(() => ask("getRestore", { path: { restoreId: id } }), ["verified", "different"]);
  expect(done.report!.removed).toMatchObject([{ kind: "task" }]);
  expect((await ask("listRestores")).items.map((restore) => restore.undoOf)).toEqual([ids.restore, null]);
});

test("the activity log names the key, and a revoked key is refused at once", async () => {
  await priya.goto(`/w/${ws}/activity?action=restore.undone`);
  await expect(priya.getByRole("list", { name: "Entries, newest first" })).toContainText("by API key “Story”");
  await priya.goto(`/w/${ws}/api-keys`);
  await priya.getByRole("button", { name: "Revoke Story" }).click();
  await priya.getByRole("button", { name: "Revoke key" }).click();
  await expect(priya.getByRole("region", { name: "Ended" })).toContainText("Revoked");
  const { error, response } = await client.listPlans();
  expect([response.status, error]).toMatchObject([401, { code: "not_signed_in" }]);
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
});
