/** Everything the directory shows to a connection account, and why some of it cannot be backed up. */
import { isPlanbackError } from "@/lib/errors";
import type { BatchAnswer, GraphApi } from "@/lib/graph/types";
import type { PlannerPlan } from "@/lib/planner/types";
import type { Catalogue, CatalogueGroup, CataloguePlan, UnprotectablePlan } from "@/lib/workspaces/types";

type Group = Awaited<ReturnType<GraphApi["groups"]>>[number];

/** Reads groups, memberships and, by $batch, the plans of the groups the account is a member of. `extras`: beta too. */
export async function readCatalogue(graph: GraphApi, accountName: string, extras: boolean, now = new Date()): Promise<Catalogue> {
  const [groups, memberOf, ownerOf, unprotectable] = await Promise.all([graph.groups(), graph.myMemberGroupIds(), graph.myOwnedGroupIds(), unprotectablePlans(graph, extras)]);
  const mine = groups.filter((group) => memberOf.has(group.id));
  const plans = await plansByGroup(graph, mine.map((group) => group.id));
  return {
    readAt: now.toISOString(),
    groups: groups
      .map((group) => toGroup(group, memberOf.has(group.id), ownerOf.has(group.id), plans.get(group.id), accountName))
      .sort(byName),
    unprotectable: unprotectable.plans,
    ...(unprotectable.isRefused ? { unprotectableRefused: true as const } : {}),
  };
}

/** What an application sees: every group of the Microsoft tenant; nobody's membership counts. */
export async function readTenantCatalogue(graph: GraphApi, now = new Date()): Promise<Catalogue> {
  const groups = await graph.groups();
  const plans = await plansByGroup(graph, groups.map((group) => group.id));
  return {
    readAt: now.toISOString(),
    groups: groups.map((group) => {
      const found = plans.get(group.id);
      return { id: group.id, name: group.displayName, visibility: group.visibility ?? "Private", isMember: false, isOwner: false, unreachable: notListed(found), plans: listed(found) };
    }).sort(byName),
  };
}

const byName = (a: CatalogueGroup, b: CatalogueGroup) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);

/**
 * Plans that the account can open and that belong to no group. Rosters are listed apart, to those who may read tasks by a
 * permission of their own: https://learn.microsoft.com/graph/api/planneruser-list-rosterplans?view=graph-rest-beta
 */
async function unprotectablePlans(graph: GraphApi, extras: boolean): Promise<{ plans: UnprotectablePlan[]; isRefused: boolean }> {
  const lists = await Promise.all([graph.myPlans(extras ? "beta" : "v1.0"), ...(extras ? [graph.myRosterPlans()] : [])].map((list) => list.catch(nullIfRefused)));
  const plans = new Map(lists.flatMap((list) => list ?? []).filter((plan) => plan.container?.type !== "group").map((plan) => [plan.id, plan]));
  const views = [...plans.values()].map((plan) => ({ id: plan.id, title: plan.title, ...whyNot(plan.container?.type) }));
  return { plans: views.sort((a, b) => a.title.localeCompare(b.title) || a.id.localeCompare(b.id)), isRefused: lists.includes(null) };
}

function nullIfRefused(error: unknown): null {
  if (isPlanbackError(error, "graph_forbidden", "graph_not_found", "graph_rejected")) return null;
  throw error;
}

/** https://learn.microsoft.com/graph/api/resources/planner-overview: the interface reaches basic plans only, premium ones are projects. */
function whyNot(container: string | undefined): Pick<UnprotectablePlan, "kind" | "reason" | "remedy"> {
  if (container === "roster") {
    return { kind: "roster", reason: "It is shared with people directly, not through a Microsoft 365 group, and Planback protects plans of groups.", remedy: "In Planner, share the plan with a group, then check the account again." };
  }
  const project = "In Planner, copy what matters into a basic plan of a group, or back up its environment in Power Platform.";
  if (container === "project") return { kind: "premium", reason: "It is a premium plan, and Microsoft opens only basic plans to other programs.", remedy: project };
  return { kind: "other", reason: "Microsoft does not name its kind; most often that is a premium plan, which it does not open to other programs.", remedy: project };
}

/** The plans of each group; a group whose list was refused has the error instead. */
export async function plansByGroup(graph: GraphApi, groupIds: string[]): Promise<Map<string, PlannerPlan[] | Error>> {
  const answers = await graph.batchGet(groupIds.map((id) => ({ id, url: `/groups/${encodeURIComponent(id)}/planner/plans` })));
  return new Map(await Promise.all(answers.map(async (answer) => [answer.id, await plansOf(graph, answer)] as const)));
}

async function plansOf(graph: GraphApi, answer: BatchAnswer): Promise<PlannerPlan[] | Error> {
  if (answer.error) return answer.error;
  const page = answer.body as { value: PlannerPlan[]; "@odata.nextLink"?: string };
  return page["@odata.nextLink"] ? graph.plansOfGroup(answer.id) : page.value;
}

function toGroup(group: Group, isMember: boolean, isOwner: boolean, plans: PlannerPlan[] | Error | undefined, account: string): CatalogueGroup {
  const visibility = group.visibility ?? "Private";
  return {
    id: group.id, name: group.displayName, visibility, isMember, isOwner,
    unreachable: unreachable(isMember, isOwner, plans, account),
    plans: listed(plans),
  };
}

const listed = (plans: PlannerPlan[] | Error | undefined): CataloguePlan[] =>
  Array.isArray(plans) ? plans.map(toPlan).sort((a, b) => a.title.localeCompare(b.title) || a.id.localeCompare(b.id)) : [];

function toPlan(plan: PlannerPlan): CataloguePlan {
  return { id: plan.id, title: plan.title, unreachable: null };
}

function unreachable(isMember: boolean, isOwner: boolean, plans: PlannerPlan[] | Error | undefined, account: string): CatalogueGroup["unreachable"] {
  if (!isMember) {
    return {
      reason: isOwner ? `${account} owns this group but is not a member of it, and Planner asks for membership.` : `${account} is not a member of this group.`,
      remedy: `Add ${account} as a member of the group in Microsoft 365, then check the account again.`,
    };
  }
  return notListed(plans);
}

function notListed(plans: PlannerPlan[] | Error | undefined): CatalogueGroup["unreachable"] {
  if (!(plans instanceof Error)) return null;
  const refused = isPlanbackError(plans, "graph_forbidden", "graph_not_found");
  return {
    reason: refused ? "Microsoft 365 refuses to list the plans of this group." : "The plans of this group could not be read just now.",
    remedy: refused ? "A new group or membership takes a while to work. Check again later." : "Check again.",
  };
}
