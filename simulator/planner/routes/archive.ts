import type { GraphAnswer, GraphCall, GraphRoute } from "../../graph/context";
import { actorOf, planFor } from "../access";
import { isObject } from "../body";
import { invalidRequest } from "../faults";
import { ARCHIVE } from "../permissions";
import type { PlannerStore } from "../store";

/**
 * https://learn.microsoft.com/graph/api/plannerplan-archive?view=graph-rest-beta and plannerplan-unarchive: tasks and
 * buckets go with their plan, and all of them get new etags.
 */
function setArchived(store: PlannerStore, call: GraphCall, id: string, archived: boolean): GraphAnswer {
  const plan = planFor(store, call, id);
  const justification = isObject(call.json) ? call.json["justification"] : undefined;
  if (typeof justification !== "string") throw invalidRequest("The parameter 'justification' is required.");
  plan.revision.require(call.headers["if-match"], "all");
  if ((plan.archival?.archived ?? false) === archived) throw invalidRequest(archived ? "The plan is archived already." : "The plan is not archived.");
  const by = actorOf(call);
  plan.archival = { archived, justification, by, at: call.world.now() };
  for (const { revision } of [plan, ...plan.buckets.values(), ...plan.tasks.values()]) revision.touch(["isArchived"]);
  for (const task of plan.tasks.values()) store.modified(task, by);
  return { status: 204 };
}

export const archiveRoutes = (store: PlannerStore): GraphRoute[] => [
  { method: "POST", template: "/planner/plans/{id}/archive", versions: ["beta"], ...ARCHIVE, handle: (call, { id }) => setArchived(store, call, id ?? "", true) },
  { method: "POST", template: "/planner/plans/{id}/unarchive", versions: ["beta"], ...ARCHIVE, handle: (call, { id }) => setArchived(store, call, id ?? "", false) },
];
