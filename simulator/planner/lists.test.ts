import { beforeEach, describe, expect, it } from "vitest";
import { APP_ID, createBench, id } from "./testing";
import type { Bench } from "./testing";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const by = { userId: id(11), appId: APP_ID };

/** https://learn.microsoft.com/graph/paging */
describe("pages", () => {
  it("are followed by nextLink, and none is lost or doubled when objects go and come meanwhile", async () => {
    const { planId } = bench.plan();
    const made = Array.from({ length: 6 }, (_, number) => bench.store.addTask({ planId, title: `Task ${number}`, createdBy: by }).id);
    bench.store.pageSize = 3;
    const first = await bench.member.get(`/planner/plans/${planId}/tasks`);
    expect(first.body.value).toHaveLength(3);
    bench.store.deleteTask((first.body.value as { id: string }[])[0]!.id);
    const rest = await bench.member.list(first.body["@odata.nextLink"] as string);
    expect(rest.map((task) => task.id)).toEqual(made.slice(2));
  });

  it("may be empty in the middle", async () => {
    const { planId } = bench.plan();
    bench.store.emptyPages = true;
    bench.store.pageSize = 1;
    bench.store.addTask({ planId, title: "Second", createdBy: by });
    const first = await bench.member.get(`/planner/plans/${planId}/tasks`);
    expect(first.body.value).toEqual([]);
    expect(await bench.member.list(`/planner/plans/${planId}/tasks`)).toHaveLength(2);
  });

  it("refuse tokens that the service did not make", async () => {
    const { planId } = bench.plan();
    expect((await bench.member.get(`/planner/plans/${planId}/tasks?$skiptoken=5`)).status).toBe(400);
  });

  it("ignore $top, as Planner does (https://github.com/microsoftgraph/microsoft-graph-docs/issues/5099)", async () => {
    const { planId } = bench.plan();
    bench.store.addTask({ planId, title: "Second", createdBy: by });
    const answer = await bench.member.get(`/planner/plans/${planId}/tasks?$top=1`);
    expect(answer.body).toMatchObject({ "@odata.count": 2, value: [{}, {}] });
  });

  it("lack what was created a moment ago when lists lag; reading by id works", async () => {
    const { planId, bucketId } = bench.plan();
    bench.store.listLagMs = 2000;
    bench.world.moveClock(3000);
    const { body } = await bench.member.post("/planner/tasks", { planId, bucketId, title: "New" });
    expect(await bench.member.list(`/planner/plans/${planId}/tasks`)).toHaveLength(1);
    expect((await bench.member.get(`/planner/tasks/${body.id}`)).status).toBe(200);
    bench.world.moveClock(2001);
    expect(await bench.member.list(`/planner/plans/${planId}/tasks`)).toHaveLength(2);
  });

  it("and reads by id lag too when told", async () => {
    const { planId } = bench.plan();
    bench.store.readLagMs = 2000;
    bench.world.moveClock(3000);
    const { body } = await bench.member.post("/planner/tasks", { planId, title: "New" });
    expect((await bench.member.get(`/planner/tasks/${body.id}`)).status).toBe(404);
    bench.world.moveClock(2001);
    expect((await bench.member.get(`/planner/tasks/${body.id}`)).status).toBe(200);
  });
});

describe("$expand=details", () => {
  it("works on one task and on a person's tasks, not on a plan's (https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/800)", async () => {
    const { planId } = bench.plan();
    const task = bench.store.addTask({ planId, title: "Mine", createdBy: by, assignees: [id(11)], description: "Text" });
    const expanded = { details: { description: "Text", "@odata.etag": task.details.revision.etag } };
    expect((await bench.member.get(`/planner/tasks/${task.id}?$expand=details`)).body).toMatchObject(expanded);
    expect(await bench.member.list("/me/planner/tasks?$expand=details")).toMatchObject([expanded]);
    for (const listed of await bench.member.list(`/planner/plans/${planId}/tasks?$expand=details`)) expect(listed).not.toHaveProperty("details");
  });

  it("on one task is as the Microsoft tenant has it, whatever lists show; formats may be shown there alone", async () => {
    const { planId, taskId } = bench.plan();
    const query = "?$expand=details,bucketTaskBoardFormat,assignedToTaskBoardFormat,progressTaskBoardFormat";
    const { body } = await bench.member.get(`/planner/tasks/${taskId}/details`);
    await bench.member.patch(`/planner/tasks/${taskId}/details`, body["@odata.etag"], { description: "Now" });
    const shown = async () => (await bench.member.get(`/planner/tasks/${taskId}${query}`)).body as Record<string, object>;
    bench.store.behaviour.set({ expandTaskDetails: "ignored", expandDetails: "works" });
    expect(await shown()).not.toHaveProperty("details");
    expect(await shown()).not.toHaveProperty("bucketTaskBoardFormat");
    bench.store.behaviour.set({ expandTaskDetails: "hollow", expandFormats: "single" });
    expect(Object.keys((await shown()).details!).sort()).toEqual(["@odata.etag", "id", "previewType"]);
    expect((await bench.member.get(`/planner/tasks/${taskId}/bucketTaskBoardFormat`)).body).toMatchObject((await shown()).bucketTaskBoardFormat!);
    expect((await bench.member.list(`/planner/plans/${planId}/tasks${query}`))[0]).not.toHaveProperty("bucketTaskBoardFormat");
    bench.store.behaviour.set({ expandTaskDetails: "stale" });
    expect((await shown()).details).toMatchObject({ description: "" });
  });

  describe("on a plan's tasks is as the Microsoft tenant has it", () => {
    let path: string;
    const firstDetails = async (caller = bench.member) => (await caller.list(path))[0]!.details as Record<string, unknown> | undefined;
    beforeEach(async () => {
      const { planId, taskId } = bench.plan();
      path = `/planner/plans/${planId}/tasks?$expand=details,bucketTaskBoardFormat,assignedToTaskBoardFormat,progressTaskBoardFormat`;
      const { body } = await bench.member.get(`/planner/tasks/${taskId}/details`);
      await bench.member.patch(`/planner/tasks/${taskId}/details`, body["@odata.etag"], { description: "Now" });
    });

    it("works: what a direct read gives, etag included; only where it is set", async () => {
      bench.store.behaviour.set({ expandDetails: "works" }, bench.tenant.id);
      const [task] = await bench.member.list(path);
      expect((await bench.member.get(`/planner/tasks/${task!.id}/details`)).body).toEqual({ "@odata.context": expect.any(String), ...(task!.details as object) });
      bench.store.behaviour.set({ expandDetails: "ignored" });
      expect(await firstDetails()).toBeUndefined();
    });

    it("hollow: nothing but etag, id and previewType", async () => {
      bench.store.behaviour.set({ expandDetails: "hollow" });
      expect(Object.keys((await firstDetails())!).sort()).toEqual(["@odata.etag", "id", "previewType"]);
    });

    it("stale: one change ago, with the etag of then", async () => {
      bench.store.behaviour.set({ expandDetails: "stale" });
      const [task] = await bench.member.list(path);
      const direct = (await bench.member.get(`/planner/tasks/${task!.id}/details`)).body;
      expect(task!.details).toMatchObject({ description: "" });
      expect(String((task!.details as { "@odata.etag": string })["@odata.etag"]) < direct["@odata.etag"]).toBe(true);
      expect(direct.description).toBe("Now");
    });

    it("expands the three board formats only where that works", async () => {
      expect((await bench.member.list(path))[0]).not.toHaveProperty("bucketTaskBoardFormat");
      bench.store.behaviour.set({ expandFormats: "works" });
      const [task] = await bench.member.list(path);
      for (const name of ["bucketTaskBoardFormat", "assignedToTaskBoardFormat", "progressTaskBoardFormat"]) {
        expect((await bench.member.get(`/planner/tasks/${task!.id}/${name}`)).body).toEqual({ "@odata.context": expect.any(String), ...(task![name] as object) });
      }
    });
  });
});

/** https://learn.microsoft.com/graph/api/planneruser-list-tasks, planneruser-list-plans */
describe("a person's plans and tasks", () => {
  it("are the plans of the groups he is a member of, and the tasks assigned to him", async () => {
    const { planId } = bench.plan();
    const mine = bench.store.addTask({ planId, title: "Mine", createdBy: by, assignees: [id(12)] });
    expect((await bench.colleague.list("/me/planner/tasks")).map((task) => task.id)).toEqual([mine.id]);
    expect((await bench.colleague.list(`/users/${id(12)}/planner/tasks`)).map((task) => task.id)).toEqual([mine.id]);
    expect((await bench.colleague.list("/me/planner/plans")).map((plan) => plan.id)).toEqual([planId]);
    expect(await bench.ownerOnly.list("/me/planner/plans")).toEqual([]);
  });

  it("are his own for delegated callers; app-only callers read anybody's tasks and nobody's plans", async () => {
    const { planId } = bench.plan();
    bench.store.addTask({ planId, title: "Hers", createdBy: by, assignees: [id(12)] });
    expect((await bench.member.get(`/users/${id(12)}/planner/tasks`)).status).toBe(403);
    expect(await bench.app.list("/users/colleague@contoso.example/planner/tasks")).toHaveLength(1);
    expect((await bench.app.get(`/users/${id(12)}/planner/plans`)).status).toBe(403);
    expect((await bench.app.get("/me/planner/tasks")).status).toBe(400);
  });
});

describe("ids", () => {
  it("sometimes differ from another in case alone, and never repeat", () => {
    const { planId } = bench.plan();
    const ids = Array.from({ length: 500 }, () => bench.store.addTask({ planId, title: "x", createdBy: by }).id);
    expect(new Set(ids).size).toBe(500);
    expect(new Set(ids.map((one) => one.toLowerCase())).size).toBeLessThan(500);
  });

  it("are the same for the same seed", () => {
    expect(createBench().plan()).toEqual(createBench().plan());
  });
});
