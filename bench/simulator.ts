import { Agent, createServer, request } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { APPS, CONTOSO, PEOPLE } from "../simulator/fixtures";
import { startSimulator } from "../simulator/server";
import type { BenchRow, Suite } from "./framework";

const REQUESTS = 6000;
const CONNECTIONS = 8;

/** Reads per second over keep-alive connections, client and server in this one process. */
async function readsPerSecond(url: string, token: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const read = () =>
    new Promise<void>((resolve, reject) => {
      request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.resume().once("end", resolve);
      }).once("error", reject).end();
    });
  const work = async (count: number) => {
    for (let i = 0; i < count; i++) await read();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => work(100)));
  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, () => work(REQUESTS / CONNECTIONS)));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return REQUESTS / seconds;
}

/** A server that does nothing but answer the same bytes: what node:http and the client leave as the upper bound. */
async function withBareServer<T>(body: string, measure: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await measure(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
  }
}

const BATCHES = 1600;

/** Items of `POST /$batch` (20 task reads each) by the second of the simulator's own processor time, and by the clock. */
async function batchItemsPerSecond(): Promise<{ own: number; clock: number }> {
  const worker = new Worker(new URL("./simulatorWorker.ts", import.meta.url));
  const [{ origin, token, taskIds }] = (await once(worker, "message")) as [{ origin: string; token: string; taskIds: string[] }];
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const batch = (n: number) =>
    new Promise<void>((resolve, reject) => {
      const requests = Array.from({ length: 20 }, (_, id) => ({ id: String(id), method: "GET", url: `/planner/tasks/${taskIds[(n * 20 + id) % taskIds.length]}` }));
      request(`${origin}/v1.0/$batch`, { method: "POST", agent, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.resume().once("end", resolve);
      }).once("error", reject).end(JSON.stringify({ requests }));
    });
  const work = async (count: number) => {
    for (let n = 0; n < count; n++) await batch(n);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => work(40)));
  const [usedBefore, started] = [await worker.cpuUsage(), performance.now()];
  await Promise.all(Array.from({ length: CONNECTIONS }, () => work(BATCHES / CONNECTIONS)));
  const [used, seconds] = [await worker.cpuUsage(usedBefore), (performance.now() - started) / 1000];
  agent.destroy();
  await worker.terminate();
  return { own: (BATCHES * 20) / ((used.user + used.system) / 1e6), clock: (BATCHES * 20) / seconds };
}

async function run(): Promise<BenchRow[]> {
  const simulator = await startSimulator();
  try {
    const token = await simulator.token({ tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS.backup.clientId, scopes: ["Group.Read.All", "Directory.Read.All"] });
    const plan = simulator.stores.planner.allPlans(CONTOSO.tenantId)[0]!;
    const url = `${simulator.origin}/v1.0/planner/tasks/${[...plan.tasks.keys()][0]}`;
    const body = await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
    const bare = await withBareServer(body, (bareUrl) => readsPerSecond(bareUrl, token));
    const reads = await readsPerSecond(url, token);
    const items = await batchItemsPerSecond();
    return [
      { name: "GET /planner/tasks/{id}", value: `${Math.round(reads)}/s`, note: "at least 2,000/s wanted; client in the same process" },
      { name: "of a bare node:http server's rate", value: `${Math.round((reads / bare) * 100)} %`, note: `bare: ${Math.round(bare)}/s with the same body and client` },
      { name: "items of POST /$batch, 20 task reads each", value: `${Math.round(items.own)}/s`, note: `on one core of its own, at least 15,000/s wanted; ${Math.round(items.clock)}/s by the clock beside the client` },
    ];
  } finally {
    await simulator.close();
  }
}

export const suite: Suite = { title: "What the simulator can serve, so that it is not the bottleneck of other suites", run };
