/** The API over its own route handlers: who may, what is refused and how, what is done once, and what is not told. */
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openApiDocument } from "@/lib/api/document";
import { OPERATIONS, parametersOf, type Operation, type OperationId } from "@/lib/api/operations";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import * as api from "@/lib/workspaces";
import { API_LIMIT, isKeySecret, KEY_PATTERN } from "@/lib/workspaces/apiKeys";
import { sealJson } from "@/lib/workspaces/keys";
import { API_SCOPES, SCOPE_PERMISSIONS } from "@/lib/workspaces/scopes";
import { PLACE } from "@/lib/workspaces/sealed";
import { fill, person, policyInput, restoreInput, things } from "@/lib/workspaces/testing";
import type { Actor, ApiScope } from "@/lib/workspaces/types";

vi.mock("server-only", () => ({}));

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;
interface Answer { status: number; headers: Headers; body: never }

const handlers = new Map<string, Handler>();
let database: TestDatabase;
let owner: Actor;
let ws: string;
let stranger: Actor;
let strangersWs: string;
const ids = things();
const other = { ...things(), groupName: "Sales", planTitle: "Quarter" };
const PAIRS = Object.fromEntries(["connectionId", "planId", "snapshotId", "policyId", "runId", "restoreId"].map((name) => [name, ids.id]));
const everything = openApiDocument("https://planback.example");

async function loadRoutes(folder = ""): Promise<void> {
  for (const entry of readdirSync(path.join(import.meta.dirname, folder), { withFileTypes: true })) {
    const below = `${folder}/${entry.name}`;
    if (entry.isDirectory()) await loadRoutes(below);
    else if (entry.name === "route.ts") {
      for (const [method, handler] of Object.entries((await import(path.join(import.meta.dirname, below))) as Record<string, Handler>)) handlers.set(`${method} ${folder.replace(/\[(\w+)\]/g, "{$1}")}`, handler);
    }
  }
}

interface Sent { params?: Record<string, string>; query?: string; body?: unknown; raw?: string; key?: string | null; headers?: Record<string, string> }

/** Sends one request; an answer that succeeds must be as the document says. */
async function send(id: OperationId, { params = PAIRS, query = "", body, raw, key = full, headers = {} }: Sent = {}): Promise<Answer> {
  const operation: Operation = OPERATIONS[id];
  const method = operation.method.toUpperCase();
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name]!));
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const request = new Request(`http://127.0.0.1:3000/api/v1${filled}${query}`, {
    method, body: text, headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers },
  });
  const response = await handlers.get(`${method} ${operation.path}`)!(request, { params: Promise.resolve(Object.fromEntries(parametersOf(operation.path).map((name) => [name, params[name]!]))) });
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  const answer = { status: response.status, headers: response.headers, body: (isJson ? await response.json() : await response.text()) as never };
  const described = response.ok ? (operation.answer === "file" ? null : schemaOf(operation, response.status)) : "Problem";
  if (described) validate(described, answer.body, id);
  if (!response.ok) expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect([response.headers.get("access-control-allow-origin"), response.headers.get("set-cookie")]).toEqual([null, null]);
  return answer;
}

function schemaOf({ path: address, method }: Operation, status: number): string {
  const operation = everything.paths[address]![method] as { responses: Record<string, { content: Record<string, { schema: { $ref: string } }> }> };
  return operation.responses[status]!.content["application/json"]!.schema.$ref.split("/").at(-1)!;
}

/** By the document alone: its JSON schemas, read back. */
function validate(name: string, body: unknown, what: string): void {
  const found = z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: JSON.parse(JSON.stringify(everything.components.schemas).replaceAll("#/components/schemas/", "#/$defs/")) } as never).safeParse(body);
  expect(found.error?.issues, what).toBeUndefined();
}

async function keyOf(scopes: readonly ApiScope[], by: Actor = owner, workspace = ws): Promise<{ id: string; secret: string }> {
  return api.createKey(by, workspace, { name: scopes.join(" "), scopes, days: 30 });
}
let full: string;
let strangers: string;

beforeAll(async () => {
  database = await testDatabase();
  await loadRoutes();
  [owner, stranger] = [person("olga"), person("sam")];
  ws = (await api.createWorkspace(owner, { name: "Ours" })).id;
  strangersWs = (await api.createWorkspace(stranger, { name: "Theirs" })).id;
  await fill(ws, ids);
  await fill(ws, other);
  full = (await keyOf(API_SCOPES)).secret;
  strangers = (await keyOf(API_SCOPES, stranger, strangersWs)).secret;
});
afterAll(() => database?.close());

/** A body that is right for each operation that takes one. */
const BODIES: Partial<Record<OperationId, () => unknown>> = {
  createPolicy: () => policyInput(ids), replacePolicy: () => policyInput(ids), switchPolicy: () => ({ enabled: false }),
  createRestore: () => ({ ...restoreInput(ids.id), requestKey: undefined }), runRestore: () => ({ planHash: "hash" }),
};
const QUERIES: Partial<Record<OperationId, string>> = { getFile: "?id=f", search: "?q=paint", comparePlan: `?from=${ids.id}&to=${ids.id}` };
const OPERATION_IDS = Object.keys(OPERATIONS) as OperationId[];
const asked = (id: OperationId): Sent => ({ body: BODIES[id]?.(), query: QUERIES[id] });
async function rows(): Promise<string> {
  return JSON.stringify(await withWorkspace(ws, async (tx) => [await tx.policy.findMany({ omit: { updatedAt: true } }), await tx.run.findMany(), await tx.restore.findMany(), await tx.connection.findMany()]), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

describe("keys", () => {
  test("are recognised by their form, and by a checksum before anything is looked up", async () => {
    expect(full).toMatch(KEY_PATTERN);
    for (let i = 0; i < 50; i++) {
      const at = 4 + Math.floor(Math.random() * 49);
      const wrong = full.slice(0, at) + (full[at] === "a" ? "b" : "a") + full.slice(at + 1);
      expect(isKeySecret(wrong)).toBe(false);
    }
    for (const key of [null, "", "pbk_", full.slice(0, -1), `${full}x`, full.toLowerCase(), "pbk_' OR 1=1"]) {
      expect(await send("getWorkspace", { key })).toMatchObject({ status: 401, body: { code: "not_signed_in", type: "http://127.0.0.1:3000/help/api#not_signed_in" } });
    }
    expect((await send("getWorkspace", { key: null })).headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  test("a cookie of a signed-in person is no key", async () => {
    const { secret } = await api.createSession(owner);
    expect((await send("getWorkspace", { key: null, headers: { cookie: `next-auth.session-token=${secret}` } })).status).toBe(401);
    expect((await send("getWorkspace", { key: secret })).status).toBe(401);
  });

  test("are made by owners and admins who have just signed in, for a year at most, and shown once", async () => {
    const wanted = { name: "Nightly", scopes: ["backup"], days: 365 };
    await expect(api.createKey({ ...owner, authenticatedAt: new Date(0) }, ws, wanted)).rejects.toMatchObject({ code: "step_up_required" });
    for (const wrong of [{ days: 366 }, { days: 0 }, { days: undefined }, { scopes: [] }, { scopes: ["all"] }, { name: " " }, { scopes: ["restore:remove"] }]) {
      await expect(api.createKey(owner, ws, { ...wanted, ...wrong }), JSON.stringify(wrong)).rejects.toMatchObject({ code: "invalid_input" });
    }
    const { id, secret } = await api.createKey(owner, ws, wanted);
    const [view] = await api.listKeys(owner, ws);
    expect(view).toMatchObject({ id, name: "Nightly", scopes: ["backup"], madeBy: "olga", lastUsedAt: null, ended: null });
    await send("getWorkspace", { key: secret });
    expect((await api.listKeys(owner, ws))[0]!.lastUsedAt).not.toBeNull();
    const dump = JSON.stringify(await withWorkspace(ws, async (tx) => [await tx.apiKey.findMany(), await tx.audit.findMany()]));
    expect(dump).not.toContain(secret.slice(4, 40));
    expect((await api.listActivity(owner, ws, { action: "key.created" })).entries[0]).toMatchObject({ target: { id, name: "Nightly" }, detail: { scopes: ["backup"] } });
  });

  test("revoked, expired, or of a member who left: refused at once", async () => {
    const revoked = await keyOf(["read:status"]);
    expect((await send("listPlans", { key: revoked.secret })).status).toBe(200);
    await api.revokeKey(owner, ws, revoked.id);
    expect(await send("listPlans", { key: revoked.secret })).toMatchObject({ status: 401, body: { detail: expect.stringContaining("revoked") } });
    const expired = await keyOf(["read:status"]);
    await withWorkspace(ws, (tx) => tx.apiKey.updateMany({ where: { id: expired.id }, data: { createdAt: new Date(Date.now() - 7_200_000), expiresAt: new Date(Date.now() - 1_000) } }));
    expect(await send("listPlans", { key: expired.secret })).toMatchObject({ status: 401, body: { detail: expect.stringContaining("expired") } });

    const admin = await join("admin");
    const { secret } = await keyOf(["read:status"], admin);
    expect((await send("listPlans", { key: secret })).status).toBe(200);
    const member = (await api.listMembers(admin, ws)).find(({ isYou }) => isYou)!;
    await api.removeMember(owner, ws, member.id);
    expect(await send("listPlans", { key: secret })).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect((await api.listKeys(owner, ws)).find(({ name, madeBy }) => name === "read:status" && madeBy === admin.name)!.ended).toBe("maker");
    const { link } = await api.createInvitation(owner, ws, { role: "admin" });
    await api.acceptInvitation(admin, link.split("/").at(-1)!);
    expect((await send("listPlans", { key: secret })).status, "back again, as another membership").toBe(404);
  });

  test("do what their scopes allow, and nothing else of the API", async () => {
    for (const scope of API_SCOPES.filter((each) => each !== "restore:remove")) {
      const { secret } = await keyOf([scope]);
      for (const id of OPERATION_IDS) {
        const { status, body } = await send(id, { ...asked(id), key: secret, params: id === "removePolicy" || id === "replacePolicy" || id === "switchPolicy" ? { policyId: other.id } : PAIRS });
        const may = SCOPE_PERMISSIONS[scope].includes(OPERATIONS[id].permission);
        expect([scope, id, status === 403 ? (body as { code: string }).code : "may"], JSON.stringify(body)).toEqual([scope, id, may ? "may" : "forbidden"]);
      }
    }
    const { entries } = await api.listActivity(owner, ws, { action: "access.refused" });
    expect(entries[0]).toMatchObject({ outcome: "refused", detail: { apiKeyName: "manage" } });
  });

  test("never do more than their maker may now", async () => {
    const admin = await join("admin");
    const { secret } = await keyOf(API_SCOPES, admin);
    const me = (await api.listMembers(admin, ws)).find(({ isYou }) => isYou)!;
    expect((await send("checkConnection", { key: secret })).status).not.toBe(403);
    await api.changeRole(owner, ws, me.id, "viewer");
    for (const id of ["checkConnection", "startRun", "createPolicy", "createRestore"] as const) {
      expect(await send(id, { ...asked(id), key: secret }), id).toMatchObject({ status: 403, body: { detail: expect.stringContaining("Whoever made this API key") } });
    }
    expect((await send("listPlans", { key: secret })).body).toMatchObject({ items: [expect.anything(), expect.anything()] });
    await api.changeGroups(owner, ws, me.id, [other.groupId]);
    expect((await send("listPlans", { key: secret })).body).toMatchObject({ items: [{ id: other.id }], next: null });
    expect(await send("getPlan", { key: secret })).toMatchObject({ status: 404 });
    expect((await send("getWorkspace", { key: secret })).body).toMatchObject({ role: "viewer", isLimited: true });
  });

  test("a program is no person: what asks for a fresh sign-in is refused, but a restore that removes with its own scope", async () => {
    const actorOf = async (scopes: ApiScope[]) => (await api.useKey((await keyOf(scopes)).secret, null)).actor;
    const remover = await actorOf(["restore", "restore:remove"]);
    const sealedPlan = await sealJson(ws, "content", PLACE.restorePlan(ids.id), { operations: [{ kind: "delete_task" }] });
    await withWorkspace(ws, (tx) => tx.restore.update({ where: { workspaceId_id: { workspaceId: ws, id: ids.id } }, data: { sealedPlan, state: "planned" } }));
    await expect(api.runRestore(await actorOf(["restore"]), ws, ids.id, "hash")).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("restore:remove") });
    await expect(api.requestDeletion(remover, ws, "Ours")).rejects.toMatchObject({ code: "forbidden" });
    await expect(api.createKey(remover, ws, { name: "Another", scopes: ["backup"], days: 1 })).rejects.toMatchObject({ code: "forbidden" });
    await expect(api.saveDrills(remover, ws, ids.id, { schedule: { kind: "monthly", day: 1, at: "03:00", timeZone: "UTC" }, groupId: ids.groupId, planId: null })).rejects.toMatchObject({ code: "forbidden" });
    await api.runRestore(remover, ws, ids.id, "hash");
    expect((await api.listActivity(owner, ws, { action: "restore.started" })).entries[0]).toMatchObject({ actor: "olga", detail: { apiKeyName: "restore restore:remove", apiKey: remover.key!.id } });
  });
});

async function join(role: "admin" | "viewer"): Promise<Actor> {
  const actor = person(`${role} ${randomUUID().slice(0, 4)}`);
  const { link } = await api.createInvitation(owner, ws, { role });
  await api.acceptInvitation(actor, link.split("/").at(-1)!);
  return actor;
}

describe("another workspace", () => {
  test.each(OPERATION_IDS)("%s: its ids answer like ids that do not exist, and nothing changes", async (id) => {
    const nowhere = Object.fromEntries(Object.keys(PAIRS).map((name) => [name, randomUUID()]));
    const before = await rows();
    const foreign = await send(id, { ...asked(id), key: strangers });
    const unknown = await send(id, { ...asked(id), key: strangers, params: nowhere, query: QUERIES[id]?.replaceAll(ids.id, nowhere.snapshotId!) });
    expect([foreign.status, foreign.body]).toEqual([unknown.status, unknown.body]);
    if (parametersOf(OPERATIONS[id].path).length > 0) {
      expect(foreign.status).toBe(404);
      expect((await send(id, { ...asked(id), key: strangers, params: Object.fromEntries(Object.keys(PAIRS).map((name) => [name, "' OR 1=1 --"])) })).status).toBe(404);
    } else expect(JSON.stringify(foreign.body)).not.toMatch(new RegExp(`${ids.id}|Launch|Ours`));
    expect(await rows()).toBe(before);
  });
});

describe("lists", () => {
  test("are read page by page, each thing once, in a stable order, and end", async () => {
    const runs = Array.from({ length: 7 }, () => ({ workspaceId: ws, id: randomUUID(), policyId: ids.id, trigger: "schedule", state: "complete", createdAt: new Date("2026-01-01T00:00:00Z") }));
    await withWorkspace(ws, (tx) => tx.run.createMany({ data: runs }));
    const all = (await send("listRuns", { query: "?limit=200" })).body as { items: { id: string }[]; next: null };
    expect(all.next).toBeNull();
    for (const [operation, filter] of [["listRuns", ""], ["listRuns", `&policyId=${ids.id}`], ["listPlans", ""], ["listPolicies", ""], ["listConnections", ""], ["listSnapshots", ""], ["listRestores", ""], ["listGroups", ""]] as const) {
      const whole = ((await send(operation, { query: `?limit=200${filter}` })).body as { items: { id: string }[] }).items.map(({ id }) => id);
      const seen: string[] = [];
      let query: string | null = `?limit=2${filter}`;
      while (query !== null) {
        const { body, headers, status } = await send(operation, { query });
        expect(status).toBe(200);
        const page = body as { items: { id: string }[]; next: string | null };
        seen.push(...page.items.map(({ id }) => id));
        const link = /<[^?>]+(\?[^>]+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1] ?? null;
        expect(link === null).toBe(page.next === null);
        query = link;
      }
      expect(seen, operation).toEqual(whole);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  test("a cursor is good for its own list only, and cannot be made up", async () => {
    const { next } = (await send("listRuns", { query: "?limit=1" })).body as { next: string };
    const swapped = Buffer.from(next, "base64url");
    swapped[swapped.length - 1]! ^= 1;
    for (const [id, query] of [["listRuns", "?cursor=x"], ["listRuns", `?cursor=${swapped.toString("base64url")}`], ["listPlans", `?cursor=${next}`], ["listRuns", `?cursor=${next}&policyId=${ids.id}`], ["listRuns", "?cursor="], ["listRuns", "?limit=0"], ["listRuns", "?limit=1e9"], ["listRuns", "?limt=10"]] as const) {
      expect(await send(id, { query }), query).toMatchObject({ status: 400, body: { code: "invalid_input", errors: [{ parameter: expect.stringMatching(/^(cursor|limit|limt)$/) }] } });
    }
    expect((await send("listRuns", { key: strangers, query: `?cursor=${next}` })).status).toBe(400);
  });
});

describe("the same request twice", () => {
  test("is done once and answered alike; another request under its key is refused", async () => {
    const again = { "idempotency-key": randomUUID() };
    const count = () => withWorkspace(ws, (tx) => tx.policy.count({ where: { workspaceId: ws } }));
    const before = await count();
    const first = await send("createPolicy", { body: policyInput(ids), headers: again });
    const second = await send("createPolicy", { body: policyInput(ids), headers: again });
    expect([first.status, second.status, first.headers.get("idempotency-replayed"), second.headers.get("idempotency-replayed")]).toEqual([201, 201, null, "true"]);
    expect(second.body).toEqual(first.body);
    expect(await send("createPolicy", { body: { ...policyInput(ids), name: "Other" }, headers: again })).toMatchObject({ status: 422, body: { code: "key_reused" } });
    expect(await send("startRun", { headers: again })).toMatchObject({ status: 422 });
    expect(await count()).toBe(before + 1);
    const mine = await keyOf(["manage"]);
    expect((await send("createPolicy", { key: mine.secret, body: policyInput(ids), headers: again })).body).not.toEqual(first.body);
  });

  test("at once: one does it, the others are told to wait and then get its answer", async () => {
    for (const [id, table] of [["startRun", "run"], ["createPolicy", "policy"], ["createRestore", "restore"]] as const) {
      const count = () => withWorkspace(ws, (tx) => (tx[table] as typeof tx.run).count({ where: { workspaceId: ws } }));
      const [before, headers] = [await count(), { "idempotency-key": randomUUID() }];
      const answers = await Promise.all(Array.from({ length: 8 }, () => send(id, { ...asked(id), headers })));
      const done = answers.filter(({ status }) => status < 300);
      expect(answers.every(({ status }) => status < 300 || status === 409), id).toBe(true);
      expect(done.length).toBeGreaterThan(0);
      expect(answers.find(({ status }) => status === 409)?.headers.get("retry-after") ?? "1").toBe("1");
      expect(new Set(done.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
      expect((await send(id, { ...asked(id), headers })).body).toEqual(done[0]!.body);
      expect(await count()).toBe(before + 1);
    }
  });

  test("a process that dies between the work and the answer: the next one gives the same thing", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const first = await send("createPolicy", { body: policyInput(ids), headers });
    const lose = (at: Date) => withWorkspace(ws, (tx) => tx.$executeRaw`UPDATE api_request SET answer = NULL, claimed_at = ${at} WHERE idempotency_key = ${headers["idempotency-key"]}`);
    await lose(new Date());
    expect((await send("createPolicy", { body: policyInput(ids), headers })).status).toBe(409);
    await lose(new Date(Date.now() - 10 * 60_000));
    const second = await send("createPolicy", { body: policyInput(ids), headers });
    expect([second.status, second.body]).toEqual([201, first.body]);
  });

  test("what was refused is not held against the key, and a key is forgotten after a day", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const body = BODIES.createRestore!();
    await withWorkspace(ws, (tx) => tx.connection.updateMany({ where: { workspaceId: ws, id: ids.id }, data: { restoreState: "none" } }));
    expect((await send("createRestore", { body, headers })).status).toBe(409);
    await withWorkspace(ws, (tx) => tx.connection.updateMany({ where: { workspaceId: ws, id: ids.id }, data: { restoreState: "active" } }));
    const { body: made } = await send("createRestore", { body, headers });
    await withWorkspace(ws, (tx) => tx.apiRequest.updateMany({ where: { workspaceId: ws }, data: { createdAt: new Date(Date.now() - 25 * 3600_000) } }));
    expect((await send("createRestore", { body, headers })).body).not.toEqual(made);
    expect(await send("startRun", { headers: { "idempotency-key": "x".repeat(256) } })).toMatchObject({ status: 400 });
  });
});

test("a key sends so many requests a minute, whichever process they reach; then 429 says when to go on", async () => {
  const { secret, id } = await keyOf(["read:status"]);
  const first = await send("getWorkspace", { key: secret });
  expect(first.headers.get("ratelimit-policy")).toBe(`"key";q=${API_LIMIT};w=60`);
  expect(Date.parse(first.headers.get("api-key-expires")!)).toBeGreaterThan(Date.now());
  expect(first.headers.get("ratelimit")).toMatch(new RegExp(`^"key";r=${API_LIMIT - 1};t=1$`));
  const later = (seconds: number) => withWorkspace(ws, (tx) => tx.$executeRaw`UPDATE api_key SET whole_at = clock_timestamp() + make_interval(secs => ${seconds}::float8) WHERE id = ${id}::uuid`);
  await later(59.1);
  const SENT = 60; // the allowance grows while they are answered, for 11 s
  const answers = await Promise.all(Array.from({ length: SENT }, () => send("getWorkspace", { key: secret })));
  const passed = answers.filter(({ status }) => status === 200);
  expect(passed.length).toBeGreaterThanOrEqual(4);
  expect(passed.length).toBeLessThan(SENT);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.headers.get("ratelimit")).toBe('"key";r=0;t=60');
  expect((await send("getWorkspace")).status, "another key goes on").toBe(200);
  await later(-60);
  expect((await send("getWorkspace", { key: secret })).status).toBe(200);
});

describe("what is not as it must be", () => {
  test("answers 400 with pointers", async () => {
    const wrong = { ...policyInput(ids), name: " ", schedule: { kind: "daily", at: "25:00", timeZone: "UTC" }, selection: { groups: [{ groupId: "x", planIds: [1], includeNew: true }] }, "a/b~": 1 };
    const { status, body } = await send("createPolicy", { body: wrong });
    expect(status).toBe(400);
    const pointers = (body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(["/name", "/selection/groups/0/groupId", "/selection/groups/0/planIds/0", "/schedule/at", "/a~1b~0"]));
    expect(await send("createPolicy", { raw: "{" })).toMatchObject({ status: 400 });
    expect(await send("createPolicy", { body: policyInput(ids), headers: { "content-type": "text/plain" } })).toMatchObject({ status: 400 });
    expect(await send("createPolicy", { raw: JSON.stringify({ name: "x".repeat(3_000_000) }) })).toMatchObject({ status: 413 });
    expect(await send("listRuns", { query: "?policyId=7" })).toMatchObject({ status: 400, body: { errors: [{ parameter: "policyId" }] } });
    expect((await handlers.get("GET /[...path]")!(new Request("http://127.0.0.1:3000/api/v1/nothing"), { params: Promise.resolve({}) })).status).toBe(404);
  });

  test("whatever is sent, the answer is a problem of the client and nothing changes", async () => {
    const before = await rows();
    const junk = fc.oneof(fc.jsonValue(), fc.constant(null), fc.dictionary(fc.constantFrom("name", "request", "planHash", "enabled", "__proto__", "snapshotId", "connectionId", "selection"), fc.jsonValue()));
    await fc.assert(fc.asyncProperty(fc.constantFrom<OperationId>("createPolicy", "replacePolicy", "switchPolicy", "createRestore", "runRestore"), junk, fc.string({ unit: "binary" }), async (id, body, text) => {
      if (id === "switchPolicy" && typeof (body as { enabled?: unknown } | null)?.enabled === "boolean") return;
      for (const raw of [JSON.stringify(body) ?? "null", text]) {
        const { status } = await send(id, { raw: raw === "" ? " " : raw, params: { policyId: other.id, restoreId: other.id } });
        expect(status === 429 || (status >= 400 && status < 500 && status !== 403), `${id} ${status} ${raw}`).toBe(true);
      }
    }), { numRuns: process.env.PLANBACK_LONG ? 400 : 40 });
    expect(await rows()).toBe(before);
  });
});
