import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { GraphObject } from "@/lib/planner/types";
import { batchGet, bodyIfExists } from "./batch";
import { systemClock, type Clock } from "./clock";
import { download } from "./download";
import { driveItemOfUrl } from "./driveItems";
import { unknownOutcome } from "./failures";
import type { Governor } from "./governor";
import { GraphHttp } from "./http";
import type { Origins, Wiring } from "./middleware";
import type { BatchRequest, GraphApi, GraphEvents, GraphVersion, NewGroup, TokenSource, WithEtag, WriteOutcome } from "./types";
import { upload } from "./upload";
import { WaitReporter } from "./waiting";

export interface GraphOptions {
  tokens: TokenSource;
  origins: Origins;
  governor: Governor;
  /** Whose requests these are: parties have equal shares of a governor. */
  party?: string;
  /** A person waits for them: they go before the party's others. */
  urgent?: boolean;
  events?: GraphEvents;
  /** Ends everything that this object does. */
  signal?: AbortSignal;
  /** https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online */
  userAgent?: string;
  timeoutMs?: number;
  clock?: Clock;
  fetch?: typeof globalThis.fetch;
}

const GROUP_FIELDS = "id,displayName,description,visibility,mail,mailNickname,groupTypes,createdDateTime";
const USER_FIELDS = "id,displayName,userPrincipalName,mail,userType";
const BOARD_FORMATS = { assignedTo: "assignedToTaskBoardFormat", bucket: "bucketTaskBoardFormat", progress: "progressTaskBoardFormat" } as const;

const e = encodeURIComponent;

/** Path of one of a task's three board formats, below the version. */
export function boardFormatPath(taskId: string, format: keyof typeof BOARD_FORMATS): string {
  return `/planner/tasks/${e(taskId)}/${BOARD_FORMATS[format]}`;
}

/** Fields of people that Planback keeps; to be used wherever people are read. */
export const userPath = (idOrName: string): string => `/users/${e(idOrName)}?$select=${USER_FIELDS}`;
/** People of the directory for whom an OData filter holds. */
export const usersWherePath = (filter: string): string => `/users?$filter=${e(filter)}&$select=${USER_FIELDS}&$top=999`;
export const groupPath = (id: string): string => `/groups/${e(id)}?$select=${GROUP_FIELDS}`;
export const peopleOfGroupPath = (id: string, role: "members" | "owners"): string => `/groups/${e(id)}/${role}?$select=${USER_FIELDS}&$top=999`;
/** Messages of a task's chat; beta only. https://learn.microsoft.com/graph/api/plannertask-list-messages */
export const taskMessagesPath = (taskId: string): string => `/planner/tasks/${e(taskId)}/messages`;
export const threadPostsPath = (groupId: string, threadId: string): string => `/groups/${e(groupId)}/threads/${e(threadId)}/posts`;

/** Microsoft Graph for one connection. Requests of all objects with the same governor are paced together. */
export function createGraph(options: GraphOptions): GraphApi {
  const clock = options.clock ?? systemClock;
  const events = options.events ?? {};
  const wiring: Wiring = {
    tokens: options.tokens,
    origins: options.origins,
    governor: options.governor,
    party: options.party ?? "",
    urgent: options.urgent ?? false,
    events,
    waits: new WaitReporter(events, clock),
    clock,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    userAgent: options.userAgent ?? "ISV|Planback|Planback/0.1",
    timeoutMs: options.timeoutMs ?? 100_000,
    downloadTimeoutMs: 300_000,
    signal: options.signal,
  };
  const http = new GraphHttp(wiring);
  return { ...directory(http), ...planner(http), ...writes(http), ...files(http, wiring) };
}

type Directory = Pick<GraphApi, "me" | "myLicences" | "organization" | "groups" | "group" | "myMemberGroupIds" | "myOwnedGroupIds" | "members" | "owners" | "users" | "searchUsers">;

function directory(http: GraphHttp): Directory {
  const ids = async (path: string) => new Set((await http.list<{ id: string }>(path)).map((object) => object.id));
  return {
    me: () => http.get("/me?$select=id,displayName,userPrincipalName,mail,accountEnabled"),
    myLicences: async () => {
      const licences = await http.list<{ servicePlans?: { servicePlanId: string; servicePlanName: string; provisioningStatus: string }[] }>("/me/licenseDetails");
      return licences.flatMap((licence) => licence.servicePlans ?? []);
    },
    organization: async () => {
      const [first] = await http.list<{ id: string; displayName: string }>("/organization?$select=id,displayName").catch((error: unknown) => {
        if (isPlanbackError(error, "graph_forbidden", "graph_not_found")) return [];
        throw error;
      });
      return first ?? null;
    },
    groups: () => http.list(`/groups?$filter=${e("groupTypes/any(c:c eq 'Unified')")}&$select=${GROUP_FIELDS}&$top=999`),
    group: (id) => http.get(groupPath(id)),
    myMemberGroupIds: () => ids("/me/memberOf/microsoft.graph.group?$select=id&$top=999"),
    myOwnedGroupIds: () => ids("/me/ownedObjects/microsoft.graph.group?$select=id&$top=999"),
    members: (id) => http.list(peopleOfGroupPath(id, "members")),
    owners: (id) => http.list(peopleOfGroupPath(id, "owners")),
    users: async (userIds) => {
      const answers = await batchGet(http, userIds.map((id) => ({ id, url: userPath(id) })));
      const found = answers.flatMap((answer) => bodyIfExists<GraphObject & { id: string }>(answer) ?? []);
      return new Map(found.map((user) => [user.id, user]));
    },
    searchUsers: (limit) => http.list(`/users?$select=${USER_FIELDS}&$top=${Math.min(999, Math.max(1, limit))}`, { limit }),
  };
}

type Planner = Pick<GraphApi, "plansOfGroup" | "myPlans" | "myRosterPlans" | "plan" | "planDetails" | "buckets" | "tasks" | "task" | "taskDetails" | "taskMessages" | "boardFormat" | "batchGet" | "threadPosts">;

/** https://learn.microsoft.com/graph/api/resources/plannerplancontainer: "roster" is only named to those who ask for it. */
const ALL_CONTAINERS = { Prefer: "include-unknown-enum-members" };

function planner(http: GraphHttp): Planner {
  return {
    plansOfGroup: (id) => http.list(`/groups/${e(id)}/planner/plans`),
    myPlans: (version) => http.list("/me/planner/plans", { version, headers: ALL_CONTAINERS }),
    myRosterPlans: () => http.list("/me/planner/rosterPlans", { version: "beta", headers: ALL_CONTAINERS }),
    plan: (id, version) => http.get(`/planner/plans/${e(id)}`, { version }),
    planDetails: (id, version) => http.get(`/planner/plans/${e(id)}/details`, { version }),
    buckets: (id, version) => http.list(`/planner/plans/${e(id)}/buckets`, { version }),
    tasks: (id, version, keep) => http.list(`/planner/plans/${e(id)}/tasks`, { version, keep }),
    task: (id, version) => http.get(`/planner/tasks/${e(id)}`, { version }),
    taskDetails: (id, version) => http.get(`/planner/tasks/${e(id)}/details`, { version }),
    taskMessages: (id) => http.list(taskMessagesPath(id), { version: "beta" }),
    boardFormat: (id, format) => http.get(boardFormatPath(id, format)),
    batchGet: (requests: BatchRequest[], onProgress) => batchGet(http, requests, onProgress),
    threadPosts: (groupId, threadId) => http.list(threadPostsPath(groupId, threadId)),
  };
}

type Writes = Pick<GraphApi, "createPlan" | "createBucket" | "createTask" | "patch" | "upsertGroup" | "setArchived" | "remove" | "addMember" | "addOwner" | "createThread" | "replyToThread">;

function writes(http: GraphHttp): Writes {
  return {
    createPlan: async (groupId, title) => created(await http.write("POST", "/planner/plans", {
      container: { containerId: groupId, type: "group", url: `${http.graph}/v1.0/groups/${groupId}` },
      title,
    })),
    createBucket: async (body) => created(await http.write("POST", "/planner/buckets", body)),
    createTask: async (body) => created(await http.write("POST", "/planner/tasks", body)),
    patch: (path, etag, body, version) => patch(http, path, etag, body, version),
    upsertGroup: (group) => upsertGroup(http, group),
    setArchived: async (planId, etag, archived, justification) =>
      nothing(await http.write("POST", `/planner/plans/${e(planId)}/${archived ? "archive" : "unarchive"}`, { justification }, { version: "beta", headers: { "If-Match": etag } })),
    remove: async (path, etag) => nothing(await http.write("DELETE", path, undefined, { headers: { "If-Match": etag } })),
    addMember: (groupId, userId) => addPerson(http, groupId, userId, "members"),
    addOwner: (groupId, userId) => addPerson(http, groupId, userId, "owners"),
    createThread: async (groupId, topic, html) => created(await http.write("POST", `/groups/${e(groupId)}/threads`, { topic, posts: [{ body: { contentType: "html", content: html } }] })),
    replyToThread: async (groupId, threadId, html) => nothing(await http.write("POST", `/groups/${e(groupId)}/threads/${e(threadId)}/reply`, { post: { body: { contentType: "html", content: html } } })),
  };
}

/** A create is only done when Microsoft named the new object. */
function created<T extends { id: string }>(outcome: WriteOutcome<unknown>): WriteOutcome<T> {
  if (outcome.kind !== "done") return outcome;
  const value = outcome.value as T | null;
  return value?.id ? { kind: "done", value } : { kind: "unknown", error: unknownOutcome({ reason: "no id in the answer" }) };
}

function nothing(outcome: WriteOutcome<unknown>): WriteOutcome<null> {
  return outcome.kind === "done" ? { kind: "done", value: null } : outcome;
}

async function patch<T extends GraphObject>(http: GraphHttp, path: string, etag: string, body: GraphObject, version?: GraphVersion): Promise<WriteOutcome<WithEtag<T>>> {
  const outcome = await http.write<WithEtag<T>>("PATCH", path, body, { version, headers: { "If-Match": etag, Prefer: "return=representation" } });
  if (outcome.kind !== "done") return outcome;
  if (outcome.value?.["@odata.etag"]) return { kind: "done", value: outcome.value };
  // 204: the preference was not honoured, but the change was made. The new etag has to be read.
  try {
    return { kind: "done", value: await http.get<WithEtag<T>>(path, { version }) };
  } catch (error) {
    if (error instanceof PlanbackError) return { kind: "unknown", error };
    throw error;
  }
}

/** May be repeated: Graph answers 400 for somebody who is in the list already, and then the list decides. */
async function addPerson(http: GraphHttp, groupId: string, userId: string, role: "members" | "owners"): Promise<WriteOutcome<null>> {
  const body = { "@odata.id": `${http.graph}/v1.0/directoryObjects/${userId}` };
  const outcome = await http.write("POST", `/groups/${e(groupId)}/${role}/$ref`, body, { repeatable: true });
  if (outcome.kind !== "not_applied" || !isPlanbackError(outcome.error, "graph_rejected")) return nothing(outcome);
  const people = await http.list<{ id: string }>(peopleOfGroupPath(groupId, role));
  return people.some((person) => person.id === userId) ? { kind: "done", value: null } : nothing(outcome);
}

/** https://learn.microsoft.com/graph/api/group-upsert: 201 with the new group, or no content for one that exists. */
async function upsertGroup(http: GraphHttp, { uniqueName, ...facts }: NewGroup): Promise<WriteOutcome<GraphObject & { id: string }>> {
  const path = `/groups(uniqueName='${e(uniqueName)}')`;
  const body = { ...facts, groupTypes: ["Unified"], mailEnabled: true, securityEnabled: false };
  const outcome = await http.write<GraphObject & { id: string }>("PATCH", path, body, { repeatable: true, headers: { Prefer: "create-if-missing" } });
  if (outcome.kind !== "done") return outcome;
  if (outcome.value?.id) return { kind: "done", value: outcome.value };
  try {
    return { kind: "done", value: await http.get(`${path}?$select=${GROUP_FIELDS}`) };
  } catch (error) {
    if (error instanceof PlanbackError) return { kind: "unknown", error };
    throw error;
  }
}

type Files = Pick<GraphApi, "driveItemOfUrl" | "download" | "upload">;

function files(http: GraphHttp, wiring: Wiring): Files {
  return {
    driveItemOfUrl: (groupId, url) => driveItemOfUrl(http, groupId, url),
    download: (driveId, itemId, signal) => download(http, wiring, driveId, itemId, signal),
    upload: (groupId, path, size, content, signal) => upload(http, wiring, groupId, path, size, content, signal),
  };
}
