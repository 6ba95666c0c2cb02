/** What an operator sees of a worker in a process of its own, as it runs in production: metrics, readiness, logs, and how it stops. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, readdir } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { getPlan, getSnapshot, listPlans, startVerification, getVerification } from "@/lib/workspaces";
import { APPS, CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { backUp, begin, connect, control, ended, kill, openWorld, protect, restoreBeside, restored, startWorkerProcess, until, type World } from "./testing/world";

let world: World;
let worker: ChildProcess;
let said = "";
/** A collector of traces: what it was sent, as text. */
let traced = "";
const collector = http.createServer((request, response) => {
  request.on("data", (chunk: Buffer) => (traced += chunk.toString("utf8"))).on("end", () => response.writeHead(200, { "Content-Type": "application/json" }).end("{}"));
});
let connectionId: string;
let policyId: string;

async function start(): Promise<ChildProcess> {
  return startWorkerProcess("worker/main.ts", { env: { LOG_LEVEL: "debug", METRICS_PORT: "0", OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` }, hear: (text) => (said += text) });
}

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  world = await openWorld();
  worker = await start();
  connectionId = await connect(world, "backup");
  policyId = await protect(world, connectionId, GROUPS.marketing);
  await connect(world, "restore");
});
afterAll(async () => {
  if (worker) await kill(worker);
  await world?.close();
  collector.close();
});

const lastPort = () => Number([...said.matchAll(/"metricsPort":(\d+)/g)].at(-1)![1]);
const ask = async (path: string) => {
  const answer = await fetch(`http://127.0.0.1:${lastPort()}${path}`);
  return { status: answer.status, text: await answer.text() };
};

/** The value of a series; 0 when it is not there. */
const value = (text: string, series: string): number => Number(text.split("\n").find((line) => line.startsWith(`${series} `))?.split(" ").at(-1) ?? 0);

/** What people wrote, who they are, and what opens doors: none of it is for logs or metrics. */
function secrets(): string[] {
  const words = new Set<string>([world.ws, CONTOSO.tenantId, connectionId, policyId]);
  const text = JSON.stringify([...world.simulator.stores.planner.plansOfGroup(GROUPS.marketing)].map((plan) => [plan.title, [...plan.buckets.values()], [...plan.tasks.values()]]));
  for (const [, found] of text.matchAll(/"(?:title|name|description|alias)":"([^"\\]{4,})"/g)) words.add(found!);
  for (const person of Object.values(PEOPLE)) words.add(person.displayName).add(person.userPrincipalName);
  return [...words];
}

test("a whole story: its numbers are in the metrics, its jobs and requests in traces, and neither they nor the logs at their wordiest hold a word of anybody or a token", async () => {
  const { actor, ws, simulator } = world;
  expect((await ask("/livez")).status).toBe(200);
  expect(await ask("/readyz")).toEqual({ status: 200, text: "ready\n" });
  await control(simulator, "throttle", { match: { path: "/planner/**" }, limit: 8, windowMs: 1_000, retryAfterSeconds: 1 });
  expect((await backUp(world, policyId)).state).toBe("complete");
  simulator.throttle.clear();
  // Twice no answer, and an answer nobody foresaw.
  await control(simulator, "faults", { match: { method: "POST", path: "/$batch" }, action: { kind: "reset-before" }, times: 2 });
  await backUp(world, policyId);
  await control(simulator, "faults", { match: { method: "GET", path: "/planner/**" }, action: { kind: "status", status: 403, body: { error: { code: "accessDenied", message: "Autumn campaign is not yours" } } }, times: 3 });
  await backUp(world, policyId);
  simulator.faults.clear();
  const snapshots = await Promise.all((await listPlans(actor, ws)).flatMap(({ lastSnapshot }) => (lastSnapshot ? [getSnapshot(actor, ws, lastSnapshot.id)] : [])));
  const fullest = snapshots.sort((a, b) => b.content.tasks.length - a.content.tasks.length)[0]!;
  expect((await restored(world, await restoreBeside(world, fullest.id, connectionId, GROUPS.marketing, "Told to nobody"))).state).toBe("verified");
  const { verificationId } = await startVerification(actor, ws);
  await until(() => getVerification(actor, ws, verificationId), (one) => one.finishedAt !== null);

  const { text } = await ask("/metrics");
  const wanted = [
    'planback_jobs_total{queue="capture-plan",outcome="done"}', 'planback_runs_total{state="complete"}', 'planback_snapshots_total{state="complete"}',
    'planback_graph_requests_total{service="graph",outcome="ok"}', 'planback_graph_requests_total{service="graph",outcome="none"}',
    'planback_graph_retry_after_seconds_count{service="graph"}', 'planback_graph_retry_after_seconds_sum{service="graph"}', 'planback_restores_total{kind="restore",verdict="verified"}',
    'planback_store_operations_total{operation="put",outcome="ok"}', 'planback_job_seconds_count{queue="restore-run"}', 'planback_build_info{process="worker",version="0.1.0"}',
  ];
  expect(wanted.filter((series) => !(value(text, series) > 0))).toEqual([]);
  expect(text).toMatch(/^planback_queue_jobs\{queue="capture-plan",state="waiting"\} 0$/m);
  expect(text).toMatch(/^planback_queue_oldest_seconds\{queue="capture-plan"\} 0$/m);
  expect(text).toMatch(/^planback_database_connections\{state="idle"\} \d+$/m);

  await until(() => traced, (all) => ["job capture-plan", "job restore-run", "POST /$batch", "planback-worker"].every((name) => all.includes(`"${name}"`)), 15_000);

  const words = [...secrets(), "Told to nobody", fullest.id];
  expect(words.length).toBeGreaterThan(40);
  expect(words.filter((word) => text.includes(word))).toEqual([]);
  // Logs name things by ids, and nothing else.
  const logged = words.filter((word) => !/^[0-9a-f-]{36}$/.test(word));
  expect(logged.filter((word) => said.includes(word) || traced.includes(word))).toEqual([]);
  expect(`${said}${traced}`.match(/eyJ[\w-]{10,}|Bearer |refresh_token|client_secret|tempauth=|\b[01]\.A[\w-]{20,}/g)).toBeNull();
  expect([process.env.INSTALLATION_KEY!, process.env.SESSION_SECRET!, APPS.backup.secret, APPS.restore.secret, new URL(process.env.DATABASE_URL!).password].filter((secret) => said.includes(secret))).toEqual([]);
  for (const line of said.trim().split("\n")) expect(Object.keys(JSON.parse(line) as object)).toEqual(expect.arrayContaining(["level", "time", "msg"]));
  expect(said).toContain('"msg":"job done"');
});

/** The job of a queue that is active or waits, as the queue knows it. */
async function jobOf(queue: string): Promise<{ state: string; left: number }> {
  const client = new pg.Client({ connectionString: world.database.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ state: string; left: number }>("SELECT state::text, retry_limit - retry_count AS left FROM jobs.job WHERE name = $1 AND state < 'completed'", [queue]);
  await client.end();
  return rows[0]!;
}

/** SIGTERM, and for how long it took the process to end; it must end by itself and well. */
async function terminate(child: ChildProcess): Promise<number> {
  const from = Date.now();
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
  return Date.now() - from;
}

test("a worker that is stopped in mid-restore ends what it has sent, hands the restore back with its lease and all its attempts, and another one goes on at once", async () => {
  const { actor, ws, simulator } = world;
  const [plan] = await listPlans(actor, ws);
  await control(simulator, "faults", { match: { method: "POST", path: "/planner/tasks", nth: 3 }, action: { kind: "delay", ms: 1_500 }, times: 1 });
  const restoreId = await restoreBeside(world, plan!.lastSnapshot!.id, connectionId, GROUPS.marketing, "Handed over");
  await until(() => simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  expect(await terminate(worker)).toBeLessThan(10_000);
  const row = await withWorkspace(ws, (tx) => tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId: ws, id: restoreId } }, include: { intents: true } }));
  expect([row.state, row.leaseUntil, row.intents.filter(({ state }) => state === "inflight" || state === "unknown")]).toEqual(["running", null, []]);
  expect(await jobOf("restore-run")).toEqual({ state: "retry", left: 6 }); // one more than the queue's five: the attempt that begins counts
  worker = await start();
  expect((await restored(world, restoreId)).state).toBe("verified");
  const made = simulator.stores.planner.plansOfGroup(GROUPS.marketing).filter(({ title }) => title === "Handed over");
  expect(made.map(({ tasks }) => tasks.size)).toEqual([(await getSnapshot(actor, ws, plan!.lastSnapshot!.id)).content.tasks.length]);
});

test("a worker that is stopped in mid-capture ends what can end, hands back the rest within 25 s, takes nothing new, and the run is finished by another", async () => {
  const { actor, ws, simulator } = world;
  const before = (await Promise.all((await listPlans(actor, ws)).map(({ id }) => getPlan(actor, ws, id)))).map(({ snapshots }) => snapshots.length);
  simulator.faults.clear();
  await control(simulator, "faults", { match: { method: "POST", path: "/$batch", nth: 2 }, action: { kind: "delay", ms: 60_000 }, times: 1 });
  const runId = await begin(world, policyId);
  await until(() => simulator.faults.list()[0]!.hits, (hits) => hits > 0);
  const terminated = terminate(worker);
  await until(() => ask("/readyz"), ({ status }) => status === 503, 5_000);
  expect((await ask("/livez")).status).toBe(200);
  expect(await terminated).toBeLessThan(25_000);
  expect(await jobOf("capture-plan")).toEqual({ state: "retry", left: 6 });
  simulator.faults.clear();
  worker = await start();
  const run = await ended(world, runId);
  expect(run.items.map(({ state, problem }) => [state, problem])).toEqual(run.items.map(() => ["complete", null]));
  const after = (await Promise.all((await listPlans(actor, ws)).map(({ id }) => getPlan(actor, ws, id)))).map(({ snapshots }) => snapshots.length);
  expect(after).toEqual(before.map((count) => count + 1));
});

test("no source writes to the console past the log, except codes of a sign-in and why a process cannot start", async () => {
  const files = (await readdir(".", { recursive: true })).filter((file) => /^(app|lib|worker)\/.*\.tsx?$/.test(file) && !/\.test\.|\/testing|generated/.test(file));
  const found: string[] = [];
  for (const file of files) if (/console\.|process\.std(out|err)/.test(await readFile(file, "utf8"))) found.push(file);
  expect(found.sort()).toEqual(["app/auth-options.ts", "app/log.ts", "app/start.ts", "worker/main.ts"]);
});
