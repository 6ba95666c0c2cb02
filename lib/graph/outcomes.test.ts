import { describe, expect, test } from "vitest";
import { bench, codeOf, cutBody, json, networkError, timeoutError, type Reply } from "./testing/fakes";
import type { GraphApi } from "./types";

const unparsable = () => new Response("<html>", { status: 200, headers: { "content-type": "application/json" } });
const planned = {
  "429": () => json(429, {}, { "retry-after": "2" }),
  "500": () => json(500, {}),
  "502": () => json(502, {}),
  "503": () => json(503, {}),
  "503 with Retry-After": () => json(503, {}, { "retry-after": "3" }),
  "504": () => json(504, {}),
  reset: () => networkError("ECONNRESET"),
  "socket closed": () => networkError("UND_ERR_SOCKET"),
  timeout: () => timeoutError(),
  "cut body": () => cutBody(),
  "unparsable 2xx": () => unparsable(),
  "no connection": () => networkError("ECONNREFUSED"),
} satisfies Record<string, () => Response | Error>;

const methods: Record<string, (graph: GraphApi) => Promise<{ kind: string } | { id: string }>> = {
  GET: (graph) => graph.task("t"),
  PATCH: (graph) => graph.patch("/planner/tasks/t", 'W/"e"', { title: "x" }),
  DELETE: (graph) => graph.remove("/planner/tasks/t", 'W/"e"'),
  POST: (graph) => graph.createTask({ title: "x", planId: "p" }),
  "POST reply": (graph) => graph.replyToThread("g", "t", "x"),
};
const good = () => json(200, { id: "x", "@odata.etag": 'W/"e2"' });
const sameAsOnce = new Set(["429", "no connection"]);

describe("one failure, then a good answer", () => {
  for (const [method, call] of Object.entries(methods)) {
    for (const [name, fault] of Object.entries(planned)) {
      const repeated = method === "GET" || sameAsOnce.has(name);
      test(`${method} ${name}: ${repeated ? "tried again" : "unknown, never sent again"}`, async () => {
        const { graph, sent } = bench([fault as Reply, good]);
        const result = await call(graph);
        expect(sent.length).toBe(repeated ? 2 : 1);
        if (method === "GET") expect(result).toMatchObject({ id: "x" });
        else expect((result as { kind: string }).kind).toBe(repeated ? "done" : "unknown");
      });
    }
  }
});

describe("a failure that stays", () => {
  for (const [name, fault] of Object.entries(planned)) {
    const most = name === "429" ? 13 : 7;
    test(`GET ${name}: at most ${most - 1} repetitions, then graph_unavailable`, async () => {
      const { graph, sent } = bench([fault as Reply]);
      expect(await codeOf(graph.task("t"))).toBe("graph_unavailable");
      expect(sent.length).toBe(most);
    });
  }
  test("POST 429 for ever: not applied", async () => {
    const { graph, sent } = bench([planned["429"]]);
    const outcome = await graph.createTask({});
    expect(outcome).toMatchObject({ kind: "not_applied", error: { code: "graph_unavailable" } });
    expect(sent.length).toBe(13);
  });
});

describe("refusals", () => {
  const cases: [number, string, string][] = [
    [400, "", "graph_rejected"],
    [403, "", "graph_forbidden"],
    [404, "", "graph_not_found"],
    [409, "", "graph_conflict"],
    [412, "", "graph_conflict"],
    [507, "quotaLimitReached", "graph_limit"],
    ...["MaximumProjectsOwnedByUser", "MaximumProjectsSharedWithUser", "MaximumTasksCreatedByUser", "MaximumTasksAssignedToUser", "MaximumTasksInProject",
      "MaximumActiveTasksInProject", "MaximumBucketsInProject", "MaximumUsersSharedWithProject", "MaximumReferencesOnTask", "MaximumChecklistItemsOnTask",
      "MaximumAssigneesInTasks", "MaximumPlannerPlans", "MaximumSomethingNew"].map((code): [number, string, string] => [403, code, "graph_limit"]),
  ];
  test.each(cases)("%i %s is %s at once, for every method", async (status, code, expected) => {
    for (const [method, call] of Object.entries(methods)) {
      const { graph, sent } = bench([json(status, { error: { code, message: "Microsoft's words about SECRET-TITLE" } })]);
      const error = method === "GET" ? await call(graph).catch((e: unknown) => e) : ((await call(graph)) as unknown as { kind: string; error: unknown }).error;
      expect(error).toMatchObject({ code: expected });
      expect((error as Error).message).not.toContain("SECRET-TITLE");
      expect(sent.length).toBe(1);
    }
  });
  test("limits are named in plain words, each differently", async () => {
    const messages = new Set<string>();
    for (const [status, code] of cases.filter(([, code]) => code.startsWith("Maximum"))) {
      const { graph } = bench([json(status, { error: { code, message: "" } })]);
      messages.add(await graph.task("t").then(() => "", (e: Error) => e.message));
    }
    expect(messages.size).toBe(13);
  });
});

test("a create without an id in its answer is unknown", async () => {
  const { graph, sent } = bench([json(201, {})]);
  expect((await graph.createPlan("g", "t")).kind).toBe("unknown");
  expect(sent.length).toBe(1);
});

test("PATCH answered by 204 reads the new etag", async () => {
  const { graph, sent } = bench([json(204, null), good]);
  expect(await graph.patch("/planner/tasks/t", 'W/"e"', {})).toMatchObject({ kind: "done", value: { "@odata.etag": 'W/"e2"' } });
  expect(sent.map((s) => s.method)).toEqual(["PATCH", "GET"]);
  expect(sent[0]!.headers).toMatchObject({ "if-match": 'W/"e"', prefer: "return=representation" });
});

test("adding somebody who is a member already is done", async () => {
  const already = json(400, { error: { code: "Request_BadRequest", message: "One or more added object references already exist" } });
  expect(await bench([already, json(200, { value: [{ id: "u" }] })]).graph.addMember("g", "u")).toEqual({ kind: "done", value: null });
  expect((await bench([already, json(200, { value: [] })]).graph.addMember("g", "u")).kind).toBe("not_applied");
});

test("abort: a write under way is unknown, a write not yet sent is not applied, a read is cancelled", async () => {
  const underway = new AbortController();
  const b = bench([() => { underway.abort(); throw new DOMException("aborted", "AbortError"); }], { signal: underway.signal });
  expect(await b.graph.createTask({})).toMatchObject({ kind: "unknown", error: { code: "cancelled" } });
  const before = AbortSignal.abort();
  const c = bench([good], { signal: before });
  expect(await c.graph.createTask({})).toMatchObject({ kind: "not_applied", error: { code: "cancelled" } });
  expect(await codeOf(c.graph.task("t"))).toBe("cancelled");
  expect(c.sent.length).toBe(0);
});
