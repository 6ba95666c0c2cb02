import { describe, expect, test } from "vitest";
import { bodyOfAnswer } from "./batch";
import { isPassing } from "./middleware";
import { bench, codeOf, cutBody, json, networkError, timeoutError, type Reply } from "./testing/fakes";
import type { GraphApi } from "./types";

const unparsable = () => new Response("<html>", { status: 200, headers: { "content-type": "application/json" } });
const RETRY_AFTER = { "retry-after": "3" };
const REFUSALS = { "400": "", "403": "", "403 limit": "MaximumTasksInProject", "404": "", "409": "", "410": "", "412": "", "423": "", "501": "", "507": "quotaLimitReached" };
const FAULTS: Record<string, () => Response | Error> = {
  "429 wait": () => json(429, {}, RETRY_AFTER),
  "429": () => json(429, {}),
  "503 wait": () => json(503, {}, RETRY_AFTER),
  "503": () => json(503, {}),
  "500": () => json(500, {}),
  "502": () => json(502, {}),
  "504": () => json(504, {}),
  "408": () => json(408, {}),
  "401": () => json(401, {}),
  reset: () => networkError("ECONNRESET"),
  closed: () => networkError("UND_ERR_SOCKET"),
  timeout: () => timeoutError(),
  "cut body": () => cutBody(),
  unparsable,
  refused: () => networkError("ECONNREFUSED"),
  "no host": () => networkError("ENOTFOUND"),
  ...Object.fromEntries(Object.entries(REFUSALS).map(([name, code]) => [name, () => json(Number.parseInt(name), { error: { code, message: "Microsoft's words about SECRET-TITLE" } })])),
};

type Result = { kind: string; error?: unknown } | { id: string };
const METHODS: Record<string, (graph: GraphApi) => Promise<Result>> = {
  GET: (graph) => graph.task("t"),
  PATCH: (graph) => graph.patch("/planner/tasks/t", 'W/"e"', { title: "x" }),
  DELETE: (graph) => graph.remove("/planner/tasks/t", 'W/"e"'),
  PUT: (graph) => graph.upload("g", "a.txt", 1, (async function* () { yield Buffer.from("x"); })()),
  POST: (graph) => graph.createTask({ title: "x", planId: "p" }),
  "POST reply": (graph) => graph.replyToThread("g", "t", "x"),
  "POST $ref": (graph) => graph.addOwner("g", "u"),
  $batch: async (graph) => bodyOfAnswer<{ id: string }>((await graph.batchGet([{ id: "a", url: "/planner/tasks/t" }]))[0]!),
};

/**
 * What becomes of one such outcome that is followed by good answers. "again": sent again, "wait": not before Retry-After, "renew": with a new token;
 * "unknown": not sent again, it may have been applied; "no": not applied, not sent again.
 */
const TABLE = `
             GET     PATCH    DELETE   PUT    POST     POST_reply POST_$ref $batch
429_wait     wait    wait     wait     wait   wait     wait       wait      wait
429          again   again    again    again  again    again      again     again
503_wait     wait    unknown  unknown  wait   unknown  unknown    wait      wait
503          again   unknown  unknown  again  unknown  unknown    again     again
500          again   unknown  unknown  again  unknown  unknown    again     again
502          again   unknown  unknown  again  unknown  unknown    again     again
504          again   unknown  unknown  again  unknown  unknown    again     again
408          again   unknown  unknown  again  unknown  unknown    again     again
401          renew   renew    renew    renew  renew    renew      renew     renew
reset        again   unknown  unknown  again  unknown  unknown    again     again
closed       again   unknown  unknown  again  unknown  unknown    again     again
timeout      again   unknown  unknown  again  unknown  unknown    again     again
cut_body     again   unknown  unknown  again  unknown  unknown    again     again
unparsable   again   unknown  unknown  again  unknown  unknown    again     again
refused      again   again    again    again  again    again      again     again
no_host      again   again    again    again  again    again      again     again
400          no      no       no       no     no       no         no        no
403          no      no       no       no     no       no         no        no
403_limit    no      no       no       no     no       no         no        no
404          no      no       no       no     no       no         no        no
409          no      no       no       no     no       no         no        no
410          no      no       no       no     no       no         no        no
412          no      no       no       no     no       no         no        no
423          no      no       no       no     no       no         no        no
501          no      no       no       no     no       no         no        no
507          no      no       no       no     no       no         no        no
`;
const [head, ...rows] = TABLE.trim().split("\n").map((line) => line.trim().split(/\s+/).map((cell) => cell.replace("_", " ")));
const CELLS = rows.flatMap(([fault, ...cells]) => cells.map((cell, i) => ({ method: head![i]!, fault: fault!, cell })));

const CODES: Record<string, string> = { "403": "graph_forbidden", "403 limit": "graph_limit", "404": "graph_not_found", "410": "graph_not_found", "409": "graph_conflict", "412": "graph_conflict", "423": "graph_conflict", "507": "graph_limit" };
const codeFor = (fault: string) => CODES[fault] ?? (fault.startsWith("5") ? "graph_unavailable" : "graph_rejected");

/** Any answer that every method takes for good. */
const good = () => json(200, { id: "x", "@odata.etag": 'W/"e2"', size: 1, value: [], responses: [{ id: "1", status: 200, body: { id: "x" } }] });

describe("one outcome, then good answers", () => {
  test("the table is whole", () => {
    expect(CELLS.length).toBe(Object.keys(FAULTS).length * Object.keys(METHODS).length);
    expect(CELLS.length).toBeGreaterThanOrEqual(90);
  });

  test.each(CELLS)("$method $fault: $cell", async ({ method, fault, cell }) => {
    const asked: unknown[] = [];
    const { graph, sent } = bench([FAULTS[fault] as Reply, good], { tokens: async (options) => (asked.push(options?.forceRefresh ?? false), "token") });
    const result = await METHODS[method]!(graph).catch((error: unknown) => ({ kind: "no", error }));
    const isSentAgain = ["again", "wait", "renew"].includes(cell);
    // Somebody may be an owner already: then the list decides whether the request was refused.
    const looksAfterwards = method === "POST $ref" && fault === "400" ? 1 : 0;
    expect(sent.length).toBe((isSentAgain ? 2 : 1) + looksAfterwards);
    if (isSentAgain) {
      expect("id" in result || result.kind === "done").toBe(true);
      expect(sent[1]!.body).toBe(sent[0]!.body);
      if (cell === "wait") expect(sent[1]!.at - sent[0]!.at).toBeGreaterThanOrEqual(3_000);
      expect(asked.includes(true)).toBe(cell === "renew");
      return;
    }
    const { kind, error } = result as { kind: string; error: Error };
    if (cell === "unknown") {
      expect(kind).toBe("unknown");
      expect(error).toMatchObject({ code: "graph_unknown_outcome" });
    } else {
      expect(["no", "not_applied"]).toContain(kind);
      expect(error).toMatchObject({ code: codeFor(fault) });
    }
    expect(error.message).not.toContain("SECRET-TITLE");
  });
});

const isPassingFault = (fault: Response | Error): boolean => fault instanceof Error || fault.ok || isPassing(fault.status);

describe("a failure that stays", () => {
  for (const [name, fault] of Object.entries(FAULTS).filter(([, fault]) => isPassingFault(fault()))) {
    const most = name.startsWith("429") ? 13 : 7;
    test(`GET ${name}: at most ${most - 1} repetitions, then graph_unavailable`, async () => {
      const { graph, sent } = bench([fault as Reply]);
      expect(await codeOf(graph.task("t"))).toBe("graph_unavailable");
      expect(sent.length).toBe(most);
    });
  }
  test("POST 429 for ever: not applied", async () => {
    const { graph, sent } = bench([FAULTS["429 wait"]!]);
    const outcome = await graph.createTask({});
    expect(outcome).toMatchObject({ kind: "not_applied", error: { code: "graph_unavailable" } });
    expect(sent.length).toBe(13);
  });
});

describe("limits", () => {
  const LIMITS = ["MaximumProjectsOwnedByUser", "MaximumProjectsSharedWithUser", "MaximumTasksCreatedByUser", "MaximumTasksAssignedToUser", "MaximumTasksInProject", "MaximumActiveTasksInProject",
    "MaximumBucketsInProject", "MaximumUsersSharedWithProject", "MaximumReferencesOnTask", "MaximumChecklistItemsOnTask", "MaximumAssigneesInTasks", "MaximumPlannerPlans"];

  test("each of the 12 has its own words, for every method, alone or in a batch, and is not sent again", async () => {
    const messages = new Set<string>();
    for (const code of [...LIMITS, "MaximumSomethingNew"]) {
      const refusal = { error: { code, message: "" } };
      const own = new Set<string>();
      for (const [method, call] of Object.entries(METHODS)) {
        const { graph, sent } = bench([method === "$batch" ? json(200, { responses: [{ id: "1", status: 403, body: refusal }] }) : json(403, refusal)]);
        const result = await call(graph).catch((error: unknown) => ({ kind: "no", error }));
        const { error } = result as { error: Error };
        expect(error, `${method} ${code}`).toMatchObject({ code: "graph_limit", facts: { code } });
        expect(sent.length, `${method} ${code}`).toBe(1);
        own.add(error.message);
      }
      expect(own.size, code).toBe(1);
      messages.add([...own][0]!);
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
