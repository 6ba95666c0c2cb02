import type { GraphCall } from "../graph/context";
import { GUID } from "./access";
import { FieldReader, versioned } from "./body";
import type { Json } from "./body";
import { limitExceeded } from "./faults";
import type { PlanRecord } from "./records";
import type { PlannerStore } from "./store";

/** https://learn.microsoft.com/graph/api/plannerplandetails-update */
export const PLAN_DETAILS = versioned(
  { entity: "PlanDetails", type: "microsoft.graph.plannerPlanDetails", writable: ["sharedWith", "categoryDescriptions"], readOnly: ["id"] },
  { readOnly: ["contextDetails"] },
);

export interface PlanDetailsFields {
  /** User id -> shared; false removes. */
  sharedWith: Map<string, boolean>;
  /** category -> label; null clears. */
  labels: Map<string, string | null>;
}

export function readPlanDetails(store: PlannerStore, call: GraphCall, plan: PlanRecord, json: Json): PlanDetailsFields {
  const reader = new FieldReader("PlanDetails", json);
  const fields = { sharedWith: readSharedWith(call, reader), labels: readLabels(store, reader) };
  const after = new Set(plan.details.sharedWith.keys());
  for (const [userId, shared] of fields.sharedWith) {
    if (shared) after.add(userId);
    else after.delete(userId);
  }
  if (after.size > store.limits.usersSharedWithPlan) throw limitExceeded("MaximumUsersSharedWithProject");
  return fields;
}

function readSharedWith(call: GraphCall, reader: FieldReader): Map<string, boolean> {
  if (!reader.has("sharedWith")) return new Map();
  return new Map(reader.members("sharedWith", "microsoft.graph.plannerUserIds").map(([key, value]) => {
    const userId = key.toLowerCase();
    if (!GUID.test(key)) reader.fail("sharedWith", "The specified identifier is invalid.");
    if (value !== null && typeof value !== "boolean") reader.fail("sharedWith", "A boolean is expected.");
    if (value === true && !call.tenant.users.has(userId)) reader.fail("sharedWith", "The specified user does not exist.");
    return [userId, value === true];
  }));
}

function readLabels(store: PlannerStore, reader: FieldReader): Map<string, string | null> {
  if (!reader.has("categoryDescriptions")) return new Map();
  return new Map(reader.members("categoryDescriptions", "microsoft.graph.plannerCategoryDescriptions").map(([category, label]) => {
    if (!/^category([1-9]|1\d|2[0-5])$/.test(category)) reader.fail("categoryDescriptions", `'${category}' is not a category.`);
    if (label !== null && typeof label !== "string") reader.fail("categoryDescriptions", "A string is expected.");
    if (label !== null && label.length > store.limits.titleLength) reader.fail("categoryDescriptions", "The value is too long.");
    return [category, label === "" ? null : label];
  }));
}

/** Checks If-Match, then writes. */
export function applyPlanDetails(plan: PlanRecord, fields: PlanDetailsFields, ifMatch: string | undefined): void {
  const { details } = plan;
  const touched = [
    ...[...fields.sharedWith.keys()].map((userId) => `sharedWith/${userId}`),
    ...[...fields.labels.keys()].map((category) => `categoryDescriptions/${category}`),
  ];
  details.revision.require(ifMatch, touched);
  for (const [userId, shared] of fields.sharedWith) {
    if (shared) details.sharedWith.set(userId, true);
    else details.sharedWith.delete(userId);
  }
  for (const [category, label] of fields.labels) {
    if (label === null) details.categories.delete(category);
    else details.categories.set(category, label);
  }
  details.revision.touch(touched);
}
