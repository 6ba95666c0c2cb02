import { startSimulator, type Simulator, type SimulatorOptions } from "@/simulator/server";
import { APPS, BACKUP_SCOPES, CONTOSO, PEOPLE, RESTORE_SCOPES } from "@/simulator/fixtures";
import { createGovernor, createGraph, type GraphApi, type GraphOptions } from "..";
import type { Origins } from "../middleware";

export interface SimulatedCloud {
  simulator: Simulator;
  origins: Origins;
  /** A client for a person of Contoso, by default the connection account with the scopes of a backup. */
  graph(options?: Partial<GraphOptions> & { userId?: string; purpose?: "backup" | "restore" }): GraphApi;
}

/** A simulated Microsoft 365 in this process, and clients for it. */
export async function startCloud(options: SimulatorOptions = {}): Promise<SimulatedCloud> {
  const simulator = await startSimulator({ size: "small", ...options });
  const { origin } = simulator;
  const origins = { cloud: "global" as const, loginOrigin: origin, graphOrigin: origin, sharepointUrl: `${origin}/sharepoint/{host}` };
  return {
    simulator,
    origins,
    graph: ({ userId = PEOPLE.backup.id, purpose = "backup", ...rest } = {}) =>
      createGraph({
        tokens: () => simulator.token({ tenantId: CONTOSO.tenantId, userId, clientId: APPS[purpose].clientId, scopes: purpose === "backup" ? BACKUP_SCOPES : RESTORE_SCOPES }),
        origins,
        governor: createGovernor(),
        ...rest,
      }),
  };
}
