import type { PlannerPlan, PlannerPlanDetails } from "@microsoft/microsoft-graph-types";
import { beforeEach, describe, expect, it } from "vitest";
import { REPRESENTATION, createBench, id } from "./testing";
import type { Bench } from "./testing";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const container = (groupId: string) => ({ url: `https://graph.microsoft.com/v1.0/groups/${groupId}` });

/** https://learn.microsoft.com/graph/api/planner-post-plans */
describe("creating a plan", () => {
  it("answers 201 with the plan, its etag, a 28-character id and identities without display names", async () => {
    const answer = await bench.member.post("/planner/plans", { container: container(bench.group.id), title: "Launch" });
    expect(answer.status).toBe(201);
    const plan: PlannerPlan = answer.body;
    expect(plan.id).toMatch(/^[A-Za-z0-9_-]{28}$/);
    expect(plan.container).toMatchObject({ containerId: bench.group.id, type: "group" });
    expect(plan.owner).toBe(bench.group.id);
    expect(plan.createdBy).toEqual({ user: { displayName: null, id: bench.member.userId }, application: { displayName: null, id: expect.any(String) } });
    expect(answer.body["@odata.etag"]).toMatch(/^W\/"/);
    expect(await bench.member.list(`/planner/plans/${plan.id}/buckets`)).toEqual([]);
  });

  it.each([
    ["url", { container: container(id(21)) }],
    ["containerId and type", { container: { containerId: id(21), type: "group" } }],
    ["all three", { container: { ...container(id(21)), containerId: id(21), type: "group" } }],
    ["the older owner", { owner: id(21) }],
  ])("takes the container as %s", async (_name, body) => {
    expect((await bench.member.post("/planner/plans", { title: "Launch", ...body })).status).toBe(201);
  });

  it.each([
    ["no container", { title: "x" }],
    ["containerId without type", { title: "x", container: { containerId: id(21) } }],
    ["container and owner that disagree", { title: "x", container: container(id(21)), owner: id(22) }],
    ["a url that is not canonical", { title: "x", container: { url: `https://graph.microsoft.com/v1.0/teams/${id(21)}` } }],
    ["a roster", { title: "x", container: { containerId: "6519868f-868f-6519-8f86-19658f861965", type: "roster" } }],
    ["no title", { container: container(id(21)) }],
    ["an empty title", { container: container(id(21)), title: "" }],
    ["an id of the client's choice", { container: container(id(21)), title: "x", id: "A".repeat(28) }],
    ["an unknown property", { container: container(id(21)), title: "x", colour: "red" }],
    ["no JSON object", []],
  ])("refuses %s with 400", async (_name, body) => {
    expect(await bench.member.post("/planner/plans", body)).toMatchObject({ status: 400, code: "" });
  });

  it("needs membership of the group; ownership is not enough (https://learn.microsoft.com/graph/api/resources/planner-overview, Plans)", async () => {
    const body = { container: container(bench.group.id), title: "Launch" };
    for (const caller of [bench.outsider, bench.ownerOnly]) expect(await caller.post("/planner/plans", body)).toMatchObject({ status: 403, code: "" });
    expect((await bench.app.post("/planner/plans", body)).status).toBe(201);
    expect((await bench.stranger.post("/planner/plans", body)).status).toBe(404);
  });

  it("fails while a new group has not reached Planner", async () => {
    bench.group.readyAt = bench.world.now() + 5000;
    const body = { container: container(bench.group.id), title: "Launch" };
    expect((await bench.member.post("/planner/plans", body)).status).toBe(403);
    expect((await bench.member.get(`/groups/${bench.group.id}/planner/plans`)).status).toBe(404);
    bench.world.moveClock(5001);
    expect((await bench.member.post("/planner/plans", body)).status).toBe(201);
  });

  it("stops at the limit of plans of a group (https://learn.microsoft.com/office365/planner/planner-limits)", async () => {
    bench.store.limits.plansOwnedByGroup = 1;
    bench.plan();
    expect(await bench.member.post("/planner/plans", { container: container(bench.group.id), title: "x" })).toMatchObject({ status: 403, code: "MaximumProjectsOwnedByUser" });
  });
});

/** https://learn.microsoft.com/graph/api/plannerplan-get, plannerplan-update, plannerplan-delete */
describe("a plan", () => {
  it("refuses ids of the wrong form with 400 and unknown ones with 404; ids are case-sensitive (planner-identifiers-disclaimer)", async () => {
    const { planId } = bench.plan();
    const swapped = planId.replace(/[a-z]/i, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
    expect(await bench.member.get("/planner/plans/short")).toMatchObject({ status: 400, code: "" });
    expect(await bench.member.get(`/planner/plans/${swapped}`)).toMatchObject({ status: 404, code: "", message: "The requested item is not found." });
  });

  it("is closed to those who are not members of its group, and unknown in other tenants", async () => {
    const { planId, bucketId, taskId } = bench.plan();
    const paths = [`/planner/plans/${planId}`, `/planner/plans/${planId}/details`, `/planner/plans/${planId}/tasks`, `/planner/buckets/${bucketId}`, `/planner/tasks/${taskId}/details`, `/groups/${bench.group.id}/planner/plans`];
    for (const path of paths) {
      expect(await bench.outsider.get(path)).toMatchObject({ status: 403, code: "", message: "You do not have the required permissions to access this item." });
      expect((await bench.ownerOnly.get(path)).status).toBe(403);
      expect((await bench.stranger.get(path)).status).toBe(404);
      expect((await bench.app.get(path)).status).toBe(200);
    }
  });

  it("opens to the permissions of the reference and no others (https://learn.microsoft.com/graph/permissions-reference)", async () => {
    const { planId } = bench.plan();
    const path = `/planner/plans/${planId}`;
    const statusFor = async (userId: string | null, permission: string) => (await bench.caller({ userId, permissions: [permission] }).get(path)).status;
    for (const permission of ["Tasks.Read", "Tasks.ReadWrite", "Group.Read.All", "Group.ReadWrite.All"]) expect(await statusFor(id(11), permission)).toBe(200);
    for (const permission of ["Tasks.Read.All", "Tasks.ReadWrite.All"]) expect(await statusFor(null, permission)).toBe(200);
    for (const permission of ["Group.ReadWrite.All", "Tasks.Read"]) expect(await statusFor(null, permission)).toBe(403);
    expect(await statusFor(id(11), "User.Read")).toBe(403);
    const reader = bench.caller({ userId: id(11), permissions: ["Tasks.Read", "Group.Read.All"] });
    expect((await reader.patch(path, null, { title: "x" })).status).toBe(403);
  });

  it("needs If-Match with its own etag on PATCH and DELETE", async () => {
    const { planId } = bench.plan();
    const path = `/planner/plans/${planId}`;
    const details = (await bench.member.get(`${path}/details`)).body["@odata.etag"];
    expect(await bench.member.patch(path, null, { title: "x" })).toMatchObject({ status: 412, code: "", message: "The If-Match header must be specified for this kind of request." });
    expect((await bench.member.delete(path, null)).status).toBe(412);
    expect((await bench.member.delete(path, "*")).status).toBe(412);
    expect(await bench.member.patch(path, details, { title: "x" })).toMatchObject({ status: 412, code: "", message: "The If-Match header contains an invalid value." });
  });

  it("answers 204, or 200 with the new state and etag when the caller prefers it", async () => {
    const { planId } = bench.plan();
    const path = `/planner/plans/${planId}`;
    const { body: first } = await bench.member.get(path);
    const silent = await bench.member.patch(path, first["@odata.etag"], { title: "Second" });
    expect([silent.status, silent.body]).toEqual([204, undefined]);
    const { body: second } = await bench.member.get(path);
    expect(second["@odata.etag"]).not.toBe(first["@odata.etag"]);
    const spoken = await bench.member.patch(path, second["@odata.etag"], { title: "Third" }, REPRESENTATION);
    expect(spoken).toMatchObject({ status: 200, body: { title: "Third" }, headers: { "preference-applied": REPRESENTATION } });
    expect((await bench.member.delete(path, spoken.body["@odata.etag"])).status).toBe(204);
    expect((await bench.member.get(path)).status).toBe(404);
  });

  it.each([{ container: { containerId: id(21), type: "group" } }, { owner: id(21) }, { id: "A".repeat(28) }, { createdDateTime: "2020-01-01T00:00:00Z" }, { buckets: [] }])("cannot change %j after creation", async (body) => {
    const { planId } = bench.plan();
    const etag = (await bench.member.get(`/planner/plans/${planId}`)).body["@odata.etag"];
    expect((await bench.member.patch(`/planner/plans/${planId}`, etag, body)).status).toBe(400);
  });

  it("takes its buckets and tasks along when it, or its group, is deleted", async () => {
    const { planId, bucketId, taskId } = bench.plan();
    const gone = async () => Promise.all([`/planner/plans/${planId}`, `/planner/buckets/${bucketId}`, `/planner/tasks/${taskId}`].map(async (path) => (await bench.app.get(path)).status));
    expect(await gone()).toEqual([200, 200, 200]);
    bench.tenant.groups.delete(bench.group.id);
    expect(await gone()).toEqual([404, 404, 404]);
  });
});

/** https://learn.microsoft.com/graph/api/plannerplandetails-update */
describe("plan details", () => {
  const path = (planId: string) => `/planner/plans/${planId}/details`;

  it("hold 25 labels, all null at first; null clears one", async () => {
    const { planId } = bench.plan();
    const { body } = await bench.member.get(path(planId));
    const details: PlannerPlanDetails = body;
    expect(Object.keys(details.categoryDescriptions ?? {})).toHaveLength(25);
    expect(details.categoryDescriptions?.category25).toBeNull();
    const named = await bench.member.patch(path(planId), body["@odata.etag"], { categoryDescriptions: { category1: "Blocked", category25: "Later" } }, REPRESENTATION);
    expect(named.body).toMatchObject({ categoryDescriptions: { category1: "Blocked", category2: null, category25: "Later" } });
    const cleared = await bench.member.patch(path(planId), named.body["@odata.etag"], { categoryDescriptions: { category1: null } }, REPRESENTATION);
    expect(cleared.body).toMatchObject({ categoryDescriptions: { category1: null, category25: "Later" } });
  });

  it("share with people of the tenant; false takes away", async () => {
    const { planId } = bench.plan();
    const { body } = await bench.member.get(path(planId));
    const shared = await bench.member.patch(path(planId), body["@odata.etag"], { sharedWith: { [id(12)]: true } }, REPRESENTATION);
    expect(shared.body.sharedWith).toEqual({ [id(12)]: true });
    expect((await bench.member.patch(path(planId), shared.body["@odata.etag"], { sharedWith: { [id(12)]: false } }, REPRESENTATION)).body.sharedWith).toEqual({});
  });

  it.each([{ categoryDescriptions: { category26: "x" } }, { categoryDescriptions: { category1: 5 } }, { sharedWith: { nobody: true } }, { sharedWith: { [id(77)]: true } }, { title: "x" }])("refuse %j with 400", async (body) => {
    const { planId } = bench.plan();
    const etag = (await bench.member.get(path(planId))).body["@odata.etag"];
    expect((await bench.member.patch(path(planId), etag, body)).status).toBe(400);
  });

  it("merge labels changed by two people, and answer 409 when both changed the same one", async () => {
    const { planId } = bench.plan();
    const etag = (await bench.member.get(path(planId))).body["@odata.etag"];
    expect((await bench.member.patch(path(planId), etag, { categoryDescriptions: { category1: "A" } })).status).toBe(204);
    expect((await bench.colleague.patch(path(planId), etag, { categoryDescriptions: { category2: "B" } })).status).toBe(204);
    expect((await bench.colleague.patch(path(planId), etag, { categoryDescriptions: { category1: "C" } })).status).toBe(409);
  });
});
