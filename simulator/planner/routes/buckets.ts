import type { GraphAnswer, GraphCall, GraphRoute } from "../../graph/context";
import { bucketFor, planFor, refuseArchived, requireId } from "../access";
import { listed, one, updated } from "../answers";
import { FieldReader, readBody, versioned } from "../body";
import { limitExceeded } from "../faults";
import { READ, WRITE } from "../permissions";
import { renderBucket, renderTask } from "../render";
import type { PlannerStore } from "../store";

const base = { entity: "Bucket", type: "microsoft.graph.plannerBucket", navigation: ["tasks"] };
const beta = { readOnly: ["isArchived", "archivalInfo", "creationSource"] };
const NEW_BUCKET = versioned({ ...base, writable: ["name", "planId", "orderHint"], readOnly: ["id"] }, beta);
const BUCKET_UPDATE = versioned({ ...base, writable: ["name", "orderHint"], readOnly: ["id", "planId"] }, beta);

/** https://learn.microsoft.com/graph/api/planner-post-buckets */
function createBucket(store: PlannerStore, call: GraphCall): GraphAnswer {
  const body = readBody(call, NEW_BUCKET);
  const reader = new FieldReader("Bucket", body);
  const plan = planFor(store, call, requireId(body.planId, "PlanId", "Bucket"));
  refuseArchived(plan);
  const name = reader.text("name", store.limits.titleLength);
  const orderHint = reader.has("orderHint") ? reader.hint("orderHint") : undefined;
  if (plan.buckets.size >= store.limits.bucketsPerPlan) throw limitExceeded("MaximumBucketsInProject");
  return one(call, "planner/buckets", renderBucket(store.addBucket({ planId: plan.id, name, orderHint }), call.version), 201);
}

/** https://learn.microsoft.com/graph/api/plannerbucket-update */
function updateBucket(store: PlannerStore, call: GraphCall, id: string): GraphAnswer {
  const bucket = bucketFor(store, call, id);
  refuseArchived(bucket.plan);
  const body = readBody(call, BUCKET_UPDATE);
  const reader = new FieldReader("Bucket", body);
  const name = reader.has("name") ? reader.text("name", store.limits.titleLength) : bucket.name;
  const orderHint = reader.has("orderHint") ? reader.hint("orderHint") : bucket.orderHint;
  bucket.revision.require(call.headers["if-match"], Object.keys(body));
  bucket.name = name;
  bucket.orderHint = orderHint;
  bucket.revision.touch(Object.keys(body));
  return updated(call, "planner/buckets", () => renderBucket(bucket, call.version));
}

export function bucketRoutes(store: PlannerStore): GraphRoute[] {
  return [
    { method: "POST", template: "/planner/buckets", ...WRITE, handle: (call) => createBucket(store, call) },
    { method: "GET", template: "/planner/buckets/{id}", ...READ, handle: (call, { id }) => one(call, "planner/buckets", renderBucket(bucketFor(store, call, id ?? ""), call.version)) },
    { method: "PATCH", template: "/planner/buckets/{id}", ...WRITE, handle: (call, { id }) => updateBucket(store, call, id ?? "") },
    {
      method: "DELETE", template: "/planner/buckets/{id}", ...WRITE,
      handle: (call, { id }) => {
        const bucket = bucketFor(store, call, id ?? "");
        bucket.revision.require(call.headers["if-match"], "all");
        store.deleteBucket(bucket.id);
        return { status: 204 };
      },
    },
    {
      method: "GET", template: "/planner/buckets/{id}/tasks", ...READ,
      handle: (call, { id }) => {
        const bucket = bucketFor(store, call, id ?? "");
        const tasks = [...bucket.plan.tasks.values()].filter((task) => task.bucketId === bucket.id);
        return listed(store, call, `planner/buckets('${id}')/tasks`, tasks, (task) => renderTask(task, call.version));
      },
    },
  ];
}
