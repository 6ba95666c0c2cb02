import type { GraphAnswer, GraphCall, GraphRoute } from "../../graph/context";
import { canSee, signedInUser, userFor } from "../access";
import { listed } from "../answers";
import { taskRenderer } from "../expand";
import { READ, READ_DELEGATED_ONLY } from "../permissions";
import { renderPlan } from "../render";
import type { PlannerStore } from "../store";

/** Archived tasks are left out. https://learn.microsoft.com/graph/api/planneruser-list-tasks, plannerplan-archive?view=graph-rest-beta */
function tasksOf(store: PlannerStore, call: GraphCall, user: { id: string }): GraphAnswer {
  const tasks = store.tasksAssignedTo(user.id).filter((task) => canSee(call, task.plan) && !task.plan.archival?.archived);
  return listed(store, call, "Collection(microsoft.graph.plannerTask)", tasks, taskRenderer(store, call));
}

/** https://learn.microsoft.com/graph/api/planneruser-list-plans */
function plansOf(store: PlannerStore, call: GraphCall, user: { id: string }): GraphAnswer {
  const groups = [...call.tenant.groups.values()].filter((group) => group.members.has(user.id));
  const plans = groups.flatMap((group) => store.plansOfGroup(group.id)).sort((a, b) => a.sequence - b.sequence);
  return listed(store, call, "Collection(microsoft.graph.plannerPlan)", plans, (plan) => renderPlan(plan, call.version));
}

export function userRoutes(store: PlannerStore): GraphRoute[] {
  return [
    { method: "GET", template: "/me/planner/plans", ...READ_DELEGATED_ONLY, handle: (call) => plansOf(store, call, signedInUser(call)) },
    { method: "GET", template: "/users/{id}/planner/plans", ...READ_DELEGATED_ONLY, handle: (call, { id }) => plansOf(store, call, userFor(call, id ?? "")) },
    { method: "GET", template: "/me/planner/tasks", ...READ, handle: (call) => tasksOf(store, call, signedInUser(call)) },
    { method: "GET", template: "/users/{id}/planner/tasks", ...READ, handle: (call, { id }) => tasksOf(store, call, userFor(call, id ?? "")) },
  ];
}
