/** A simulated Microsoft 365 in a thread of its own, far away, and a client for it: its work is not the client's. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createGovernor, createGraph, type GraphApi } from "../lib/graph";
import type { GraphEvents } from "../lib/graph/types";

export interface BenchCloud {
  origin: string;
  graph(events?: GraphEvents): GraphApi;
  close(): Promise<void>;
}

/** `latencyMs` is added to every answer. */
export async function startBenchCloud(latencyMs: number, purpose: "backup" | "restore"): Promise<BenchCloud> {
  const worker = new Worker(new URL("./cloudWorker.ts", import.meta.url), { workerData: { latencyMs, purpose } });
  const [{ origin, token }] = (await once(worker, "message")) as [{ origin: string; token: string }];
  const origins = { loginOrigin: origin, graphOrigin: origin, sharepointUrl: `${origin}/sharepoint/{host}` };
  return {
    origin,
    graph: (events) => createGraph({ tokens: () => Promise.resolve(token), origins, governor: createGovernor(), events }),
    close: async () => void (await worker.terminate()),
  };
}
