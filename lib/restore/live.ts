/** Reads what a restore plan needs to know of the target, and what read-back compares. */
import { isPlanbackError } from "@/lib/errors";
import { bodyOfAnswer, boardFormatPath } from "@/lib/graph";
import type { GraphApi, GraphVersion, WithEtag } from "@/lib/graph/types";
import { BOARDS, decodeReferenceKey, openEntries } from "@/lib/planner";
import type { GraphObject, Person, PlannerBucket, PlannerPlan, PlannerPlanDetails, PlannerTask, PlannerTaskDetails, SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { lean } from "@/lib/repository/packed";
import { inSlices } from "@/lib/repository/parallel";
import { readDirectory } from "./directory";
import { TASK_FIELDS } from "./plan/fields";
import type { RestoreRequest } from "./types";

/** The live plan: Planner's parts only (no comments, files or people). */
export interface LivePlan {
  content: SnapshotContent;
  etags: { plan: string; planDetails: string; buckets: Record<string, string>; tasks: Record<string, string>; details: Record<string, string> };
}

export interface LiveTarget {
  /** As it will be, with an empty id, when the group is created. */
  group: {
    id: string;
    displayName: string;
    visibility: string | null;
    memberIds: string[];
    /** The same people with their names; absent where nobody asks for them. */
    members?: Person[];
    accountIsMember: boolean;
    accountIsOwner: boolean;
  };
  /** Plans of the group that the account sees. */
  planIds: string[];
  /** The plan that is restored in place or into; null when it is gone or for a new plan. */
  plan: LivePlan | null;
  /** For a new group: another one has its mail name. */
  nicknameTaken?: boolean;
  /** In-place: attachments of the snapshot whose file is no longer where it was. */
  missingFiles: string[];
  /** In-place: those whose file is there, and has another content than the snapshot's. */
  changedFiles?: string[];
}

/** The connection account that will do the restore. */
export interface AccountFacts {
  id: string;
  name?: string;
  /** null: could not be read. */
  hasExchangeLicence: boolean | null;
  /** Delegated scopes of its token. */
  scopes: string[];
}

const EXCHANGE_PLANS = new Set(["9aaf7827-d63c-4b61-89c3-182f06f82e5c", "efb87545-963c-4e0d-99df-69c6916d9eb0", "4a82b400-a79f-41a4-b4e2-e94f5787b113"]);

/** `scopes`: of the access token (`scp`), which only the identity room knows. */
export async function readAccountFacts(graph: GraphApi, scopes: string[]): Promise<AccountFacts> {
  const me = await graph.me();
  const licences = await graph.myLicences().catch((error: unknown) => {
    if (isPlanbackError(error, "graph_forbidden", "graph_not_found")) return null;
    throw error;
  });
  const mailbox = licences?.some((one) => EXCHANGE_PLANS.has(one.servicePlanId) && one.provisioningStatus === "Success");
  return { id: me.id, name: me.displayName ?? me.userPrincipalName, hasExchangeLicence: mailbox ?? null, scopes };
}

export interface LiveReading {
  /** null: the target group does not exist or cannot be read. */
  live: LiveTarget | null;
  /** People of the target's directory that may be somebody of the snapshot. */
  people: Person[];
}

export interface TargetReading {
  graph: GraphApi;
  snapshot: SnapshotContent;
  request: RestoreRequest;
  /** The connection may use Microsoft's beta interface. */
  extras: boolean;
}

/** Everything buildRestorePlan needs of the target. Throws what Graph throws, but for a missing group or plan. */
export async function readLiveTarget(reading: TargetReading): Promise<LiveReading> {
  const { graph, snapshot, request } = reading;
  const people = await readDirectory(graph, snapshot, request);
  if (request.target.kind === "new_group") return { people, live: await groupToBe(graph, request.target) };
  const groupId = targetGroupId(snapshot, request);
  const group = groupId === null ? null : await orNull(graph.group(groupId));
  if (!group) return { live: null, people };
  const [memberOf, ownerOf, members] = await Promise.all([graph.myMemberGroupIds(), graph.myOwnedGroupIds(), orNull(graph.members(group.id))]);
  const accountIsMember = memberOf.has(group.id);
  const plans = accountIsMember ? ((await orNull(graph.plansOfGroup(group.id))) ?? []) : [];
  const planId = targetPlanId(snapshot, request);
  const plan = planId !== null && plans.some(({ id }) => id === planId) ? await orNull(readLivePlan(graph, planId, reading.extras)) : null;
  return {
    people,
    live: {
      group: {
        id: group.id, displayName: group.displayName, visibility: (group.visibility as string | null | undefined) ?? null,
        memberIds: (members ?? []).map(({ id }) => id), members: members ?? [], accountIsMember, accountIsOwner: ownerOf.has(group.id),
      },
      planIds: plans.map(({ id }) => id),
      plan,
      ...(request.target.kind === "in_place" && accountIsMember ? await filesNow(graph, group.id, snapshot) : { missingFiles: [] }),
    },
  };
}

/** A group that does not exist yet: the account makes it and so is its member and owner. */
async function groupToBe(graph: GraphApi, { name, visibility, mailNickname }: Extract<RestoreRequest["target"], { kind: "new_group" }>): Promise<LiveTarget> {
  const url = `/groups?$filter=${encodeURIComponent(`mailNickname eq '${mailNickname.replaceAll("'", "''")}'`)}&$select=id,uniqueName`;
  const [answer] = await graph.batchGet([{ id: "nickname", url }]);
  const taken = answer && !answer.error ? ((answer.body as { value?: unknown[] }).value ?? []).length > 0 : false;
  return {
    group: { id: "", displayName: name.trim(), visibility, memberIds: [], accountIsMember: true, accountIsOwner: true },
    planIds: [], plan: null, missingFiles: [], nicknameTaken: taken,
  };
}

/** The group a restore goes to; null when it is to be created, or when the snapshot does not say where its plan lived. */
export function targetGroupId(snapshot: SnapshotContent, { target }: RestoreRequest): string | null {
  if (target.kind === "new_plan" || target.kind === "existing_plan") return target.groupId;
  return target.kind === "new_group" ? null : (snapshot.group?.id ?? snapshot.plan.container?.containerId ?? snapshot.plan.owner ?? null);
}

function targetPlanId(snapshot: SnapshotContent, { target }: RestoreRequest): string | null {
  return target.kind === "in_place" ? snapshot.plan.id : target.kind === "existing_plan" ? target.planId : null;
}

const COMPARED = Object.keys(TASK_FIELDS);

/** What read-back looks at of a task itself: a third of it. */
export function comparedOnly(task: PlannerTask): PlannerTask {
  const { id, title, assignments } = task;
  const kept = Object.fromEntries(COMPARED.flatMap((name) => (task[name] === undefined ? [] : [[name, task[name]]])));
  return { ...kept, id, title, assignments: Object.fromEntries(openEntries(assignments).map(([person, { orderHint }]) => [person, { orderHint }])) };
}

/** Reads a plan with its details, buckets, tasks, task details and board formats; `extras`: with what only beta shows. `keep`: what is held of each task itself. */
export async function readLivePlan(graph: GraphApi, planId: string, extras = false, keep = (task: PlannerTask) => task): Promise<LivePlan> {
  const version: GraphVersion = extras ? "beta" : "v1.0";
  const [plan, planDetails, buckets, tasks] = await Promise.all([graph.plan(planId, version), graph.planDetails(planId), graph.buckets(planId), graph.tasks(planId, version, (task) => listed(task, keep))]);
  const etags: Record<string, string> = {};
  const read = await inSlices(tasks, (slice) => readBehind(graph, slice, version, etags));
  return {
    content: {
      group: null, plan: tagged<PlannerPlan>(plan).value, planDetails: tagged<PlannerPlanDetails>(planDetails).value,
      buckets: buckets.map((bucket) => tagged<PlannerBucket>(bucket).value), tasks: read.flat(), comments: [], attachments: [], people: [],
    },
    etags: {
      plan: plan["@odata.etag"], planDetails: planDetails["@odata.etag"], buckets: etagsOf(buckets), tasks: Object.fromEntries(tasks.map(({ id, etag }) => [id, etag])), details: etags,
    },
  };
}

const etagsOf = (objects: GraphObject[]): Record<string, string> => Object.fromEntries(objects.map((object) => [object.id as string, String(object["@odata.etag"] ?? "")]));

/** A task of the list, as text until what is behind it was read. */
interface Listed { id: string; etag: string; text: string }

function listed(task: WithEtag<PlannerTask>, keep: (task: PlannerTask) => PlannerTask): Listed {
  const { value, etag } = tagged<PlannerTask>(task);
  return { id: value.id, etag, text: JSON.stringify(keep(value)) };
}

/** Details and board formats of tasks; those that are gone are left out. Notes the etags of the details. */
async function readBehind(graph: GraphApi, tasks: readonly Listed[], version: GraphVersion, etags: Record<string, string>): Promise<TaskRecord[]> {
  const answers = await graph.batchGet(tasks.flatMap(({ id }) => [
    { id: `${id} details`, url: `/planner/tasks/${encodeURIComponent(id)}/details`, version },
    ...BOARDS.map((board) => ({ id: `${id} ${board}`, url: boardFormatPath(id, board) })),
  ]));
  const bodies = new Map(answers.map((answer) => [answer.id, answer]));
  const read = <T extends GraphObject>(key: string): Tagged<T> | null => {
    const answer = bodies.get(key);
    return !answer || answer.status === 404 ? null : tagged(bodyOfAnswer<T>(answer));
  };
  return tasks.flatMap(({ id, text }): TaskRecord[] => {
    const details = read<PlannerTaskDetails>(`${id} details`);
    const formats = Object.fromEntries(BOARDS.flatMap((board) => {
      const format = read(`${id} ${board}`);
      return format ? [[board, format.value]] : [];
    }));
    etags[id] = details?.etag ?? "";
    return details ? [lean({ kind: "task", id, task: JSON.parse(text) as PlannerTask, details: details.value, formats })] : [];
  });
}

interface Tagged<T> { value: T; etag: string }

function tagged<T extends GraphObject>(object: GraphObject): Tagged<T> {
  const value: GraphObject = { ...object };
  delete value["@odata.etag"];
  delete value["@odata.context"];
  return { value: value as T, etag: String(object["@odata.etag"] ?? "") };
}

/** Which files of the snapshot are no longer at their address in the group's drive, or have changed there: deleting a task leaves its files. */
async function filesNow(graph: GraphApi, groupId: string, { attachments }: SnapshotContent): Promise<Pick<LiveTarget, "missingFiles" | "changedFiles">> {
  const items = await Promise.all(attachments.map(({ referenceKey }) => orNull(graph.driveItemOfUrl(groupId, decodeReferenceKey(referenceKey)))));
  const where = (holds: (item: (typeof items)[number], tag: string | null) => boolean) => attachments.filter(({ contentTag }, index) => holds(items[index]!, contentTag ?? null)).map(({ id }) => id);
  return { missingFiles: where((item) => item === null), changedFiles: where((item, tag) => item !== null && tag !== null && typeof item["cTag"] === "string" && item["cTag"] !== tag) };
}

export async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  return reading.catch((error: unknown) => {
    if (isPlanbackError(error, "graph_not_found", "graph_forbidden")) return null;
    throw error;
  });
}

