import type { PlannerTask } from "@microsoft/microsoft-graph-types";
import { beforeEach, describe, expect, it } from "vitest";
import { APP_ID, REPRESENTATION, assignment, createBench, id } from "./testing";
import type { Answer, Bench } from "./testing";

let bench: Bench;
let planId: string;
let bucketId: string;
let taskId: string;
beforeEach(() => {
  bench = createBench();
  ({ planId, bucketId, taskId } = bench.plan());
});

const etagOf = async (path: string): Promise<string> => (await bench.member.get(path)).body["@odata.etag"];
const patchTask = async (body: unknown): Promise<Answer> => bench.member.patch(`/planner/tasks/${taskId}`, await etagOf(`/planner/tasks/${taskId}`), body, REPRESENTATION);
const createTask = (body: Record<string, unknown>): Promise<Answer> => bench.member.post("/planner/tasks", { planId, title: "New", ...body });

/** https://learn.microsoft.com/graph/api/planner-post-tasks */
describe("creating a task", () => {
  it("answers 201 with the task, its etag and its defaults", async () => {
    const answer = await createTask({ bucketId });
    expect(answer.status).toBe(201);
    const task: PlannerTask = answer.body;
    expect(task).toMatchObject({
      title: "New", planId, bucketId, percentComplete: 0, priority: 5, previewType: "automatic", hasDescription: false, referenceCount: 0,
      checklistItemCount: 0, activeChecklistItemCount: 0, startDateTime: null, dueDateTime: null, completedBy: null, completedDateTime: null,
      conversationThreadId: null, appliedCategories: {}, assignments: {}, assigneePriority: "",
      createdBy: { user: { displayName: null, id: id(11) }, application: { displayName: null, id: APP_ID } },
    });
    expect(answer.body["@odata.etag"]).toBe(await etagOf(`/planner/tasks/${task.id}`));
    expect(answer.body).not.toHaveProperty("lastModifiedDateTime");
  });

  it("puts the newest first when no hint is sent (planner-order-hint-format)", async () => {
    const [first, second] = [await createTask({ bucketId }), await createTask({ bucketId })];
    expect(String(second.body.orderHint) < String(first.body.orderHint)).toBe(true);
  });

  it.each([
    ["no title", { title: undefined }],
    ["a blank title", { title: " " }],
    ["a title that is too long", { title: "x".repeat(256) }],
    ["no plan", { planId: undefined }],
    ["a plan id of the wrong form", { planId: "x" }],
    ["an id of the client's choice", { id: "A".repeat(28) }],
    ["a read-only property", { createdDateTime: "2020-01-01T00:00:00Z" }],
    ["a derived property", { hasDescription: true }],
    ["previewType, which belongs to details", { previewType: "checklist" }],
    ["details inside the task", { details: { description: "x" } }],
    ["an unknown property", { colour: "red" }],
    ["an etag in the body", { "@odata.etag": "x" }],
    ["the wrong type name", { "@odata.type": "#microsoft.graph.plannerBucket" }],
    ["percentComplete over 100", { percentComplete: 101 }],
    ["percentComplete as text", { percentComplete: "50" }],
    ["priority 11", { priority: 11 }],
    ["a date without a time zone", { dueDateTime: "2026-01-01T00:00:00" }],
    ["a date that is none", { dueDateTime: "tomorrow" }],
    ["an order hint as the service returns them", { orderHint: "8585371316800245114P\\" }],
    ["a null order hint", { orderHint: null }],
    ["category26", { appliedCategories: { category26: true } }],
    ["a category named by text", { appliedCategories: { category1: "yes" } }],
  ])("refuses %s with 400 and an empty code", async (_name, body) => {
    expect(await createTask(body)).toMatchObject({ status: 400, code: "" });
  });

  it("refuses a start after the due date, in Planner's words", async () => {
    expect(await createTask({ startDateTime: "2026-02-02T10:00:00Z", dueDateTime: "2026-02-01T10:00:00Z" })).toMatchObject({
      status: 400,
      message: "Schema validation has failed. Validation for field 'DueDate', on entity 'Task' has failed: DueDate cannot be earlier than the StartDate",
    });
  });

  it("refuses a bucket of another plan", async () => {
    expect((await createTask({ bucketId: bench.plan().bucketId })).status).toBe(400);
  });

  it("stamps who completed it when it is created complete", async () => {
    expect((await createTask({ percentComplete: 100 })).body).toMatchObject({ completedBy: { user: { id: id(11) } }, completedDateTime: expect.any(String) });
  });

  it("is refused for those outside the group", async () => {
    expect(await bench.outsider.post("/planner/tasks", { planId, title: "x" })).toMatchObject({ status: 403, code: "" });
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannerassignments */
describe("assignments", () => {
  it("need the type and an order hint, are stamped by the service, and go with null", async () => {
    const { body } = await createTask({ assignments: { [id(12)]: assignment() } });
    expect(body.assignments).toEqual({
      [id(12)]: { "@odata.type": "#microsoft.graph.plannerAssignment", assignedBy: expect.anything(), assignedDateTime: expect.any(String), orderHint: expect.not.stringContaining("!") },
    });
    expect(body.assigneePriority).toMatch(/^\d{19}$/);
    const removed = await bench.member.patch(`/planner/tasks/${body.id}`, body["@odata.etag"], { assignments: { [id(12)]: null } }, REPRESENTATION);
    expect(removed.body.assignments).toEqual({});
  });

  it.each([
    ["no type", { [id(12)]: { orderHint: " !" } }],
    ["another type", { [id(12)]: { "@odata.type": "#microsoft.graph.plannerChecklistItem", orderHint: " !" } }],
    ["no order hint", { [id(12)]: { "@odata.type": "#microsoft.graph.plannerAssignment" } }],
    ["a stored order hint", { [id(12)]: assignment("P") }],
    ["assignedBy", { [id(12)]: { ...assignment(), assignedBy: {} } }],
    ["a key that is no id", { someone: assignment() }],
    ["a person who does not exist", { [id(77)]: assignment() }],
    ["a person of another tenant", { [id(31)]: assignment() }],
  ])("with %s are refused with 400", async (_name, assignments) => {
    expect(await createTask({ assignments })).toMatchObject({ status: 400, code: "" });
  });

  it("accept the type name with and without '#'", async () => {
    expect((await createTask({ assignments: { [id(12)]: { "@odata.type": "microsoft.graph.plannerAssignment", orderHint: " !" } } })).status).toBe(201);
  });

  it("may go to people outside the group unless the store is told to refuse that", async () => {
    expect((await createTask({ assignments: { [id(13)]: assignment() } })).status).toBe(201);
    bench.store.assigneesMustBeMembers = true;
    expect((await createTask({ assignments: { [id(13)]: assignment() } })).status).toBe(400);
  });
});

/** https://learn.microsoft.com/graph/api/plannertask-update */
describe("changing a task", () => {
  it("writes what is sent and keeps the rest", async () => {
    const { body } = await patchTask({ title: "Renamed", priority: 1, startDateTime: "2026-01-01T10:00:00+02:00", dueDateTime: "2026-01-02T10:00:00Z", appliedCategories: { category3: true, category25: true }, conversationThreadId: "AAQk" });
    expect(body).toMatchObject({ title: "Renamed", priority: 1, startDateTime: "2026-01-01T08:00:00Z", dueDateTime: "2026-01-02T10:00:00Z", appliedCategories: { category3: true, category25: true }, conversationThreadId: "AAQk", bucketId });
    expect((await patchTask({ appliedCategories: { category3: false }, dueDateTime: null })).body).toMatchObject({ appliedCategories: { category25: true }, dueDateTime: null, title: "Renamed" });
  });

  it("cannot move it to another plan, nor write its details", async () => {
    expect((await patchTask({ planId: bench.plan().planId })).status).toBe(400);
    expect((await patchTask({ details: { description: "x" } })).message).toContain("Cannot apply PATCH to navigation property 'details'");
  });

  it("checks a new due date against the start date it has", async () => {
    await patchTask({ startDateTime: "2026-02-02T10:00:00Z" });
    expect((await patchTask({ dueDateTime: "2026-02-01T10:00:00Z" })).status).toBe(400);
  });

  it("stamps completion at 100 percent and takes the stamp away below", async () => {
    expect((await patchTask({ percentComplete: 100 })).body).toMatchObject({ completedBy: { user: { id: id(11) } }, completedDateTime: expect.any(String) });
    expect((await patchTask({ percentComplete: 50 })).body).toMatchObject({ completedBy: null, completedDateTime: null });
  });

  it("resolves order hints to short values in the gap; the value returned cannot be sent back", async () => {
    const other = await createTask({ bucketId });
    const { body } = await patchTask({ orderHint: `${other.body.orderHint} !` });
    expect(String(body.orderHint) > String(other.body.orderHint)).toBe(true);
    expect(await patchTask({ orderHint: body.orderHint })).toMatchObject({ status: 400, code: "" });
  });

  it("merges with an older etag, answers 409 on a conflict and 412 for another resource's etag (planner-overview)", async () => {
    const path = `/planner/tasks/${taskId}`;
    const old = await etagOf(path);
    expect((await bench.colleague.patch(path, old, { title: "Theirs" })).status).toBe(204);
    expect((await bench.member.patch(path, old, { priority: 1 }, REPRESENTATION)).body).toMatchObject({ title: "Theirs", priority: 1 });
    expect((await bench.member.patch(path, old, { title: "Mine" })).status).toBe(409);
    expect((await bench.member.delete(path, old)).status).toBe(409);
    expect((await bench.member.patch(path, await etagOf(`${path}/details`), { title: "Mine" })).status).toBe(412);
    expect((await bench.member.delete(path, await etagOf(path))).status).toBe(204);
    expect(await bench.member.get(path)).toMatchObject({ status: 404, code: "" });
  });

  it("shows the time of the last change in beta only (plannertask?view=graph-rest-beta)", async () => {
    expect((await bench.member.get(`/beta/planner/tasks/${taskId}`)).body).toMatchObject({ lastModifiedDateTime: expect.any(String) });
    expect((await bench.member.get(`/planner/tasks/${taskId}`)).body).not.toHaveProperty("lastModifiedDateTime");
  });
});

/** https://learn.microsoft.com/office365/planner/planner-limits; codes in planner-overview (Common error conditions) */
describe("limits answer 403 with their own code", () => {
  it.each([
    ["MaximumTasksInProject", "tasksPerPlan", 1, {}],
    ["MaximumActiveTasksInProject", "activeTasksPerPlan", 1, {}],
    ["MaximumTasksCreatedByUser", "tasksCreatedByUser", 1, {}],
    ["MaximumTasksAssignedToUser", "tasksAssignedToUser", 0, { assignments: { [id(12)]: assignment() } }],
    ["MaximumAssigneesInTasks", "assigneesPerTask", 1, { assignments: { [id(11)]: assignment(), [id(12)]: assignment() } }],
  ] as const)("%s", async (code, limit, value, body) => {
    bench.store.limits[limit] = value;
    expect(await createTask(body)).toMatchObject({ status: 403, code });
  });

  it("the limit of active tasks lets complete ones pass, and stops re-opening", async () => {
    bench.store.limits.activeTasksPerPlan = 1;
    const done = await createTask({ percentComplete: 100 });
    expect(done.status).toBe(201);
    expect(await bench.member.patch(`/planner/tasks/${done.body.id}`, done.body["@odata.etag"], { percentComplete: 50 })).toMatchObject({ status: 403, code: "MaximumActiveTasksInProject" });
  });
});

/** https://learn.microsoft.com/graph/api/planner-post-buckets, plannerbucket-update, plannerbucket-delete, plannerbucket-list-tasks */
describe("buckets", () => {
  it("are created with a name and a plan, listed, renamed and moved", async () => {
    const created = await bench.member.post("/planner/buckets", { name: "Doing", planId, orderHint: " !" });
    expect(created).toMatchObject({ status: 201, body: { name: "Doing", planId } });
    const path = `/planner/buckets/${created.body.id}`;
    const first = await etagOf(`/planner/buckets/${bucketId}`);
    expect(first).toMatch(/^W\//);
    const renamed = await bench.member.patch(path, created.body["@odata.etag"], { name: "Done", orderHint: `${created.body.orderHint} !` }, REPRESENTATION);
    expect(renamed.body.name).toBe("Done");
    expect(String(renamed.body.orderHint) > String(created.body.orderHint)).toBe(true);
    expect(await bench.member.list(`/planner/plans/${planId}/buckets`)).toHaveLength(2);
    expect((await bench.member.list(`/planner/buckets/${bucketId}/tasks`)).map((task) => task.id)).toEqual([taskId]);
  });

  it("name the wrong plan id in Planner's words", async () => {
    expect(await bench.member.post("/planner/buckets", { name: "x", planId: "wrong" })).toMatchObject({
      status: 400, code: "", message: "Schema validation has failed. Validation for field 'PlanId', on entity 'Bucket' has failed: The specified identifier is invalid.",
    });
  });

  it.each([{ name: "" }, { name: "x", orderHint: "P" }, { name: "x", id: "A".repeat(28) }, { name: "x", tasks: [] }])("refuse %j with 400", async (body) => {
    expect((await bench.member.post("/planner/buckets", { planId, ...body })).status).toBe(400);
  });

  it("cannot change their plan, and need If-Match", async () => {
    const path = `/planner/buckets/${bucketId}`;
    expect((await bench.member.patch(path, await etagOf(path), { planId })).status).toBe(400);
    expect((await bench.member.patch(path, null, { name: "x" })).status).toBe(412);
    expect((await bench.member.delete(path, null)).status).toBe(412);
  });

  it("take their tasks along when deleted", async () => {
    const path = `/planner/buckets/${bucketId}`;
    expect((await bench.member.delete(path, await etagOf(path))).status).toBe(204);
    expect((await bench.member.get(`/planner/tasks/${taskId}`)).status).toBe(404);
  });

  it("are limited in number", async () => {
    bench.store.limits.bucketsPerPlan = 1;
    expect(await bench.member.post("/planner/buckets", { name: "x", planId })).toMatchObject({ status: 403, code: "MaximumBucketsInProject" });
  });
});
