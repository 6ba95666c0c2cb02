import { CLOUDS } from "../../clouds";
import type { GraphAnswer, GraphCall, GraphRoute } from "../../graph/context";
import { actorOf, anyPlanFor, groupFor, GUID, isPremium, planFor, refuseArchived } from "../access";
import { listed, one, planRenderer, updated } from "../answers";
import { FieldReader, isObject, readBody, versioned } from "../body";
import { taskRenderer } from "../expand";
import { forbidden, invalidField, limitExceeded, notFound } from "../faults";
import { READ, WRITE } from "../permissions";
import { renderBucket, renderPlanDetails } from "../render";
import type { PlannerStore } from "../store";
import { PLAN_DETAILS, applyPlanDetails, readPlanDetails } from "../planDetails";

const READ_ONLY = ["id", "createdBy", "createdDateTime"];
const base = { entity: "Plan", type: "microsoft.graph.plannerPlan", navigation: ["buckets", "tasks", "details"] };
const beta = { readOnly: ["isArchived", "archivalInfo", "creationSource", "contexts", "sharedWithContainers"] };
const NEW_PLAN = versioned({ ...base, writable: ["title", "container", "owner"], readOnly: READ_ONLY }, beta);
const PLAN_UPDATE = versioned({ ...base, writable: ["title"], readOnly: [...READ_ONLY, "container", "owner"] }, beta);
const CONTAINER_FIELDS = ["@odata.type", "containerId", "type", "url"];

/** The group named by container (url, or id and type, or all) or by the older owner. */
function containerGroupId(call: GraphCall, body: Record<string, unknown>): string {
  const named = new Set<string>();
  if (body.owner !== undefined) {
    if (typeof body.owner !== "string" || !GUID.test(body.owner)) throw invalidField("Owner", "Plan", "The specified identifier is invalid.");
    named.add(body.owner.toLowerCase());
  }
  if (body.container !== undefined) for (const id of containerIds(call, body.container)) named.add(id);
  const [only] = named;
  if (only === undefined || named.size > 1) throw invalidField("Container", "Plan", "Exactly one container must be specified.");
  return only;
}

function containerIds(call: GraphCall, container: unknown): string[] {
  const fail = (reason: string): never => {
    throw invalidField("Container", "Plan", reason);
  };
  if (!isObject(container)) return fail("An object is expected.");
  const unknown = Object.keys(container).find((key) => !CONTAINER_FIELDS.includes(key));
  if (unknown !== undefined) return fail(`The property '${unknown}' does not exist.`);
  const { containerId, type, url } = container;
  if (url === undefined && (containerId === undefined || type === undefined)) return fail("Specify the url, or the containerId and the type.");
  if (type !== undefined && type !== "group") return fail("The container type is not supported.");
  const ids: string[] = [];
  if (containerId !== undefined) ids.push(typeof containerId === "string" && GUID.test(containerId) ? containerId.toLowerCase() : fail("The specified identifier is invalid."));
  if (url !== undefined) ids.push(groupIdOfUrl(call, url) ?? fail("The url is not the canonical url of a group."));
  return ids;
}

function groupIdOfUrl(call: GraphCall, url: unknown): string | null {
  const origin = [CLOUDS[call.world.cloud].graph, call.world.origin].find((candidate) => typeof url === "string" && url.startsWith(`${candidate}/`));
  const id = typeof url === "string" && origin !== undefined ? /^\/(?:v1\.0|beta)\/groups\/([^/]+)$/.exec(url.slice(origin.length))?.[1] : undefined;
  return id !== undefined && GUID.test(id) ? id.toLowerCase() : null;
}

/** https://learn.microsoft.com/graph/api/planner-post-plans */
function createPlan(store: PlannerStore, call: GraphCall): GraphAnswer {
  const body = readBody(call, NEW_PLAN);
  const title = new FieldReader("Plan", body).text("title", store.limits.titleLength);
  const group = groupFor(call, containerGroupId(call, body));
  // A new group's membership reaches Planner late.
  if (call.world.now() < group.readyAt) throw forbidden();
  if (!group.groupTypes.includes("Unified")) throw invalidField("Container", "Plan", "The group is not a Microsoft 365 group.");
  if (store.plansOfGroup(group.id).length >= store.limits.plansOwnedByGroup) throw limitExceeded("MaximumProjectsOwnedByUser");
  const plan = store.addPlan({ tenantId: call.tenant.id, groupId: group.id, title, createdBy: actorOf(call) });
  return one(call, "planner/plans", planRenderer(call)(plan), 201);
}

export function planRoutes(store: PlannerStore): GraphRoute[] {
  const plan = (call: GraphCall, id: string | undefined) => planFor(store, call, id ?? "");
  return [
    {
      method: "GET", template: "/groups/{id}/planner/plans", ...READ,
      handle: (call, { id }) => {
        const group = groupFor(call, id ?? "");
        if (call.world.now() < group.readyAt) throw notFound();
        return listed(store, call, `groups('${group.id}')/planner/plans`, store.plansOfGroup(group.id), planRenderer(call));
      },
    },
    { method: "POST", template: "/planner/plans", ...WRITE, handle: (call) => createPlan(store, call) },
    { method: "GET", template: "/planner/plans/{id}", ...READ, handle: (call, { id }) => one(call, "planner/plans", planRenderer(call)(anyPlanFor(store, call, id ?? ""))) },
    {
      method: "PATCH", template: "/planner/plans/{id}", ...WRITE,
      handle: (call, { id }) => {
        const found = plan(call, id);
        refuseArchived(found);
        const body = readBody(call, PLAN_UPDATE);
        const title = "title" in body ? new FieldReader("Plan", body).text("title", store.limits.titleLength) : undefined;
        const fields = title === undefined ? [] : ["title"];
        found.revision.require(call.headers["if-match"], fields);
        if (title !== undefined) found.title = title;
        found.revision.touch(fields);
        return updated(call, "planner/plans", () => planRenderer(call)(found));
      },
    },
    {
      method: "DELETE", template: "/planner/plans/{id}", ...WRITE,
      handle: (call, { id }) => {
        const found = plan(call, id);
        found.revision.require(call.headers["if-match"], "all");
        store.deletePlan(found.id);
        return { status: 204 };
      },
    },
    {
      method: "GET", template: "/planner/plans/{id}/details", ...READ,
      handle: (call, { id }) => {
        const found = anyPlanFor(store, call, id ?? "");
        if (isPremium(found)) throw notFound();
        return one(call, `planner/plans('${id}')/details`, renderPlanDetails(found, call.version));
      },
    },
    {
      method: "PATCH", template: "/planner/plans/{id}/details", ...WRITE,
      handle: (call, { id }) => {
        const found = plan(call, id);
        refuseArchived(found);
        const fields = readPlanDetails(store, call, found, readBody(call, PLAN_DETAILS));
        applyPlanDetails(found, fields, call.headers["if-match"]);
        return updated(call, `planner/plans('${id}')/details`, () => renderPlanDetails(found, call.version));
      },
    },
    {
      method: "GET", template: "/planner/plans/{id}/buckets", ...READ,
      handle: (call, { id }) => listed(store, call, `planner/plans('${id}')/buckets`, plan(call, id).buckets.values(), (bucket) => renderBucket(bucket, call.version)),
    },
    {
      method: "GET", template: "/planner/plans/{id}/tasks", ...READ,
      handle: (call, { id }) =>
        listed(store, call, `planner/plans('${id}')/tasks`, plan(call, id).tasks.values(), taskRenderer(store, call, "plan")),
    },
  ];
}
