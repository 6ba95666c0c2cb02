import { beforeEach, describe, expect, it } from "vitest";
import { createBench, id } from "./testing";
import type { Bench } from "./testing";

let bench: Bench;
let ids: { planId: string; bucketId: string; taskId: string };
beforeEach(() => {
  bench = createBench();
  ids = bench.plan();
});

const plan = () => `/planner/plans/${ids.planId}`;
const etagOf = async (path: string): Promise<string> => (await bench.member.get(path)).body["@odata.etag"];
const archive = async (action = "archive", body: unknown = { justification: "Done" }) => bench.member.post(`/beta${plan()}/${action}`, body, { "if-match": await etagOf(plan()) });

/** https://learn.microsoft.com/graph/api/plannerplan-archive?view=graph-rest-beta, plannerplan-unarchive, resources/plannerarchivalinfo */
describe("archiving a plan", () => {
  it("is 204, archives its buckets and tasks, says who and why, and gives all of them new etags", async () => {
    const paths = [plan(), `/planner/buckets/${ids.bucketId}`, `/planner/tasks/${ids.taskId}`];
    const before = await Promise.all(paths.map(etagOf));
    expect((await archive()).status).toBe(204);
    for (const [n, path] of paths.entries()) {
      const { body } = await bench.member.get(`/beta${path}`);
      expect(body).toMatchObject({ isArchived: true, archivalInfo: { justification: "Done", statusChangedBy: { user: { id: id(11) } }, statusChangedDateTime: expect.any(String) } });
      expect(body["@odata.etag"] > before[n]!).toBe(true);
    }
  });

  it("needs If-Match, a justification, beta and Tasks.ReadWrite: the group permissions are not enough", async () => {
    const path = `${plan()}/archive`;
    const body = { justification: "x" };
    const headers = { "if-match": await etagOf(plan()) };
    expect((await bench.member.post(`/beta${path}`, body)).status).toBe(412);
    expect((await bench.member.post(`/beta${path}`, {}, headers)).status).toBe(400);
    expect((await bench.member.post(path, body, headers)).status).toBe(404);
    expect((await bench.caller({ userId: id(11), permissions: ["Group.ReadWrite.All"] }).post(`/beta${path}`, body, headers)).status).toBe(403);
    expect((await bench.app.post(`/beta${path}`, body, headers)).status).toBe(204);
  });

  it("makes everything in it read-only for both versions; reading and deleting stay", async () => {
    await archive();
    const task = `/planner/tasks/${ids.taskId}`;
    const writes: [string, unknown][] = [
      [plan(), { title: "x" }], [`${plan()}/details`, { categoryDescriptions: { category1: "x" } }], [`/planner/buckets/${ids.bucketId}`, { name: "x" }], [task, { title: "x" }],
      [`${task}/details`, { description: "x" }], [`${task}/bucketTaskBoardFormat`, { orderHint: " !" }], [`${task}/progressTaskBoardFormat`, { orderHint: " !" }], [`${task}/assignedToTaskBoardFormat`, { unassignedOrderHint: " !" }],
    ];
    for (const [path, body] of writes) for (const version of ["", "/beta"]) expect((await bench.member.patch(version + path, await etagOf(path), body)).status, version + path).toBe(403);
    expect((await bench.member.post("/planner/tasks", { planId: ids.planId, title: "x" })).status).toBe(403);
    expect((await bench.member.post("/planner/buckets", { planId: ids.planId, name: "x" })).status).toBe(403);
    expect((await bench.member.delete(task, await etagOf(task))).status).toBe(204);
    expect((await bench.member.delete(plan(), await etagOf(plan()))).status).toBe(204);
  });

  it("takes its tasks off people's lists", async () => {
    bench.store.addTask({ planId: ids.planId, title: "Mine", createdBy: { userId: id(11), appId: null }, assignees: [id(11)] });
    expect(await bench.member.list("/me/planner/tasks")).toHaveLength(1);
    await archive();
    expect(await bench.member.list("/me/planner/tasks")).toEqual([]);
    expect(await bench.member.list(`${plan()}/tasks`)).toHaveLength(2);
  });

  it("is undone by unarchive, which only an archived plan takes; archivalInfo then tells of that", async () => {
    expect((await archive("unarchive")).status).toBe(400);
    await archive();
    expect((await archive()).status).toBe(400);
    expect((await archive("unarchive", { justification: "Needed again" })).status).toBe(204);
    expect((await bench.member.get(`/beta/planner/tasks/${ids.taskId}`)).body).toMatchObject({ isArchived: false, archivalInfo: { justification: "Needed again" } });
    bench.world.moveClock(1);
    const made = await bench.member.post("/beta/planner/tasks", { planId: ids.planId, title: "New" });
    expect(made).toMatchObject({ status: 201, body: { isArchived: false, archivalInfo: null } });
  });
});
