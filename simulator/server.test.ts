import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { APPS, CONTOSO, FABRIKAM, GROUPS, PEOPLE } from "./fixtures";
import { startSimulator, type Simulator } from "./server";
import { callerFor, request, type Caller } from "./testing";

let simulator: Simulator;
let backup: Caller;
let planId: string;
beforeAll(async () => {
  simulator = await startSimulator({ size: "small" });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await simulator.reset();
  backup = await callerFor(simulator);
  planId = simulator.stores.planner.plansOfGroup(GROUPS.marketing)[0]!.id;
});

const control = (method: string, path: string, body?: unknown) => request(simulator, method, `/_simulator/${path}`, body === undefined ? {} : { body: JSON.stringify(body) });
const tasks = () => simulator.stores.planner.findPlan(planId)!.tasks.size;
const createTask = (title = "New") => backup.send("POST", "/planner/tasks", { planId, title });

describe("every Graph answer (graph/errors)", () => {
  it("carries request-id, x-ms-ags-diagnostic and the echoed client-request-id, in errors too", async () => {
    const reply = await backup.get("/groups/nobody", { "client-request-id": "0f0e0d0c-1111-4222-8333-444455556666" });
    expect(reply.status).toBe(404);
    expect(reply.headers.get("client-request-id")).toBe("0f0e0d0c-1111-4222-8333-444455556666");
    expect(JSON.parse(reply.headers.get("x-ms-ags-diagnostic")!)).toHaveProperty("ServerInfo");
    expect(reply.body.error).toMatchObject({ code: "Request_ResourceNotFound", innerError: { "request-id": reply.headers.get("request-id"), "client-request-id": "0f0e0d0c-1111-4222-8333-444455556666" } });
  });

  it("no token, a foreign token and an expired one are 401 InvalidAuthenticationToken", async () => {
    for (const headers of [{}, { authorization: "Bearer junk" }, { authorization: `Bearer ${await simulator.token({ tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS.backup.clientId, lifetimeSeconds: -5 })}` }]) {
      const reply = await request(simulator, "GET", "/v1.0/me", { headers: headers as Record<string, string> });
      expect(reply).toMatchObject({ status: 401, body: { error: { code: "InvalidAuthenticationToken" } } });
      expect(reply.headers.get("www-authenticate")).toContain("Bearer");
    }
  });

  it("an unknown segment, a wrong method, JSON that is none, a missing content type", async () => {
    expect((await backup.get("/groups/x/nonsense")).body.error.message).toBe("Resource not found for the segment 'nonsense'.");
    expect((await backup.send("PUT", "/groups")).status).toBe(405);
    expect((await backup.send("POST", "/groups", Buffer.from("{"), { "content-type": "application/json" })).status).toBe(400);
    expect((await backup.send("POST", "/groups", Buffer.from("{}"))).status).toBe(400);
  });

  it("odata.metadata=none leaves annotations out", async () => {
    const plain = await backup.get(`/planner/plans/${planId}`, { accept: "application/json;odata.metadata=none" });
    expect(plain.body).not.toHaveProperty("@odata.etag");
    expect(plain.body["title"]).toBe("Product launch");
  });

  it("a claims challenge is a 401 that names the claims, until a token answers it (claims-challenge)", async () => {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
    await control("POST", "claims-challenge", { user: PEOPLE.backup.userPrincipalName, claims });
    const refused = await backup.get("/me");
    expect(refused.status).toBe(401);
    const sent = /error="insufficient_claims", claims="([^"]+)"/.exec(refused.headers.get("www-authenticate")!)![1]!;
    expect(Buffer.from(sent, "base64").toString()).toBe(claims);
    const stepped = await callerFor(simulator, { acrs: [claims] });
    expect((await stepped.get("/me")).status).toBe(200);
  });
});

describe("$batch (graph/json-batching)", () => {
  const batch = (requests: object[]) => backup.send("POST", "/$batch", { requests });

  it("each item has its own status; order is free; a failed parent gives 424", async () => {
    const reply = await batch([
      { id: "a", method: "GET", url: "/me" },
      { id: "b", method: "GET", url: "/groups/none" },
      { id: "c", method: "GET", url: "/me", dependsOn: ["b"] },
      { id: "d", method: "POST", url: "/planner/tasks", headers: { "Content-Type": "application/json" }, body: { planId, title: "By batch" }, dependsOn: ["a"] },
    ]);
    expect(Object.fromEntries(reply.body.responses.map((r) => [r.id, r.status]))).toEqual({ a: 200, b: 404, c: 424, d: 201 });
  });

  it("refuses 21 items, equal ids, unknown parents, and a body without Content-Type", async () => {
    const get = (id: string, more = {}) => ({ id, method: "GET", url: "/me", ...more });
    for (const bad of [Array.from({ length: 21 }, (_, i) => get(String(i))), [get("1"), get("1")], [get("1", { dependsOn: ["9"] })], [get("1", { dependsOn: ["2"] }), get("2", { dependsOn: ["1"] })], [{ id: "1", method: "POST", url: "/planner/tasks", body: {} }]]) {
      expect((await batch(bad)).status).toBe(400);
    }
  });

  it("one item is throttled alone, with its own Retry-After, and the log counts items and batch", async () => {
    await control("POST", "faults", { match: { path: "/planner/tasks/*" }, action: { kind: "status", status: 429, headers: { "retry-after": "3" } }, times: 1 });
    const ids = [...simulator.stores.planner.findPlan(planId)!.tasks.keys()].slice(0, 3);
    await control("DELETE", "requests");
    const reply = await batch(ids.map((id) => ({ id, method: "GET", url: `/planner/tasks/${id}` })));
    expect(reply.status).toBe(200);
    expect(reply.body.responses.filter((r) => r.status === 429).map((r) => r.headers["Retry-After"])).toEqual(["3"]);
    const log = (await control("GET", "requests")).body as unknown as { batchSize: number | null; inBatch: number | null; template: string; seq: number }[];
    const whole = log.find((entry) => entry.batchSize === 3)!;
    expect(log.filter((entry) => entry.inBatch === whole.seq)).toHaveLength(3);
  });
});

describe("the fault script", () => {
  it("on the 2nd POST /planner/tasks: apply, then 504", async () => {
    await control("POST", "faults", { rules: [{ match: { method: "POST", path: "/planner/tasks", nth: 2 }, action: { kind: "apply-then-status", status: 504 } }] });
    const before = tasks();
    expect([(await createTask()).status, (await createTask()).status, (await createTask()).status]).toEqual([201, 504, 201]);
    expect(tasks()).toBe(before + 3);
    expect((await control("GET", "faults")).body).toMatchObject([{ seen: 3, hits: 1 }]);
    expect((await control("DELETE", "faults")).status).toBe(204);
    expect((await control("GET", "faults")).body).toEqual([]);
  });

  it.each([
    ["reset-before", 0],
    ["reset-after", 1],
    ["cut-body", 1],
  ] as const)("%s breaks the connection and applies %d time(s)", async (kind, applied) => {
    simulator.faults.add({ match: { method: "POST" }, action: { kind } });
    const before = tasks();
    await expect(createTask()).rejects.toThrow();
    expect(tasks()).toBe(before + applied);
  });

  it("late-commit answers 504 and applies afterwards", async () => {
    simulator.faults.add({ match: { method: "POST", path: "/planner/tasks" }, action: { kind: "late-commit", ms: 80 } });
    const before = tasks();
    expect((await createTask()).status).toBe(504);
    expect(tasks()).toBe(before);
    await expect.poll(tasks).toBe(before + 1);
  });

  it("list-lag hides what is new from lists, not from reading by id", async () => {
    simulator.faults.add({ match: { method: "GET", path: "/planner/plans/*/tasks" }, action: { kind: "list-lag", ms: 60_000 }, times: 1 });
    const { id } = (await createTask()).body;
    const listed = async () => (await backup.get(`/planner/plans/${planId}/tasks`)).body.value.some((task) => task.id === id);
    expect(await listed()).toBe(false);
    expect((await backup.get(`/planner/tasks/${id}`)).status).toBe(200);
    expect(await listed()).toBe(true);
  });

  it("every, from, to, times and regex choose which requests are hit", async () => {
    simulator.faults.add({ match: { regex: "/me$", every: 2, from: 3 }, action: { kind: "status", status: 503 }, times: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await backup.get("/me")).status);
    expect(statuses).toEqual([200, 200, 200, 503, 200, 503, 200, 200, 200]);
    expect((await control("POST", "faults", { match: { regex: "(" }, action: { kind: "status", status: 500 } })).status).toBe(400);
  });

  it("a throttling window answers 429 with Retry-After and counts who comes too early (graph/throttling)", async () => {
    await control("POST", "throttle", { match: { path: "/me" }, limit: 2, windowMs: 60_000, retryAfterSeconds: 2 });
    expect([(await backup.get("/me")).status, (await backup.get("/me")).status]).toEqual([200, 200]);
    const refused = await backup.get("/me");
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "TooManyRequests" } } });
    expect(refused.headers.get("retry-after")).toBe("2");
    await sleep(5); // what arrives in the millisecond of the answer may have been on its way
    await backup.get("/me");
    expect((await control("GET", "throttle")).body).toMatchObject([{ admitted: 2, rejected: 2, early: 1 }]);
  });
});

describe("more faults", () => {
  it("throttling by dice counts items of a batch that come too early, and 429 items carry their own Retry-After (graph/json-batching)", async () => {
    await control("POST", "throttle", { match: { path: "/planner/**" }, probability: 1, retryAfterSeconds: 30 });
    const requests = ["1", "2"].map((id) => ({ id, method: "GET", url: `/planner/plans/${planId}` }));
    const batch = async () => (await backup.send("POST", "/$batch", { requests })).body.responses;
    for (const one of await batch()) expect(one).toMatchObject({ status: 429, headers: { "Retry-After": "30" } });
    expect((await control("GET", "throttle")).body).toMatchObject([{ rejected: 2, early: 0 }]);
    await batch();
    const other = await callerFor(simulator, { tenantId: FABRIKAM.tenantId, user: PEOPLE.fabBackup });
    expect((await other.get("/planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM")).status).toBe(429);
    expect((await control("GET", "throttle")).body).toMatchObject([{ rejected: 5, early: 2 }]);
  });

  it("headers are added to an answer that is otherwise as usual", async () => {
    simulator.faults.add({ match: { path: "/me" }, action: { kind: "headers", headers: { "ratelimit-remaining": "7" } } });
    const reply = await backup.get("/me");
    expect([reply.status, reply.headers.get("ratelimit-remaining")]).toEqual([200, "7"]);
  });

  it("a download may be cut at an offset, be short or too long with a fitting length, or change between two ranges", async () => {
    const item = await backup.get(`/groups/${GROUPS.marketing}/drive/root:/Product%20launch/Wireframes.pdf`);
    const url = item.body["@microsoft.graph.downloadUrl"] as string;
    const path = "/sharepoint/**";
    const get = (range?: string) => request(simulator, "GET", url, range ? { headers: { range } } : {});
    const whole = (await get()).body.bytes;
    simulator.faults.add({ match: { path, nth: 1 }, action: { kind: "cut-body", bytes: 1000 } }, { match: { path, nth: 2 }, action: { kind: "resize-body", by: -6 } }, { match: { path, nth: 3 }, action: { kind: "resize-body", by: 6 } });
    await expect(get()).rejects.toThrow();
    expect([(await get()).body.bytes.length, (await get()).body.bytes.length]).toEqual([186_000 - 6, 186_000 + 6]);
    await control("POST", "file", { tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, path: "Product launch/Wireframes.pdf", changesAfter: 1 });
    const [first, second] = [await get("bytes=0-99"), await get("bytes=100-199")];
    expect(first.body.bytes.equals(whole.subarray(0, 100))).toBe(true);
    expect(second.body.bytes.equals(whole.subarray(100, 200))).toBe(false);
    expect(second.headers.get("etag")).not.toBe(first.headers.get("etag"));
    expect(simulator.faults.list().map((rule) => rule.hits)).toEqual([1, 1, 1]);
  });

  it("above its capacity the service answers later", async () => {
    await control("POST", "latency", { ms: 250, capacity: 1 });
    await Promise.all([1, 2, 3, 4].map(() => backup.get("/me")));
    expect(Math.max(...simulator.requestLog.entries().map((entry) => entry.ms))).toBeGreaterThanOrEqual(490);
  });

  it("access tokens expire at will, of everybody or of one person; new ones are good", async () => {
    const alice = await callerFor(simulator, { user: PEOPLE.alice });
    await control("POST", "expire-tokens", { user: PEOPLE.alice.id });
    expect([(await alice.get("/me")).status, (await backup.get("/me")).status]).toEqual([401, 200]);
    await control("POST", "expire-tokens", {});
    const refused = await backup.get("/me");
    expect(refused).toMatchObject({ status: 401, body: { error: { code: "InvalidAuthenticationToken" } } });
    expect((await (await callerFor(simulator)).get("/me")).status).toBe(200);
  });
});

it("items of a batch are of the batch's version, and their URLs are relative to it (graph/json-batching)", async () => {
  const requests = [{ id: "1", method: "GET", url: `/planner/plans/${planId}` }, { id: "2", method: "GET", url: "/v1.0/me" }];
  const answers = async (path: string) => new Map((await backup.send("POST", path, { requests })).body.responses.map((one) => [one.id, one]));
  expect((await answers("/beta/$batch")).get("1")!.body).toHaveProperty("isArchived", false);
  const stable = await answers("/$batch");
  expect(stable.get("1")!.body).not.toHaveProperty("isArchived");
  expect(stable.get("2")!.status).toBe(404);
});

describe("the control API", () => {
  it("GET /_simulator is a page for people and JSON for programs, with ids, secrets and links to live plans", async () => {
    const page = (await request(simulator, "GET", "/_simulator")).body.bytes.toString();
    expect(page).toContain("Planback Backup");
    const facts = (await request(simulator, "GET", "/_simulator", { headers: { accept: "application/json" } })).body as unknown as { apps: { secrets: string[] }[]; tenants: { groups: { plans: { url: string }[] }[] }[] };
    expect(facts.apps[0]!.secrets).toEqual([APPS.backup.secret]);
    const { url } = facts.tenants[0]!.groups[0]!.plans[0]!;
    expect((await request(simulator, "GET", url)).body.bytes.toString()).toContain("Product launch");
  });

  it("plays a person: deletes tasks and plans, adds tasks and comments, removes members", async () => {
    const taskId = (await createTask()).body.id;
    expect((await control("POST", "add-comment", { taskId, user: "alice@contoso.example", text: "Hello" })).status).toBe(204);
    const thread = (await backup.get(`/planner/tasks/${taskId}`)).body["conversationThreadId"];
    expect((await backup.get(`/groups/${GROUPS.marketing}/threads/${thread}/posts`)).body.value).toHaveLength(1);
    expect((await control("POST", "delete-task", { taskId })).status).toBe(204);
    expect((await backup.get(`/planner/tasks/${taskId}`)).status).toBe(404);
    expect((await control("POST", "add-tasks", { planId, count: 5 })).body).toHaveLength(5);
    await control("POST", "remove-member", { tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, user: "backup@contoso.example" });
    expect((await backup.get(`/groups/${GROUPS.marketing}/planner/plans`)).status).toBe(403);
    expect((await control("POST", "delete-plan", { planId })).status).toBe(204);
    expect((await control("POST", "delete-plan", { planId })).status).toBe(404);
  });

  it("plays an admin: grants and revokes consent, disables people", async () => {
    const grant = { tenantId: CONTOSO.tenantId, clientId: APPS.backup.clientId };
    await control("POST", "grant-consent", { ...grant, scopes: ["Group.Read.All"] });
    expect(simulator.world.tenants.get(CONTOSO.tenantId)!.grants.get(APPS.backup.clientId)!.allPrincipals).toEqual(new Set(["Group.Read.All"]));
    await control("POST", "revoke-consent", grant);
    expect(simulator.world.tenants.get(CONTOSO.tenantId)!.grants.size).toBe(0);
    await control("POST", "disable-user", { user: PEOPLE.ben.id });
    expect(simulator.world.tenants.get(CONTOSO.tenantId)!.users.get(PEOPLE.ben.id)!.accountEnabled).toBe(false);
  });

  it("sets how Planner behaves in one Microsoft tenant or in all", async () => {
    const { behaviour } = simulator.stores.planner;
    await control("POST", "settings", { tenantId: CONTOSO.tenantId, expandDetails: "works", lyingLastModified: true });
    expect(behaviour.of(CONTOSO.tenantId)).toEqual({ expandDetails: "works", expandTaskDetails: "works", expandFormats: "ignored", chatNames: "documented", lyingLastModified: true });
    expect(behaviour.of("another").expandDetails).toBe("ignored");
    await control("POST", "settings", { expandFormats: "works" });
    expect([CONTOSO.tenantId, "another"].map((id) => behaviour.of(id).expandFormats)).toEqual(["works", "works"]);
    expect((await control("POST", "settings", { expandDetails: "sometimes" })).status).toBe(400);
    const other = await startSimulator({ size: "small", planner: { expandDetails: "hollow" } });
    expect(other.stores.planner.behaviour.of(CONTOSO.tenantId).expandDetails).toBe("hollow");
    await other.close();
  });

  it("says what is wrong with a bad request, and does nothing", async () => {
    expect((await control("POST", "no-such-thing", {})).status).toBe(404);
    expect((await control("POST", "latency", { ms: "soon" })).body.error).toBe('"ms" must be a number.');
    expect((await control("POST", "faults", { action: {} })).status).toBe(400);
  });

  it("reset brings back the seed, and tokens stay good", async () => {
    const before = tasks();
    await createTask();
    simulator.settings.latencyMs = 5;
    await control("POST", "reset");
    expect(tasks()).toBe(before);
    expect(simulator.settings.latencyMs).toBe(0);
    expect((await backup.get("/me")).status).toBe(200);
  });
});
