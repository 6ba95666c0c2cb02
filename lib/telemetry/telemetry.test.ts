import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { createMemoryStore } from "@/lib/repository/testing";
import { measureRequests, routeNames } from "./http";
import { graphOutcome, metrics } from "./metrics";
import { startOpsServer } from "./server";
import { measuredStore } from "./store";

test("a request is known by the pattern of its route; what is none of them has one name", () => {
  const name = routeNames({ staticRoutes: [{ page: "/" }, { page: "/welcome" }], dynamicRoutes: [{ page: "/w/[workspaceId]/plans/[planId]", regex: "^/w/([^/]+?)/plans/([^/]+?)(?:/)?$" }, { page: "/invite/[secret]", regex: "^/invite/([^/]+?)(?:/)?$" }] });
  expect(["/", "/welcome", "/w/1/plans/2", "/invite/a-secret", "/_next/static/a.js", "/wp-admin.php", "/w/1"].map(name))
    .toEqual(["/", "/welcome", "/w/[workspaceId]/plans/[planId]", "/invite/[secret]", "/_next", "other", "other"]);
});

test("what Microsoft answered, in five words", () => {
  expect([200, 304, 429, 503, 404, 500, 504, null].map(graphOutcome)).toEqual(["ok", "ok", "throttled", "throttled", "refused", "failed", "failed", "none"]);
});

test("a store is counted by operation and outcome, streams to their end", async () => {
  const seen = async () => Object.fromEntries((await metrics().store.get()).values.map(({ labels, value }) => [`${labels.operation} ${labels.outcome}`, value]));
  const store = measuredStore(createMemoryStore());
  await store.put("w/a", Buffer.from("a"));
  await store.get("w/a");
  await expect(store.get("w/b")).rejects.toThrow();
  for await (const piece of store.getStream("w/a")) expect(piece.length).toBe(1);
  const away = measuredStore({ ...createMemoryStore(), has: () => Promise.reject(new PlanbackError("storage_unavailable", "Away.")) });
  await expect(away.has("w/a")).rejects.toThrow("Away.");
  expect(await seen()).toEqual({ "put ok": 1, "get ok": 2, "get missing": 1, "has failed": 1 });
});

test("the port says whether the process lives and why it is not ready, and numbers also when what it asks for is away", async () => {
  let reason: string | null = "the worker is starting";
  const { port, close } = await startOpsServer(0, { notReady: () => Promise.resolve(reason), refresh: () => Promise.reject(new Error("away")) });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return [answer.status, (await answer.text()).split("\n")[0]];
  };
  expect([await ask("/livez"), await ask("/readyz"), await ask("/")]).toEqual([[200, "ok"], [503, "the worker is starting"], [404, "not found"]]);
  reason = null;
  expect([await ask("/readyz"), (await ask("/metrics"))[0]]).toEqual([[200, "ready"], 200]);
  close();
});

test("requests of the web are timed, those of the operator's port and streams are not", async () => {
  const serve = async (type: string) => {
    const server = http.createServer((_request, response) => response.setHeader("Content-Type", type).end("x"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { server, port: (server.address() as AddressInfo).port };
  };
  const [web, stream, ops] = [await serve("text/html"), await serve("text/event-stream"), await serve("text/plain")];
  measureRequests(ops.port);
  for (const { port } of [web, stream, ops]) await (await fetch(`http://127.0.0.1:${port}/anything?secret=1`)).text();
  const counts = (await metrics().http.get()).values.filter(({ metricName }) => metricName?.endsWith("_count"));
  expect(counts.map(({ labels, value }) => [labels, value])).toEqual([[{ route: expect.any(String), method: "GET", status: "2xx" }, 1]]);
  for (const { server } of [web, stream, ops]) server.close();
});
