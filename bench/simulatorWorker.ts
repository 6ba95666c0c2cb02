import { parentPort } from "node:worker_threads";
import { APPS, CONTOSO, PEOPLE } from "../simulator/fixtures";
import { startSimulator } from "../simulator/server";

/** A simulator in a thread of its own, so that its processor time can be told from the client's. */
const simulator = await startSimulator();
const token = await simulator.token({ tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS.backup.clientId, scopes: ["Group.Read.All"] });
const { planner } = simulator.stores;
const plans = planner.allPlans(CONTOSO.tenantId).filter((plan) => planner.membersOf(plan)?.has(PEOPLE.backup.id));
parentPort!.postMessage({ origin: simulator.origin, token, taskIds: plans.flatMap((plan) => [...plan.tasks.keys()]) });
