import type { SimWorld } from "../model";
import { Behaviours } from "./behaviour";
import { HintClock } from "./hints";
import { plainText } from "./notes";
import { encodeReferenceKey } from "./referenceKeys";
import { PUBLISHED_LIMITS } from "./records";
import type { Actor, BucketRecord, BucketSpec, PlanRecord, PlanSpec, PlannerLimits, TaskRecord, TaskSpec } from "./records";
import { Revision } from "./revision";
import type { ResourceKind } from "./revision";

const ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Planner's state, in memory. The add... and delete... functions bypass HTTP and its rules: they are for the seed, the
 * control API and tests. Conditions that a fault script may set are plain fields.
 */
export class PlannerStore {
  readonly hints: HintClock;
  limits: PlannerLimits = { ...PUBLISHED_LIMITS };
  /** Objects in one page of a list. */
  pageSize = 400;
  /** Messages in one page of a task's chat. */
  chatPageSize = 50;
  /** New objects appear in lists only after this many ms; reading them by id works at once. */
  listLagMs = 0;
  /** New objects answer 404 by id, too, until this many ms after their 201. */
  readLagMs = 0;
  /** Puts an empty page with a nextLink before every full one. */
  emptyPages = false;
  /** Refuse to assign people who are not members of the plan's group. */
  assigneesMustBeMembers = false;
  /** What differs between Microsoft tenants. */
  readonly behaviour = new Behaviours();

  private readonly plans = new Map<string, PlanRecord>();
  private readonly buckets = new Map<string, BucketRecord>();
  private readonly tasks = new Map<string, TaskRecord>();
  private readonly plansOfGroups = new Map<string, Map<string, PlanRecord>>();
  private readonly assigned = new Map<string, Map<string, TaskRecord>>();
  private readonly created = new Map<string, number>();
  private sequence = 0;
  private lastId = "";

  constructor(readonly world: SimWorld) {
    this.hints = new HintClock(() => world.now());
  }

  addPlan(spec: PlanSpec): PlanRecord {
    const plan: PlanRecord = {
      ...this.stored("Plan"),
      tenantId: spec.tenantId,
      groupId: spec.groupId,
      container: spec.container ?? null,
      title: spec.title,
      createdBy: spec.createdBy,
      createdAt: spec.createdAt ?? this.world.now(),
      archival: null,
      details: {
        revision: this.revision("PlanDetails"),
        sharedWith: new Map((spec.sharedWith ?? []).map((userId) => [userId, true])),
        categories: new Map(Object.entries(spec.categories ?? {})),
      },
      buckets: new Map(),
      tasks: new Map(),
    };
    this.plans.set(plan.id, plan);
    if (plan.container) return plan;
    const ofGroup = this.plansOfGroups.get(plan.groupId) ?? new Map<string, PlanRecord>();
    this.plansOfGroups.set(plan.groupId, ofGroup.set(plan.id, plan));
    return plan;
  }

  addBucket(spec: BucketSpec): BucketRecord {
    const plan = this.needPlan(spec.planId);
    const bucket: BucketRecord = { ...this.stored("Bucket"), plan, name: spec.name, orderHint: spec.orderHint ?? this.hints.next() };
    this.buckets.set(bucket.id, bucket);
    plan.buckets.set(bucket.id, bucket);
    return bucket;
  }

  addTask(spec: TaskSpec): TaskRecord {
    const plan = this.needPlan(spec.planId);
    const createdAt = spec.createdAt ?? this.world.now();
    const percentComplete = spec.percentComplete ?? 0;
    const assignees = spec.assignees ?? [];
    const hint = this.hints.next();
    const task: TaskRecord = {
      ...this.stored("Task"),
      plan,
      bucketId: spec.bucketId ?? null,
      title: spec.title,
      orderHint: spec.orderHint ?? hint,
      assigneePriority: spec.assigneePriority ?? (assignees.length > 0 ? this.hints.nextPlain() : ""),
      percentComplete,
      priority: spec.priority ?? 5,
      startDateTime: spec.startDateTime ?? null,
      dueDateTime: spec.dueDateTime ?? null,
      conversationThreadId: spec.conversationThreadId ?? null,
      categories: new Set(spec.appliedCategories ?? []),
      assignments: new Map(),
      createdBy: spec.createdBy,
      createdAt,
      completed: percentComplete === 100 ? { by: spec.completedBy ?? spec.createdBy, at: spec.completedAt ?? createdAt } : null,
      modifiedBy: spec.createdBy,
      modifiedAt: createdAt,
      recurrence: spec.recurrence ?? null,
      details: this.taskDetails(spec, createdAt),
      messages: [],
      assignedToFormat: {
        revision: this.revision("AssignedToTaskBoardTaskFormat"),
        unassignedOrderHint: spec.formats?.unassigned ?? hint,
        byAssignee: new Map(),
      },
      bucketFormat: { revision: this.revision("BucketTaskBoardTaskFormat"), orderHint: spec.formats?.bucket ?? hint },
      progressFormat: { revision: this.revision("ProgressTaskBoardTaskFormat"), orderHint: spec.formats?.progress ?? hint },
    };
    this.tasks.set(task.id, task);
    plan.tasks.set(task.id, task);
    this.created.set(authorKey(task.createdBy), this.tasksCreatedBy(task.createdBy) + 1);
    for (const [position, userId] of assignees.entries()) this.assign(task, { userId, by: spec.createdBy, at: createdAt, orderHint: ordinalHint(position) });
    for (const [userId, hint] of Object.entries(spec.formats?.byAssignee ?? {})) task.assignedToFormat.byAssignee.set(userId, hint);
    return task;
  }

  private taskDetails(spec: TaskSpec, at: number): TaskRecord["details"] {
    const modified = { modifiedBy: spec.createdBy, modifiedAt: at };
    const checklist = new Map((spec.checklist ?? []).map((item, position) => [
      item.id ?? this.world.guid(),
      { title: item.title, isChecked: item.isChecked ?? false, orderHint: ordinalHint(position), ...modified },
    ]));
    return {
      revision: this.revision("TaskDetails"),
      earlier: null,
      description: spec.description ?? plainText(spec.notes ?? ""),
      notes: spec.notes ?? null,
      previewType: spec.previewType ?? "automatic",
      requiredItems: spec.requiredItems ? [...checklist].filter(([, item]) => spec.requiredItems!.includes(item.title)).map(([id]) => id) : null,
      checklist,
      references: new Map((spec.references ?? []).map((reference, position) => [
        encodeReferenceKey(reference.url),
        { alias: reference.alias ?? null, type: reference.type ?? "Other", previewPriority: ordinalHint(position), ...modified },
      ])),
    };
  }

  /** The time of the last change moves on, whatever the clock says. */
  modified(task: TaskRecord, by: Actor): void {
    task.modifiedBy = by;
    task.modifiedAt = Math.max(this.world.now(), task.modifiedAt + 1);
  }

  /** Adds or re-orders an assignee; no etag changes here. */
  assign(task: TaskRecord, { userId, by, at, orderHint }: { userId: string; by: Actor; at: number; orderHint: string }): void {
    const known = task.assignments.get(userId);
    if (known) {
      known.orderHint = orderHint;
      return;
    }
    task.assignments.set(userId, { orderHint, assignedBy: by, assignedAt: at });
    task.assignedToFormat.byAssignee.set(userId, this.hints.next());
    const ofUser = this.assigned.get(userId) ?? new Map<string, TaskRecord>();
    this.assigned.set(userId, ofUser.set(task.id, task));
  }

  unassign(task: TaskRecord, userId: string): void {
    task.assignments.delete(userId);
    task.assignedToFormat.byAssignee.delete(userId);
    this.assigned.get(userId)?.delete(task.id);
  }

  deleteTask(id: string): boolean {
    const task = this.tasks.get(id);
    if (!task) return false;
    for (const userId of task.assignments.keys()) this.assigned.get(userId)?.delete(id);
    this.created.set(authorKey(task.createdBy), this.tasksCreatedBy(task.createdBy) - 1);
    task.plan.tasks.delete(id);
    return this.tasks.delete(id);
  }

  /** The tasks of a bucket go with it, as in the product. */
  deleteBucket(id: string): boolean {
    const bucket = this.buckets.get(id);
    if (!bucket) return false;
    for (const task of [...bucket.plan.tasks.values()]) if (task.bucketId === id) this.deleteTask(task.id);
    bucket.plan.buckets.delete(id);
    return this.buckets.delete(id);
  }

  deletePlan(id: string): boolean {
    const plan = this.plans.get(id);
    if (!plan) return false;
    for (const taskId of [...plan.tasks.keys()]) this.deleteTask(taskId);
    for (const bucketId of [...plan.buckets.keys()]) this.deleteBucket(bucketId);
    this.plansOfGroups.get(plan.groupId)?.delete(id);
    return this.plans.delete(id);
  }

  /** For whoever deletes a group: its plans go with it. */
  deletePlansOfGroup(groupId: string): void {
    for (const id of [...(this.plansOfGroups.get(groupId)?.keys() ?? [])]) this.deletePlan(id);
    this.plansOfGroups.delete(groupId);
  }

  findPlan(id: string): PlanRecord | undefined {
    const plan = this.plans.get(id);
    if (plan && !plan.container && !this.world.tenants.get(plan.tenantId)?.groups.has(plan.groupId)) {
      this.deletePlansOfGroup(plan.groupId);
      return undefined;
    }
    return plan;
  }

  findBucket(id: string): BucketRecord | undefined {
    const bucket = this.buckets.get(id);
    return bucket && this.findPlan(bucket.plan.id) && bucket;
  }

  findTask(id: string): TaskRecord | undefined {
    const task = this.tasks.get(id);
    return task && this.findPlan(task.plan.id) && task;
  }

  plansOfGroup(groupId: string): PlanRecord[] {
    return [...(this.plansOfGroups.get(groupId)?.values() ?? [])];
  }

  /** All plans of groups. */
  allPlans(tenantId: string): PlanRecord[] {
    return [...this.plans.values()].filter((plan) => plan.tenantId === tenantId && !plan.container);
  }

  /** Plans of rosters and premium plans. */
  otherPlans(tenantId: string): PlanRecord[] {
    return [...this.plans.values()].filter((plan) => plan.tenantId === tenantId && plan.container);
  }

  /** Ids of the people who may do everything in the plan; none when its group is gone. */
  membersOf(plan: PlanRecord): ReadonlySet<string> | undefined {
    return plan.container ? plan.container.members : this.world.tenants.get(plan.tenantId)?.groups.get(plan.groupId)?.members;
  }

  tasksAssignedTo(userId: string): TaskRecord[] {
    return [...(this.assigned.get(userId)?.values() ?? [])].sort((a, b) => a.sequence - b.sequence);
  }

  countAssignedTo(userId: string): number {
    return this.assigned.get(userId)?.size ?? 0;
  }

  tasksCreatedBy(actor: Actor): number {
    return this.created.get(authorKey(actor)) ?? 0;
  }

  private needPlan(id: string): PlanRecord {
    const plan = this.plans.get(id);
    if (!plan) throw new Error(`No plan ${id} in the simulator.`);
    return plan;
  }

  private stored(kind: ResourceKind): { id: string; sequence: number; storedAt: number; revision: Revision } {
    this.sequence += 1;
    return { id: this.newId(), sequence: this.sequence, storedAt: this.world.now(), revision: this.revision(kind) };
  }

  private revision(kind: ResourceKind): Revision {
    return new Revision(kind, 1 + Math.floor(this.world.random() * 12));
  }

  /**
   * 28 characters, case-sensitive: now and then an id differs from the one before in case alone.
   * https://learn.microsoft.com/graph/api/resources/planner-identifiers-disclaimer
   */
  private newId(): string {
    const twin = this.world.random() < 0.03 ? this.lastId.replace(/[a-z]/i, swapCase) : "";
    this.lastId = twin !== "" && !this.isTaken(twin) ? twin : this.randomId();
    return this.lastId;
  }

  /** Five characters (30 bits) from each random number. */
  private randomId(): string {
    let id = "";
    while (id.length < 28) {
      for (let bits = Math.floor(this.world.random() * 2 ** 30), left = 5; left > 0; left -= 1, bits >>>= 6) id += ID_CHARACTERS[bits & 63];
    }
    return id.slice(0, 28);
  }

  private isTaken(id: string): boolean {
    return this.plans.has(id) || this.buckets.has(id) || this.tasks.has(id) || id === this.lastId;
  }
}

const swapCase = (letter: string): string => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
const authorKey = (actor: Actor): string => actor.userId ?? actor.appId ?? "";

/** Rising hints for lists that a seed gives in order. */
const ordinalHint = (position: number): string => `${8_580_000_000 + position * 1000}R`;

export const createPlannerStore = (world: SimWorld): PlannerStore => new PlannerStore(world);
