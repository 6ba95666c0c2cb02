/**
 * Planner in memory behind GraphApi, with virtual time and a fault for any write: for thousands of schedules a second. The
 * simulator is the faithful one; this one is the nasty one.
 */
import { PlanbackError } from "@/lib/errors";
import type { BatchAnswer, GraphApi, GraphVersion, NewGroup, WithEtag, WriteOutcome } from "@/lib/graph/types";
import type { GraphObject, Person, PlannerTask, SnapshotContent } from "@/lib/planner/types";
import { quickXorHash } from "../quick-xor";
import { parseFilter } from "@/simulator/graph/filter";
import { resolveHint } from "@/simulator/planner/hints";
import { asNotes, plainText } from "@/simulator/planner/notes";
import { nextAfter, type RecurrencePattern } from "@/simulator/planner/recurrence/pattern";

/** What happens to a write: seen by the caller / applied by the service. */
export type Fault = "applied-unknown" | "late-unknown" | "lost-unknown" | "applied-reset" | "throttled";

export class VirtualClock {
  at = Date.parse("2026-11-23T12:00:00Z");
  now = (): number => this.at;
  sleep = async (ms: number): Promise<void> => {
    this.at += ms;
    await Promise.resolve();
  };
}

interface Stored extends GraphObject { id: string; "@odata.etag": string }

export interface FakeOptions {
  accountId: string;
  groupId: string;
  memberIds: string[];
  /** People of the directory; default: everybody that is asked for exists. */
  directory?: Person[];
  clock: VirtualClock;
  /** Number of the write (from 1) -> fault. The same write gets three faults at most: after more it would rightly fail. */
  faults?: (write: number, kind: string) => Fault | null;
  /** Called before every request; throwing kills the caller. */
  beforeRequest?: () => void;
  /** New objects show in lists after this many ms. */
  listLagMs?: number;
  /** Late commits happen this many ms after their answer. */
  lateMs?: number;
}

export class FakePlanner {
  readonly plans = new Map<string, Stored>();
  readonly planDetails = new Map<string, Stored>();
  readonly buckets = new Map<string, Stored>();
  readonly tasks = new Map<string, Stored>();
  readonly details = new Map<string, Stored>();
  readonly formats = new Map<string, Stored>();
  readonly threads = new Map<string, { id: string; topic: string; posts: { id: string; body: { content: string } }[] }>();
  readonly files = new Map<string, number>();
  readonly groups = new Map<string, { facts: GraphObject; members: Set<string>; owners: Set<string> }>();
  writes = 0;
  private readonly suffered = new Map<string, number>();
  private readonly born = new Map<string, number>();
  private readonly late: { at: number; apply: () => void }[] = [];
  private serial = 0;
  private hintSerial = 0;

  constructor(readonly options: FakeOptions) {
    this.groups.set(options.groupId, { facts: { displayName: "Marketing", visibility: "Public" }, members: new Set(options.memberIds), owners: new Set([options.accountId]) });
  }

  /** Puts a plan there as it is in a snapshot. */
  load(content: SnapshotContent): void {
    const tag = <T extends GraphObject>(object: T): Stored => ({ ...structuredClone(object), "@odata.etag": this.etag() }) as unknown as Stored;
    this.plans.set(content.plan.id, tag({ ...content.plan, container: { containerId: this.options.groupId } }));
    this.planDetails.set(content.plan.id, tag(content.planDetails ?? { id: content.plan.id }));
    for (const bucket of content.buckets) this.buckets.set(bucket.id, tag({ ...bucket, planId: content.plan.id }));
    for (const { id, task, details, formats } of content.tasks) {
      this.tasks.set(id, tag({ ...task, planId: content.plan.id }));
      this.details.set(id, tag(details ?? { id }));
      for (const board of ["assignedTo", "bucket", "progress"] as const) this.formats.set(`${id} ${board}`, tag({ id, ...formats[board] }));
    }
  }

  /** What the plan holds now, as a capture would read it. */
  content(planId: string, extras = false): SnapshotContent {
    const bare = <T>(object: Stored): T => {
      const { "@odata.etag": etag, ...rest } = seen(object, extras ? "beta" : "v1.0");
      return (etag ? rest : object) as T;
    };
    return {
      group: null, plan: bare(need(this.plans, planId)), planDetails: bare(need(this.planDetails, planId)),
      buckets: [...this.buckets.values()].filter((bucket) => bucket.planId === planId).map((bucket) => bare(bucket)),
      tasks: [...this.tasks.values()].filter((task) => task.planId === planId).map((task) => ({
        kind: "task", id: task.id, task: bare(task), details: bare(need(this.details, task.id)),
        formats: { assignedTo: bare(need(this.formats, `${task.id} assignedTo`)), bucket: bare(need(this.formats, `${task.id} bucket`)), progress: bare(need(this.formats, `${task.id} progress`)) },
      })),
      comments: [], attachments: [], people: [],
    };
  }

  /** Everything late has arrived. */
  flush(): void {
    this.options.clock.at += 3_600_000;
    this.arrive();
  }

  private arrive(): void {
    const due = this.late.filter(({ at }) => at <= this.options.clock.at);
    for (const one of due) this.late.splice(this.late.indexOf(one), 1);
    for (const { apply } of due) apply();
  }

  private etag(): string {
    this.serial += 1;
    return `W/"${String(this.serial).padStart(8, "0")}"`;
  }

  private newId(kind: string): string {
    this.serial += 1;
    return `${kind}-${this.serial}`.padEnd(28, "x");
  }

  /** As the service makes them: newer sorts first. */
  private ownHint(): string {
    this.hintSerial += 1;
    return `858${String(9_999_999 - this.hintSerial)}P`;
  }

  private async request(): Promise<void> {
    this.options.beforeRequest?.();
    this.options.clock.at += 100;
    this.arrive();
    await Promise.resolve();
    this.options.beforeRequest?.();
  }

  private faultFor(kind: string, what: string): Fault | null {
    this.writes += 1;
    const times = this.suffered.get(`${kind} ${what}`) ?? 0;
    const fault = times < 3 ? (this.options.faults?.(this.writes, kind) ?? null) : null;
    if (fault) this.suffered.set(`${kind} ${what}`, times + 1);
    return fault;
  }

  private async write<T>(kind: string, what: string, apply: () => T): Promise<WriteOutcome<T>> {
    await this.request();
    const fault = this.faultFor(kind, what);
    const unknown: WriteOutcome<T> = { kind: "unknown", error: new PlanbackError("graph_unknown_outcome", "Nobody knows.") };
    const attempt = (): WriteOutcome<T> => {
      try {
        return { kind: "done", value: structuredClone(apply()) };
      } catch (error) {
        return { kind: "not_applied", error: error as Error };
      }
    };
    if (fault === null) {
      const outcome = attempt();
      await Promise.resolve();
      this.options.beforeRequest?.();
      return outcome;
    }
    if (fault === "throttled") return { kind: "not_applied", error: new PlanbackError("graph_unavailable", "Slow down.") };
    if (fault === "applied-unknown" || fault === "applied-reset") attempt();
    if (fault === "late-unknown") this.late.push({ at: this.options.clock.at + (this.options.lateMs ?? 30_000), apply: () => void attempt() });
    return unknown;
  }

  private store(map: Map<string, Stored>, kind: string, body: GraphObject): Stored {
    const object: Stored = { ...structuredClone(body), id: this.newId(kind), "@odata.etag": this.etag() };
    map.set(object.id, object);
    this.born.set(object.id, this.options.clock.at);
    return object;
  }

  private stamped(body: GraphObject): GraphObject {
    return { ...body, createdBy: { user: { id: this.options.accountId } }, createdDateTime: new Date(this.options.clock.at).toISOString() };
  }

  private async list(map: Map<string, Stored>, belongs: (object: Stored) => boolean, version?: GraphVersion): Promise<never> {
    await this.request();
    const old = this.options.clock.at - (this.options.listLagMs ?? 0);
    return [...map.values()].filter((object) => belongs(object) && (this.born.get(object.id) ?? 0) <= old).map((object) => seen(object, version)) as never;
  }

  private async one(map: Map<string, Stored>, id: string, version?: GraphVersion): Promise<never> {
    await this.request();
    return seen(need(map, id), version) as never;
  }

  private patchNow(path: string, etag: string, body: GraphObject): Stored {
    const object = this.find(path);
    if (object["@odata.etag"] !== etag) throw new PlanbackError("graph_conflict", "Somebody else changed this.");
    this.refuseArchived(String(object.planId ?? this.tasks.get(object.id)?.planId ?? object.id));
    if (body.assignments) this.refuseStrangers(object, body);
    if (body.notes !== undefined && body.description !== undefined) throw new PlanbackError("graph_rejected", "Notes and description cannot be set together.");
    const wasDone = object.percentComplete === 100;
    const { recurrence, ...rest } = body;
    Object.assign(object, merged(object, rest), { "@odata.etag": this.etag() });
    if (body.notes !== undefined) object.description = plainText(String((body.notes as GraphObject).content));
    if (body.description !== undefined) object.notes = { contentType: "html", content: asNotes(String(body.description)) };
    if (recurrence !== undefined) this.recur(object, recurrence as GraphObject);
    if (object.percentComplete === 100 && !wasDone) this.continueSeries(object);
    return object;
  }

  private refuseArchived(planId: string): void {
    if (this.plans.get(planId)?.isArchived === true) throw new PlanbackError("graph_rejected", "The plan is archived.");
  }

  private refuseStrangers(task: GraphObject, body: GraphObject): void {
    const group = String((need(this.plans, String(task.planId)).container as GraphObject).containerId);
    const strangers = Object.entries(body.assignments as GraphObject).filter(([id, value]) => value !== null && !(task.assignments as GraphObject | undefined)?.[id] && !this.groups.get(group)?.members.has(id));
    if (strangers.length > 0) throw new PlanbackError("graph_rejected", "The specified user is not a member of the plan's group.");
  }

  /** A schedule is set whole or ended; a series that has gone on stays as it is. */
  private recur(task: Stored, { schedule }: GraphObject): void {
    const known = (task.recurrence ?? {}) as GraphObject;
    if (known.nextInSeriesTaskId) throw new PlanbackError("graph_rejected", "The series has gone on to its next task.");
    if (schedule === null) {
      known.schedule = null;
      return;
    }
    const { pattern, patternStartDateTime } = schedule as { pattern: GraphObject; patternStartDateTime: string };
    const whole = { month: 0, dayOfMonth: 0, daysOfWeek: [], firstDayOfWeek: "sunday", index: "first", ...pattern };
    const next = nextAfter(whole as unknown as RecurrencePattern, Date.parse(patternStartDateTime));
    task.recurrence = { seriesId: "series", ...known, schedule: { pattern: whole, patternStartDateTime, nextOccurrenceDateTime: new Date(next).toISOString() } };
  }

  /** Completing or deleting a task of a series makes the next one. */
  private continueSeries(task: Stored): void {
    const recurrence = task.recurrence as GraphObject | null | undefined;
    if (!recurrence?.schedule || recurrence.nextInSeriesTaskId) return;
    const { title, planId, bucketId, assignments } = task;
    const people = Object.keys((assignments ?? {}) as GraphObject).map((id) => [id, { orderHint: `${id} !` }]);
    const next = this.newTask({ title, planId, bucketId, assignments: Object.fromEntries(people) });
    next.recurrence = structuredClone(recurrence);
    recurrence.nextInSeriesTaskId = next.id;
  }

  find(path: string): Stored {
    const [, , kind = "", id = "", part = ""] = path.split("/").map(decodeURIComponent);
    if (kind === "plans") return need(part === "details" ? this.planDetails : this.plans, id);
    if (kind === "buckets") return need(this.buckets, id);
    if (part === "") return need(this.tasks, id);
    return part === "details" ? need(this.details, id) : need(this.formats, `${id} ${part.replace("TaskBoardFormat", "")}`);
  }

  private newTask(body: GraphObject): Stored {
    need(this.plans, String(body.planId));
    if (body.bucketId) need(this.buckets, String(body.bucketId));
    this.refuseArchived(String(body.planId));
    if (body.assignments) this.refuseStrangers({ planId: body.planId }, body);
    const hinted = merged({}, body) as GraphObject;
    return this.withParts(this.store(this.tasks, "task", this.stamped({ orderHint: this.ownHint(), recurrence: null, ...hinted })));
  }

  /** A task that a person adds. */
  addTask(id: string, body: GraphObject): void {
    const task: Stored = { percentComplete: 0, priority: 5, assignments: {}, appliedCategories: {}, recurrence: null, orderHint: this.ownHint(), ...body, id, "@odata.etag": this.etag() };
    this.tasks.set(id, this.withParts(task));
  }

  private withParts(task: Stored): Stored {
    this.details.set(task.id, { id: task.id, description: "", notes: { contentType: "html", content: "" }, completionRequirements: null, previewType: "automatic", checklist: {}, references: {}, "@odata.etag": this.etag() });
    const assignees = Object.keys((task.assignments as GraphObject | undefined) ?? {});
    this.formats.set(`${task.id} assignedTo`, { id: task.id, unassignedOrderHint: this.ownHint(), orderHintsByAssignee: Object.fromEntries(assignees.map((user) => [user, this.ownHint()])), "@odata.etag": this.etag() });
    this.formats.set(`${task.id} bucket`, { id: task.id, orderHint: this.ownHint(), "@odata.etag": this.etag() });
    this.formats.set(`${task.id} progress`, { id: task.id, orderHint: this.ownHint(), "@odata.etag": this.etag() });
    return task;
  }

  private removeNow(path: string, etag: string): null {
    const object = this.find(path);
    if (object["@odata.etag"] !== etag) throw new PlanbackError("graph_conflict", "Somebody else changed this.");
    if (this.tasks.has(object.id)) this.continueSeries(object);
    for (const map of [this.plans, this.buckets, this.tasks]) map.delete(object.id);
    // A bucket takes its tasks with it.
    for (const task of [...this.tasks.values()]) if (task.bucketId === object.id) this.tasks.delete(task.id);
    return null;
  }

  private async answer(id: string, path: string, version?: GraphVersion): Promise<BatchAnswer> {
    const filter = new URLSearchParams(path.slice(path.indexOf("?") + 1)).get("$filter");
    if (path.startsWith("/users?")) return { id, status: 200, error: null, body: { value: (this.options.directory ?? []).filter(parseFilter(filter ?? "")) } };
    if (path.startsWith("/groups?")) return { id, status: 200, error: null, body: { value: [...this.groups.values()].map(({ facts }) => facts).filter(parseFilter(filter ?? "")) } };
    if (path.startsWith("/groups/")) return { id, status: 200, error: null, body: { value: [...this.threads.values()].map(({ id: thread, topic }) => ({ id: thread, topic })) } };
    try {
      return { id, status: 200, body: seen(this.find(path), version), error: null };
    } catch (error) {
      return { id, status: 404, body: null, error: error as Error };
    }
  }

  groupOf(id: string): { facts: GraphObject; members: Set<string>; owners: Set<string> } {
    const group = this.groups.get(id);
    if (!group) throw new PlanbackError("graph_not_found", "No such group.");
    return group;
  }

  private madeGroup({ uniqueName, ...facts }: NewGroup): GraphObject & { id: string } {
    const id = `group-${uniqueName}`;
    if (!this.groups.has(id)) this.groups.set(id, { facts: { ...facts }, members: new Set(), owners: new Set([this.options.accountId]) });
    return { id, ...facts };
  }

  readonly api: GraphApi = {
    me: async () => ({ id: this.options.accountId }),
    myLicences: async () => [{ servicePlanId: "efb87545-963c-4e0d-99df-69c6916d9eb0", servicePlanName: "EXCHANGE_S_ENTERPRISE", provisioningStatus: "Success" }],
    organization: async () => null,
    groups: async () => [],
    group: async (id) => ({ id, displayName: "", ...this.groupOf(id).facts }),
    myMemberGroupIds: async () => new Set([...this.groups].flatMap(([id, { members }]) => (id === this.options.groupId || members.has(this.options.accountId) ? [id] : []))),
    myOwnedGroupIds: async () => new Set([...this.groups].flatMap(([id, { owners }]) => (owners.has(this.options.accountId) ? [id] : []))),
    members: async (id) => [...this.groupOf(id).members].map((user) => ({ id: user })),
    owners: async (id) => [...this.groupOf(id).owners].map((user) => ({ id: user })),
    users: async (keys) => {
      const { directory } = this.options;
      const found: Person[] = directory?.filter(({ id, userPrincipalName }) => keys.includes(id) || keys.includes(userPrincipalName ?? "")) ?? keys.map((id) => ({ id, displayName: `Person ${id.slice(0, 4)}` }));
      return new Map(found.map((person) => [person.id, person]));
    },
    searchUsers: async () => [],
    plansOfGroup: (id) => this.list(this.plans, ({ container }) => (container as GraphObject).containerId === id),
    myPlans: async () => [],
    myRosterPlans: async () => [],
    plan: (id, version) => this.one(this.plans, id, version),
    planDetails: (id) => this.one(this.planDetails, id),
    buckets: (id) => this.list(this.buckets, ({ planId }) => planId === id),
    tasks: async <T>(id: string, version?: GraphVersion, keep = (task: WithEtag<PlannerTask>) => task as T) => (await this.list(this.tasks, ({ planId }) => planId === id, version) as WithEtag<PlannerTask>[]).map(keep),
    task: (id, version) => this.one(this.tasks, id, version),
    taskDetails: (id, version) => this.one(this.details, id, version),
    taskMessages: async () => [],
    boardFormat: (id, board) => this.one(this.formats, `${id} ${board}`),
    batchGet: async (requests) => {
      await this.request();
      return Promise.all(requests.map(({ id, url, version }) => this.answer(id, url, version)));
    },
    threadPosts: async (_group, id) => {
      await this.request();
      return structuredClone(this.threads.get(id)?.posts ?? []);
    },
    createPlan: (groupId, title) => this.write("plan", title, () => {
      if (groupId !== this.options.groupId && !this.groupOf(groupId).members.has(this.options.accountId)) throw new PlanbackError("graph_forbidden", "Only members create plans.");
      const plan = this.store(this.plans, "plan", this.stamped({ title, isArchived: false, container: { containerId: groupId } }));
      this.planDetails.set(plan.id, { id: plan.id, categoryDescriptions: {}, "@odata.etag": this.etag() });
      return plan as never;
    }),
    createBucket: (body) => this.write("bucket", String(body.orderHint), () => {
      need(this.plans, String(body.planId));
      this.refuseArchived(String(body.planId));
      return this.store(this.buckets, "bucket", merged({}, body) as GraphObject) as never;
    }),
    createTask: (body) => this.write("task", String(body.orderHint), () => this.newTask(body) as never),
    patch: (path, etag, body) => this.write("patch", path, () => this.patchNow(path, etag, body) as never),
    upsertGroup: (group) => this.write("group", group.uniqueName, () => this.madeGroup(group)),
    addOwner: (group, user) => this.write("owner", user, () => {
      this.groupOf(group).owners.add(user);
      return null;
    }),
    setArchived: (id, etag, archived) => this.write("archive", id, () => {
      const plan = need(this.plans, id);
      if (plan["@odata.etag"] !== etag) throw new PlanbackError("graph_conflict", "Somebody else changed this.");
      const inside = [...this.tasks.values(), ...this.buckets.values()].filter(({ planId }) => planId === id);
      for (const object of [plan, ...inside]) Object.assign(object, { isArchived: archived, "@odata.etag": this.etag() });
      return null;
    }),
    remove: (path, etag) => this.write("remove", path, () => this.removeNow(path, etag)),
    addMember: (group, user) => this.write("member", user, () => {
      this.groupOf(group).members.add(user);
      return null;
    }),
    createThread: (_group, topic, content) => this.write("comment", content, () => {
      const thread = { id: this.newId("thread"), topic, posts: [{ id: this.newId("post"), body: { content } }] };
      this.threads.set(thread.id, thread);
      return { id: thread.id };
    }),
    replyToThread: (_group, id, content) => this.write("comment", content, () => {
      this.threads.get(id)?.posts.push({ id: this.newId("post"), body: { content } });
      return null;
    }),
    driveItemOfUrl: async (_group, url) => {
      const path = decodeURI(new URL(url).pathname.slice(1));
      const size = this.files.get(path);
      return size === undefined ? null : { id: path, name: path, size, webUrl: url, driveId: "drive", file: { hashes: { quickXorHash: await quickXorHash(zeros(size)) } } };
    },
    download: async () => { throw new PlanbackError("graph_not_found", "No such file."); },
    upload: (_group, path, size) => this.write("file", path, () => {
      this.files.set(path, size);
      return { id: path, webUrl: `https://contoso.sharepoint.com/${encodeURI(path)}`, size };
    }),
  };
}

const BETA = ["isArchived", "recurrence", "notes", "completionRequirements"];

/** v1.0 does not show what only beta has. */
function seen(object: Stored, version: GraphVersion = "v1.0"): Stored {
  return Object.fromEntries(Object.entries(structuredClone(object)).filter(([key]) => version === "beta" || !BETA.includes(key))) as Stored;
}

/** The content of every file of the tests. */
export async function* zeros(size: number): AsyncIterable<Uint8Array> {
  yield new Uint8Array(size);
  await Promise.resolve();
}

function need(map: Map<string, Stored>, id: string): Stored {
  const found = map.get(id);
  if (!found) throw new PlanbackError("graph_not_found", "Microsoft 365 says that this does not exist.");
  return found;
}

/** Properties that become null; members of open types go away. */
const NULLABLE = new Set(["bucketId", "completionRequirements"]);
const HINTS = new Set(["orderHint", "previewPriority", "unassignedOrderHint"]);

/** PATCH semantics: objects are merged, null and false members removed, hints resolved. */
function merged(is: unknown, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const result: GraphObject = typeof is === "object" && is !== null ? { ...(is as GraphObject) } : {};
  for (const [key, part] of Object.entries(value)) {
    if (HINTS.has(key) || (typeof part === "string" && / .*!$/.test(part) && resolveHint(part) !== null && /^[0-9a-f-]{36}$/.test(key))) {
      const resolved = resolveHint(String(part));
      if (resolved === null) throw new PlanbackError("graph_rejected", `not a hint: ${String(part)}`);
      result[key] = resolved;
    } else if (part === null && !key.endsWith("DateTime") && !NULLABLE.has(key)) delete result[key];
    else if (part === false && key.startsWith("category")) delete result[key];
    else result[key] = merged(result[key], part);
  }
  return result;
}
