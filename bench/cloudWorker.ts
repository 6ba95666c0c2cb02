import { parentPort, workerData } from "node:worker_threads";
import { APPS, BACKUP_SCOPES, CONTOSO, GROUPS, PEOPLE, RESTORE_SCOPES } from "../simulator/fixtures";
import { startSimulator } from "../simulator/server";
import type { CloudAnswer, CloudOrder, CloudStart } from "./cloud";

const { latencyMs, purpose, plans, tasksEach } = workerData as CloudStart;
const simulator = await startSimulator({ size: "small", latencyMs });
const { planner } = simulator.stores;
const by = { userId: PEOPLE.alice.id, appId: null };

const planIds = Array.from({ length: plans }, (_, number) => {
  const plan = planner.addPlan({ tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, title: `Bench ${number}`, createdBy: by });
  const buckets = Array.from({ length: 8 }, (_, index) => planner.addBucket({ planId: plan.id, name: `Bucket ${index}` }));
  for (let index = 0; index < tasksEach; index++) {
    planner.addTask({
      planId: plan.id, bucketId: buckets[index % 8]!.id, title: `Task ${index} of plan ${number}`, createdBy: by, percentComplete: index % 3 === 0 ? 100 : 0,
      description: `What is to be done for number ${index}.`, assignees: [[PEOPLE.ben, PEOPLE.chen, PEOPLE.diego][index % 3]!.id],
      checklist: [1, 2, 3].map((step) => ({ title: `Step ${step} of ${index}`, isChecked: step === 1 })),
    });
  }
  return plan.id;
});

/** Renames every `every`-th task of the plans. */
function rename(every: number): void {
  for (const plan of planner.allPlans(CONTOSO.tenantId).filter(({ id }) => planIds.includes(id))) {
    [...plan.tasks.values()].forEach((task, index) => {
      if (index % every !== 0) return;
      task.title = `${task.title}, once more`;
      task.revision.touch(["title"]);
    });
  }
}

function obey(order: CloudOrder): CloudAnswer {
  if (order.rename) rename(order.rename);
  if (order.show) planner.behaviour.set(order.show === "in lists" ? { expandDetails: "works", expandFormats: "ignored" } : { expandDetails: "ignored", expandFormats: "single" });
  if (order.refuse) {
    simulator.throttle.clear();
    simulator.throttle.add({ match: { method: "POST", path: "/$batch" }, probability: order.refuse, seed: 1, retryAfterSeconds: 1 });
  }
  const [rule] = simulator.throttle.list();
  return { early: rule?.early ?? 0, refused: rule?.rejected ?? 0 };
}

parentPort!.on("message", (order: CloudOrder) => parentPort!.postMessage(obey(order)));

const scopes = purpose === "backup" ? BACKUP_SCOPES : RESTORE_SCOPES;
const token = await simulator.token({ tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS[purpose].clientId, scopes: [...scopes] });
parentPort!.postMessage({ origin: simulator.origin, token, planIds });
