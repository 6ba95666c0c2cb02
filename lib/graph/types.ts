import type { Lane } from "./lanes";
import type { GraphObject, PlannerBucket, PlannerPlan, PlannerPlanDetails, PlannerTask, PlannerTaskDetails } from "@/lib/planner/types";

/** Gives a valid access token. `claims` is a CAE claims challenge that must be sent to Entra ID. */
export type TokenSource = (options?: { claims?: string; forceRefresh?: boolean; signal?: AbortSignal }) => Promise<string>;

export interface GraphEvents {
  /** Called when requests stand still, with the reason in words and until when (null: over). */
  waiting?(state: { reason: string; until: Date } | null): void;
  /** Called once for each HTTP request that left the process; a batch is one with several items. `status` null: no answer. */
  request?(facts: { method: string; template: string; lane: Lane; items: number; status: number | null; ms: number; attempt: number }): void;
}

/** Outcome of a write. "unknown": it may or may not have been applied; never re-send a create blindly. */
export type WriteOutcome<T> =
  | { kind: "done"; value: T }
  | { kind: "not_applied"; error: Error }
  | { kind: "unknown"; error: Error };

export interface BatchRequest {
  id: string;
  url: string;
  version?: GraphVersion;
  /** It is a list: its further pages are read too, and the answer's `value` holds all of them. */
  list?: boolean;
}
export interface BatchAnswer { id: string; status: number; body: unknown; error: Error | null }

export type WithEtag<T> = T & { "@odata.etag": string };

/** Microsoft's two interfaces: beta shows (and takes) what v1.0 does not have. */
export type GraphVersion = "v1.0" | "beta";

/** What is shown besides a task: its details, its three board formats. */
export interface Shown {
  details: boolean;
  formats: boolean;
}

/** What `$expand` on a plan's list of tasks truly returns in a Microsoft tenant, found by comparing with direct reads. */
export interface ExpandSupport extends Shown {
  /** The same of one task that is read by itself. Not there: not known. */
  single?: Shown;
  /** ISO 8601 */
  probedAt: string;
}

/** A Microsoft 365 group to be made, found again by `uniqueName`. */
export interface NewGroup {
  uniqueName: string;
  displayName: string;
  description?: string | null;
  mailNickname: string;
  visibility: "Private" | "Public";
}

/** Everything Planback asks of Microsoft Graph, by name. One object per (connection, purpose). */
export interface GraphApi {
  me(): Promise<GraphObject & { id: string; displayName?: string; userPrincipalName?: string; accountEnabled?: boolean }>;
  myLicences(): Promise<{ servicePlanId: string; servicePlanName: string; provisioningStatus: string }[]>;
  organization(): Promise<{ id: string; displayName: string } | null>;
  /** Microsoft 365 groups (groupTypes Unified), all pages. */
  groups(): Promise<(GraphObject & { id: string; displayName: string; visibility: string | null })[]>;
  group(id: string): Promise<GraphObject & { id: string; displayName: string }>;
  myMemberGroupIds(): Promise<Set<string>>;
  myOwnedGroupIds(): Promise<Set<string>>;
  members(groupId: string): Promise<(GraphObject & { id: string })[]>;
  owners(groupId: string): Promise<(GraphObject & { id: string })[]>;
  users(ids: string[]): Promise<Map<string, GraphObject & { id: string }>>;
  searchUsers(limit: number): Promise<(GraphObject & { id: string })[]>;

  plansOfGroup(groupId: string): Promise<WithEtag<PlannerPlan>[]>;
  /** Plans that the account itself can open, whatever holds them (container types that v1.0 does not name too). */
  myPlans(version?: GraphVersion): Promise<WithEtag<PlannerPlan>[]>;
  /** Plans of rosters that the account is in (beta). */
  myRosterPlans(): Promise<WithEtag<PlannerPlan>[]>;
  /** The plan and what is in it; `version` beta shows more of each (default v1.0). */
  plan(id: string, version?: GraphVersion): Promise<WithEtag<PlannerPlan>>;
  planDetails(id: string, version?: GraphVersion): Promise<WithEtag<PlannerPlanDetails>>;
  buckets(planId: string, version?: GraphVersion): Promise<WithEtag<PlannerBucket>[]>;
  /** `keep`: what is held of each while others are read; of a large plan all of them take tens of MiB. */
  tasks<T = WithEtag<PlannerTask>>(planId: string, version?: GraphVersion, keep?: (task: WithEtag<PlannerTask>) => T): Promise<T[]>;
  task(id: string, version?: GraphVersion): Promise<WithEtag<PlannerTask>>;
  taskDetails(id: string, version?: GraphVersion): Promise<WithEtag<PlannerTaskDetails>>;
  /** All messages of a task's chat (beta, delegated only). */
  taskMessages(taskId: string): Promise<(GraphObject & { id: string })[]>;
  boardFormat(taskId: string, format: "assignedTo" | "bucket" | "progress"): Promise<WithEtag<GraphObject>>;
  /**
   * Reads by $batch of 20, together with what others ask for at the same time. Equal requests are asked once. An item that
   * is throttled is asked again after its Retry-After, the others of its batch are done. Order = requests; a refused item
   * carries its error. Throws when whole batches fail.
   */
  batchGet(requests: BatchRequest[], onProgress?: (done: number, total: number) => void): Promise<BatchAnswer[]>;
  threadPosts(groupId: string, threadId: string): Promise<(GraphObject & { id: string })[]>;

  createPlan(groupId: string, title: string): Promise<WriteOutcome<WithEtag<PlannerPlan>>>;
  createBucket(body: GraphObject): Promise<WriteOutcome<WithEtag<PlannerBucket>>>;
  createTask(body: GraphObject): Promise<WriteOutcome<WithEtag<PlannerTask>>>;
  /** PATCH with If-Match and Prefer: return=representation; path below /v1.0, e.g. /planner/tasks/{id}/details. */
  patch<T extends GraphObject>(path: string, etag: string, body: GraphObject, version?: GraphVersion): Promise<WriteOutcome<WithEtag<T>>>;
  /** Makes the group unless one with this uniqueName exists: may be repeated. */
  upsertGroup(group: NewGroup): Promise<WriteOutcome<GraphObject & { id: string }>>;
  addOwner(groupId: string, userId: string): Promise<WriteOutcome<null>>;
  /** Beta. An archived plan can only be read (and deleted). */
  setArchived(planId: string, etag: string, archived: boolean, justification: string): Promise<WriteOutcome<null>>;
  remove(path: string, etag: string): Promise<WriteOutcome<null>>;
  addMember(groupId: string, userId: string): Promise<WriteOutcome<null>>;
  createThread(groupId: string, topic: string, html: string): Promise<WriteOutcome<{ id: string }>>;
  replyToThread(groupId: string, threadId: string, html: string): Promise<WriteOutcome<null>>;

  /** Resolves a SharePoint URL of a reference to a file of a group's drive; null when it is not in Microsoft 365. */
  driveItemOfUrl(groupId: string, url: string): Promise<(GraphObject & { id: string; name: string; size: number; webUrl: string; driveId: string }) | null>;
  /** Streams a file's content: 302 followed by hand, no bearer at the download host, resumed by Range (etag checked). */
  download(driveId: string, itemId: string, signal?: AbortSignal): Promise<{ size: number; stream: AsyncIterable<Uint8Array> }>;
  /** Upload session into the group's drive (path below its root); same path and content again is harmless. */
  upload(groupId: string, path: string, size: number, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<WriteOutcome<GraphObject & { id: string; webUrl: string; size: number }>>;
}
