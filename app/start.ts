import { config } from "@/lib/config";
import { measureRequests } from "@/lib/telemetry/http";
import { metrics } from "@/lib/telemetry/metrics";
import { startOpsServer } from "@/lib/telemetry/server";
import { announceProcess, awaitSchema, isReady, poolState } from "@/lib/workspaces";

/** What the web process does before its first request. Throws PlanbackError when it must not run. */
export async function startWeb(): Promise<void> {
  const { metricsPort, version } = config();
  await awaitSchema((message) => console.error(message));
  const forget = announceProcess("web");
  process.once("SIGTERM", () => void forget());
  if (metricsPort === null) return;
  metrics().build.set({ process: "web", version }, 1);
  measureRequests();
  await startOpsServer(metricsPort, {
    notReady: async () => ((await isReady()) ? null : "the database does not answer"),
    refresh: async () => Object.entries(poolState()).forEach(([state, value]) => metrics().pool.set({ state }, value)),
  });
}
