import { parentPort, workerData } from "node:worker_threads";
import { APPS, BACKUP_SCOPES, CONTOSO, PEOPLE, RESTORE_SCOPES } from "../simulator/fixtures";
import { startSimulator } from "../simulator/server";

const { latencyMs, purpose } = workerData as { latencyMs: number; purpose: "backup" | "restore" };
const simulator = await startSimulator({ size: "small", latencyMs });
const scopes = purpose === "backup" ? BACKUP_SCOPES : RESTORE_SCOPES;
const token = await simulator.token({ tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS[purpose].clientId, scopes: [...scopes] });
parentPort!.postMessage({ origin: simulator.origin, token });
