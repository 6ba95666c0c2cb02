/** A simulated Microsoft 365 in a thread of its own, far away, and a client for it: its work is not the client's. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createGovernor, createGraph, type Governor, type GraphApi } from "../lib/graph";
import type { GraphEvents } from "../lib/graph/types";

export interface CloudStart {
  latencyMs: number;
  purpose: "backup" | "restore";
  /** Plans that it has besides, in the group Marketing. */
  plans: number;
  tasksEach: number;
}

/** Rename every so many-th task; show what is behind tasks (details in lists, all with one task), or refuse this share of the batches, from now on. */
export interface CloudOrder { rename?: number; show?: "in lists" | "with one task"; refuse?: number }
export interface CloudAnswer { early: number; refused: number }

export interface BenchCloud {
  origin: string;
  token: string;
  planIds: string[];
  graph(events?: GraphEvents, governor?: Governor): GraphApi;
  /** Does what is asked, and says what the refusals came to. */
  order(order: CloudOrder): Promise<CloudAnswer>;
  close(): Promise<void>;
}

/** `latencyMs` is added to every answer. */
export async function startBenchCloud(latencyMs: number, purpose: "backup" | "restore", { plans = 0, tasksEach = 0 } = {}): Promise<BenchCloud> {
  const workerData: CloudStart = { latencyMs, purpose, plans, tasksEach };
  const worker = new Worker(new URL("./cloudWorker.ts", import.meta.url), { workerData });
  const [{ origin, token, planIds }] = (await once(worker, "message")) as [{ origin: string; token: string; planIds: string[] }];
  const origins = { cloud: "global" as const, loginOrigin: origin, graphOrigin: origin, sharepointUrl: `${origin}/sharepoint/{host}` };
  return {
    origin, token, planIds,
    graph: (events, governor = createGovernor()) => createGraph({ tokens: () => Promise.resolve(token), origins, governor, events }),
    order: async (order) => {
      const answer = once(worker, "message");
      worker.postMessage(order);
      return ((await answer) as [CloudAnswer])[0];
    },
    close: async () => void (await worker.terminate()),
  };
}
