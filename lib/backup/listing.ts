import { bodyOfAnswer, expandQuery, groupPath, peopleOfGroupPath, type BatchRequest, type GraphVersion, type Shown, type WithEtag } from "@/lib/graph";
import type { Gap, GraphObject, GroupFacts, Person, PlannerBucket, PlannerPlan, PlannerPlanDetails, PlannerTask, PlannerTaskDetails } from "@/lib/planner/types";
import { withoutAnnotations } from "./annotations";
import { itemsOf, type Answers } from "./asking";
import { gap, gapReason } from "./gaps";

/** What Planner lists of a plan, with etags. */
export interface Listing {
  plan: WithEtag<PlannerPlan>;
  /** null: could not be read, see gaps. */
  planDetails: WithEtag<PlannerPlanDetails> | null;
  buckets: WithEtag<PlannerBucket>[];
  tasks: ListedTask[];
  gaps: Gap[];
}

export const FORMATS = { assignedTo: "assignedToTaskBoardFormat", bucket: "bucketTaskBoardFormat", progress: "progressTaskBoardFormat" } as const;
export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
export type FormatsWithEtags = Record<FormatName, WithEtag<GraphObject>>;

/** A task, and what `$expand` showed with it. */
export interface ListedTask {
  task: WithEtag<PlannerTask>;
  details: WithEtag<PlannerTaskDetails> | null;
  formats: FormatsWithEtags | null;
}

export interface GroupReading {
  group: GroupFacts | null;
  people: Person[];
  gaps: Gap[];
}

/** The four requests that list a plan, for one batch. */
export function listingRequests(planId: string, version: GraphVersion, shown: Shown): BatchRequest[] {
  const plan = `/planner/plans/${encodeURIComponent(planId)}`;
  return [
    { id: "plan", url: plan, version },
    { id: "planDetails", url: `${plan}/details`, version },
    { id: "buckets", url: `${plan}/buckets`, version, list: true },
    { id: "tasks", url: `${plan}/tasks${expandQuery(shown)}`, version, list: true },
  ];
}

export function groupRequests(groupId: string, version: GraphVersion): BatchRequest[] {
  return [
    { id: "group", url: groupPath(groupId), version },
    { id: "members", url: peopleOfGroupPath(groupId, "members"), version, list: true },
    { id: "owners", url: peopleOfGroupPath(groupId, "owners"), version, list: true },
  ];
}

/** Throws when the plan, its buckets or its tasks cannot be listed: without them there is no snapshot. */
export function readListing(planId: string, answers: Answers): Listing {
  const plan = bodyOfAnswer<WithEtag<PlannerPlan>>(answers.get("plan")!);
  const details = answers.get("planDetails")!;
  return {
    plan,
    planDetails: details.error ? null : (details.body as WithEtag<PlannerPlanDetails>),
    buckets: itemsOf(answers.get("buckets")!),
    tasks: itemsOf<WithEtag<PlannerTask>>(answers.get("tasks")!).map(unfold),
    gaps: details.error ? [gap("planDetails", planId, "The plan's label names", gapReason(details.error))] : [],
  };
}

/** Takes a task apart that was asked for with more; a part that is not there whole counts as not shown. */
export function unfold({ details, assignedToTaskBoardFormat, bucketTaskBoardFormat, progressTaskBoardFormat, ...rest }: WithEtag<PlannerTask>): ListedTask {
  const task = rest as WithEtag<PlannerTask>;
  const formats = { assignedTo: assignedToTaskBoardFormat, bucket: bucketTaskBoardFormat, progress: progressTaskBoardFormat } as FormatsWithEtags;
  return {
    task,
    details: hasEtag(details) && agree(task, details as PlannerTaskDetails) ? (details as WithEtag<PlannerTaskDetails>) : null,
    formats: FORMAT_NAMES.every((name) => hasEtag(formats[name]) && HINT[name] in formats[name]) ? formats : null,
  };
}

/** Without it a format says nothing. */
const HINT: Record<FormatName, string> = { assignedTo: "orderHintsByAssignee", bucket: "orderHint", progress: "orderHint" };

const hasEtag = (part: unknown): boolean => typeof (part as { "@odata.etag"?: unknown } | null | undefined)?.["@odata.etag"] === "string";

/** What a task says of its details must be true of details that are shown with it: hollow and old ones are found out. */
function agree(task: PlannerTask, { description, checklist, references }: PlannerTaskDetails): boolean {
  const count = (open: object | undefined) => open && Object.keys(open).filter((key) => !key.includes("@")).length;
  return typeof description === "string" && (description !== "") === task.hasDescription && count(checklist) === task.checklistItemCount && count(references) === task.referenceCount;
}

export function readGroup(groupId: string, answers: Answers): GroupReading {
  try {
    const facts = withoutAnnotations(bodyOfAnswer<GraphObject & { id: string; displayName: string }>(answers.get("group")!));
    const members = itemsOf<Person>(answers.get("members")!);
    const owners = itemsOf<Person>(answers.get("owners")!);
    const ids = (people: Person[]) => people.map((person) => person.id).sort();
    const group: GroupFacts = { ...facts, memberIds: ids(members), ownerIds: ids(owners) };
    return { group, people: [...members, ...owners].map(withoutAnnotations), gaps: [] };
  } catch (error) {
    return { group: null, people: [], gaps: [gap("group", groupId, "The list of the group's members and owners", gapReason(error))] };
  }
}
