import { bodyOfAnswer, groupPath, peopleOfGroupPath, type BatchAnswer, type BatchRequest, type GraphApi, type WithEtag } from "@/lib/graph";
import type { Gap, GraphObject, GroupFacts, Person, PlannerBucket, PlannerPlan, PlannerPlanDetails, PlannerTask } from "@/lib/planner/types";
import { withoutAnnotations } from "./annotations";
import { gap, gapReason } from "./gaps";

/** What Planner lists of a plan, with etags. */
export interface Listing {
  plan: WithEtag<PlannerPlan>;
  /** null: could not be read, see gaps. */
  planDetails: WithEtag<PlannerPlanDetails> | null;
  buckets: WithEtag<PlannerBucket>[];
  tasks: WithEtag<PlannerTask>[];
  gaps: Gap[];
}

export interface GroupReading {
  group: GroupFacts | null;
  people: Person[];
  gaps: Gap[];
}

interface Page<T> extends GraphObject {
  value?: T[];
  "@odata.nextLink"?: string;
}

/** The four requests that list a plan, for one batch. */
export function listingRequests(planId: string): BatchRequest[] {
  const plan = `/planner/plans/${encodeURIComponent(planId)}`;
  return [
    { id: "plan", url: plan },
    { id: "planDetails", url: `${plan}/details` },
    { id: "buckets", url: `${plan}/buckets` },
    { id: "tasks", url: `${plan}/tasks` },
  ];
}

export function groupRequests(groupId: string): BatchRequest[] {
  return [
    { id: "group", url: groupPath(groupId) },
    { id: "members", url: peopleOfGroupPath(groupId, "members") },
    { id: "owners", url: peopleOfGroupPath(groupId, "owners") },
  ];
}

/** Throws when the plan, its buckets or its tasks cannot be listed: without them there is no snapshot. */
export async function readListing(graph: GraphApi, planId: string, answers: Map<string, BatchAnswer>): Promise<Listing> {
  const plan = bodyOfAnswer<WithEtag<PlannerPlan>>(answers.get("plan")!);
  const gaps: Gap[] = [];
  const details = answers.get("planDetails")!;
  if (details.error) gaps.push(gap("planDetails", planId, "The plan's label names", gapReason(details.error)));
  return {
    plan,
    planDetails: details.error ? null : (details.body as WithEtag<PlannerPlanDetails>),
    buckets: await whole(answers.get("buckets")!, () => graph.buckets(planId)),
    tasks: await whole(answers.get("tasks")!, () => graph.tasks(planId)),
    gaps,
  };
}

/** A batch gives the first page only; a longer list is read again as a whole. */
async function whole<T>(answer: BatchAnswer, readAll: () => Promise<T[]>): Promise<T[]> {
  const page = bodyOfAnswer<Page<T>>(answer);
  return page["@odata.nextLink"] ? readAll() : (page.value ?? []);
}

export async function readGroup(graph: GraphApi, groupId: string, answers: Map<string, BatchAnswer>): Promise<GroupReading> {
  try {
    const facts = withoutAnnotations(bodyOfAnswer<GraphObject & { id: string; displayName: string }>(answers.get("group")!));
    const members = await whole<Person>(answers.get("members")!, () => graph.members(groupId));
    const owners = await whole<Person>(answers.get("owners")!, () => graph.owners(groupId));
    const ids = (people: Person[]) => people.map((person) => person.id).sort();
    const group: GroupFacts = { ...facts, memberIds: ids(members), ownerIds: ids(owners) };
    return { group, people: [...members, ...owners].map(withoutAnnotations), gaps: [] };
  } catch (error) {
    return { group: null, people: [], gaps: [gap("group", groupId, "The list of the group's members and owners", gapReason(error))] };
  }
}
