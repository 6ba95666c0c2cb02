import { beforeEach, describe, expect, it } from "vitest";
import { createBench, id } from "./testing";
import type { Bench } from "./testing";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

function planIn(type: "roster" | "project") {
  const createdBy = { userId: id(11), appId: null };
  const plan = bench.store.addPlan({ tenantId: bench.tenant.id, groupId: "", container: { type, id: id(70), members: new Set([id(11), id(12)]) }, title: type, createdBy });
  const bucket = bench.store.addBucket({ planId: plan.id, name: "To do" });
  const task = bench.store.addTask({ planId: plan.id, bucketId: bucket.id, title: "One", createdBy });
  return { path: `/planner/plans/${plan.id}`, bucket: `/planner/buckets/${bucket.id}`, task: `/planner/tasks/${task.id}`, id: plan.id };
}
const UNKNOWN = { prefer: "include-unknown-enum-members" };
const typeOf = async (path: string, headers?: Record<string, string>) => ((await bench.member.get(path, headers)).body.container as { type: string }).type;

/** https://learn.microsoft.com/graph/api/planneruser-list-rosterplans?view=graph-rest-beta, resources/plannerplancontainer */
describe("a roster plan", () => {
  it("is listed for the people of its roster, in beta, with a Tasks permission", async () => {
    const plan = planIn("roster");
    expect((await bench.member.list("/beta/me/planner/rosterPlans")).map((one) => one.id)).toEqual([plan.id]);
    expect(await bench.outsider.list("/beta/me/planner/rosterPlans")).toEqual([]);
    expect((await bench.member.get("/me/planner/rosterPlans")).status).toBe(404);
    expect((await bench.caller({ userId: id(11), permissions: ["Group.ReadWrite.All"] }).get("/beta/me/planner/rosterPlans")).status).toBe(403);
  });

  it("says so only to callers who prefer to see unknown members of an enumeration", async () => {
    const { path } = planIn("roster");
    for (const version of ["", "/beta"]) {
      expect(await typeOf(version + path)).toBe("unknownFutureValue");
      expect(await typeOf(version + path, UNKNOWN)).toBe("roster");
    }
    const { path: ofGroup } = { path: `/planner/plans/${bench.plan().planId}` };
    expect(await typeOf(ofGroup)).toBe("group");
  });

  it("is open to its people and closed to others", async () => {
    const { path, task } = planIn("roster");
    expect(await bench.colleague.list(`${path}/tasks`)).toHaveLength(1);
    const etag = (await bench.colleague.get(task)).body["@odata.etag"];
    expect((await bench.colleague.patch(task, etag, { title: "x" })).status).toBe(204);
    expect((await bench.outsider.get(path)).status).toBe(403);
    expect((await bench.stranger.get(path)).status).toBe(404);
  });
});

/** https://learn.microsoft.com/graph/api/resources/planner-overview: the API reaches basic plans only */
describe("a premium plan", () => {
  it("is listed among a person's plans, as a project in beta; v1.0 has no such type", async () => {
    const { path } = planIn("project");
    expect((await bench.member.list("/beta/me/planner/plans")).map((plan) => plan.title)).toContain("project");
    expect(await typeOf(`/beta${path}`, UNKNOWN)).toBe("project");
    expect(await typeOf(`/beta${path}`)).toBe("unknownFutureValue");
    expect(await typeOf(path, UNKNOWN)).toBe("unknownFutureValue");
  });

  it("lets nobody into it: 403 for what it holds, 404 for its details", async () => {
    const { path, bucket, task } = planIn("project");
    for (const inside of [`${path}/tasks`, `${path}/buckets`, bucket, task, `${task}/details`, `${task}/bucketTaskBoardFormat`]) expect(await bench.member.get(inside), inside).toMatchObject({ status: 403, code: "" });
    expect((await bench.member.get(`${path}/details`)).status).toBe(404);
    const etag = (await bench.member.get(path)).body["@odata.etag"];
    expect((await bench.member.patch(path, etag, { title: "x" })).status).toBe(403);
    expect((await bench.member.delete(path, etag)).status).toBe(403);
  });
});
