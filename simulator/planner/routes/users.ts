import type { GraphAnswer, GraphCall, GraphRoute } from "../../graph/context";
import { canSee, isPremium, signedInUser, userFor } from "../access";
import { listed, planRenderer } from "../answers";
import { taskRenderer } from "../expand";
import { READ, READ_DELEGATED_ONLY, ROSTERS } from "../permissions";
import type { PlannerStore } from "../store";

/** Archived tasks are left out. https://learn.microsoft.com/graph/api/planneruser-list-tasks, plannerplan-archive?view=graph-rest-beta */
function tasksOf(store: PlannerStore, call: GraphCall, user: { id: string }): GraphAnswer {
  const tasks = store.tasksAssignedTo(user.id).filter((task) => canSee(store, call, task.plan) && !isPremium(task.plan) && !task.plan.archival?.archived);
  return listed(store, call, "Collection(microsoft.graph.plannerTask)", tasks, taskRenderer(store, call, "person"));
}

/** Of groups, and those that other containers hold. https://learn.microsoft.com/graph/api/planneruser-list-plans */
function plansOf(store: PlannerStore, call: GraphCall, user: { id: string }): GraphAnswer {
  const groups = [...call.tenant.groups.values()].filter((group) => group.members.has(user.id));
  const others = store.otherPlans(call.tenant.id).filter((plan) => plan.container!.members.has(user.id));
  const plans = [...groups.flatMap((group) => store.plansOfGroup(group.id)), ...others].sort((a, b) => a.sequence - b.sequence);
  return listed(store, call, "Collection(microsoft.graph.plannerPlan)", plans, planRenderer(call));
}

/** https://learn.microsoft.com/graph/api/planneruser-list-rosterplans?view=graph-rest-beta */
function rosterPlansOf(store: PlannerStore, call: GraphCall, user: { id: string }): GraphAnswer {
  const plans = store.otherPlans(call.tenant.id).filter(({ container }) => container!.type === "roster" && container!.members.has(user.id));
  return listed(store, call, "Collection(microsoft.graph.plannerPlan)", plans, planRenderer(call));
}

export function userRoutes(store: PlannerStore): GraphRoute[] {
  return [
    { method: "GET", template: "/me/planner/plans", ...READ_DELEGATED_ONLY, handle: (call) => plansOf(store, call, signedInUser(call)) },
    { method: "GET", template: "/users/{id}/planner/plans", ...READ_DELEGATED_ONLY, handle: (call, { id }) => plansOf(store, call, userFor(call, id ?? "")) },
    { method: "GET", template: "/me/planner/rosterPlans", versions: ["beta"], ...ROSTERS, handle: (call) => rosterPlansOf(store, call, signedInUser(call)) },
    { method: "GET", template: "/users/{id}/planner/rosterPlans", versions: ["beta"], ...ROSTERS, handle: (call, { id }) => rosterPlansOf(store, call, userFor(call, id ?? "")) },
    { method: "GET", template: "/me/planner/tasks", ...READ, handle: (call) => tasksOf(store, call, signedInUser(call)) },
    { method: "GET", template: "/users/{id}/planner/tasks", ...READ, handle: (call, { id }) => tasksOf(store, call, userFor(call, id ?? "")) },
  ];
}
