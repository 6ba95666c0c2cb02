import { config } from "@/lib/config";
import { isPlanbackError } from "@/lib/errors";
import { measureRequests } from "@/lib/telemetry/http";
import { metrics } from "@/lib/telemetry/metrics";
import { startOpsServer } from "@/lib/telemetry/server";
import { announceProcess, awaitSchema, isReady, poolState } from "@/lib/workspaces";
import { refuseMissingKeys } from "@/lib/workspaces/rewrap";
import { stopOnSignal } from "./stopping";

/** What the web process does before its first request. A bad variable, a key that is missing or a database of another version ends it at once, by name, instead of failing each page. */
export async function startWeb(): Promise<void> {
  try {
    await getReady();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

async function getReady(): Promise<void> {
  const { metricsPort, version } = config();
  await awaitSchema((message) => console.error(message));
  await refuseMissingKeys().catch((error: unknown) => {
    if (!isPlanbackError(error, "database_unavailable", "keys_unavailable")) throw error; // they may come; /readyz says so meanwhile
  });
  stopOnSignal();
  const forget = announceProcess("web");
  process.once("SIGTERM", () => void forget());
  if (metricsPort === null) return;
  metrics().build.set({ process: "web", version }, 1);
  measureRequests(metricsPort);
  await startOpsServer(metricsPort, {
    notReady: async () => ((await isReady()) ? null : "the database does not answer"),
    refresh: async () => Object.entries(poolState()).forEach(([state, value]) => metrics().pool.set({ state }, value)),
  });
}
