import type { GraphCall } from "../graph/context";
import type { SimGroup } from "../model";
import { archived, forbidden, invalidField, notFound } from "./faults";
import type { Actor, BucketRecord, PlanRecord, TaskRecord } from "./records";
import type { PlannerStore } from "./store";

/**
 * Who may do what: everything in a plan is open to the members of its group, and to nobody else who calls with a
 * delegated token; owners who are not members are refused. App-only callers are not asked for membership.
 * https://learn.microsoft.com/graph/api/resources/planner-overview (Plans)
 */
const PLANNER_ID = /^[A-Za-z0-9_-]{28}$/;
export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** https://learn.microsoft.com/graph/api/resources/planner-identifiers-disclaimer */
export function requireId(id: unknown, field: string, entity: string): string {
  if (typeof id !== "string" || !PLANNER_ID.test(id)) throw invalidField(field, entity, "The specified identifier is invalid.");
  return id;
}

export const actorOf = (call: GraphCall): Actor => ({ userId: call.user?.id ?? null, appId: call.token.appid });


/** The group, or 404, or 403 for a caller outside it. */
export function groupFor(call: GraphCall, id: string): SimGroup {
  const group = GUID.test(id) ? call.tenant.groups.get(id.toLowerCase()) : undefined;
  if (!group) throw notFound();
  if (call.user !== null && !group.members.has(call.user.id)) throw forbidden();
  return group;
}

export function canSee(store: PlannerStore, call: GraphCall, plan: PlanRecord): boolean {
  const members = plan.tenantId === call.tenant.id ? store.membersOf(plan) : undefined;
  return members !== undefined && (call.user === null || members.has(call.user.id));
}

function requireVisible(store: PlannerStore, call: GraphCall, plan: PlanRecord, storedAt: number): void {
  if (plan.tenantId !== call.tenant.id || call.world.now() < storedAt + store.readLagMs) throw notFound();
  if (!canSee(store, call, plan)) throw forbidden();
}

/** Premium plans are listed and named, but nothing in them is reached. https://learn.microsoft.com/graph/api/resources/planner-overview */
export const isPremium = (plan: PlanRecord): boolean => plan.container?.type === "project";

export function planFor(store: PlannerStore, call: GraphCall, id: string): PlanRecord {
  const plan = anyPlanFor(store, call, id);
  if (isPremium(plan)) throw forbidden();
  return plan;
}

/** A plan that the caller may see, premium ones included. */
export function anyPlanFor(store: PlannerStore, call: GraphCall, id: string): PlanRecord {
  const plan = store.findPlan(requireId(id, "Id", "Plan"));
  if (!plan) throw notFound();
  requireVisible(store, call, plan, plan.storedAt);
  return plan;
}

export function bucketFor(store: PlannerStore, call: GraphCall, id: string): BucketRecord {
  const bucket = store.findBucket(requireId(id, "Id", "Bucket"));
  if (!bucket) throw notFound();
  requireVisible(store, call, bucket.plan, bucket.storedAt);
  if (isPremium(bucket.plan)) throw forbidden();
  return bucket;
}

export function taskFor(store: PlannerStore, call: GraphCall, id: string): TaskRecord {
  const task = store.findTask(requireId(id, "Id", "Task"));
  if (!task) throw notFound();
  requireVisible(store, call, task.plan, task.storedAt);
  if (isPremium(task.plan)) throw forbidden();
  return task;
}

/** Everything in an archived plan is read-only. https://learn.microsoft.com/graph/api/plannerplan-archive?view=graph-rest-beta */
export function refuseArchived(plan: PlanRecord): void {
  if (plan.archival?.archived) throw archived();
}

/** The signed-in user of a /me call; the dispatcher lets no app-only caller through. */
export function signedInUser(call: GraphCall): { id: string } {
  if (!call.user) throw forbidden();
  return call.user;
}

/** A user by id or user principal name; a delegated caller may only name himself. */
export function userFor(call: GraphCall, key: string): { id: string } {
  const wanted = key.toLowerCase();
  const user = call.tenant.users.get(wanted) ?? [...call.tenant.users.values()].find((candidate) => candidate.userPrincipalName.toLowerCase() === wanted);
  if (!user) throw notFound();
  if (call.user && call.user.id !== user.id) throw forbidden();
  return user;
}
