import type { PlannerTaskDetails } from "@microsoft/microsoft-graph-types";
import { beforeEach, describe, expect, it } from "vitest";
import { decodeReferenceKey, encodeReferenceKey } from "./referenceKeys";
import { REPRESENTATION, checklistItem, createBench, id, reference } from "./testing";
import type { Answer, Bench } from "./testing";

let bench: Bench;
let path: string;
let taskId: string;
beforeEach(() => {
  bench = createBench();
  ({ taskId } = bench.plan());
  path = `/planner/tasks/${taskId}`;
});

const etagOf = async (url: string): Promise<string> => (await bench.member.get(url)).body["@odata.etag"];
const patch = async (body: unknown, resource = "details"): Promise<Answer> => bench.member.patch(`${path}/${resource}`, await etagOf(`${path}/${resource}`), body, REPRESENTATION);
const ITEM = "95e27074-6c4a-447a-aa24-9d718a0b86fa";
const URL_KEY = "https%3A//contoso%2Esharepoint%2Ecom/teams/agile/documents/AnnualReport%2Epptx";

/** https://learn.microsoft.com/graph/api/plannertaskdetails-update */
describe("task details", () => {
  it("exist as soon as the task does, with an etag of their own", async () => {
    const created = await bench.member.post("/planner/tasks", { planId: bench.store.findTask(taskId)!.plan.id, title: "New" });
    const answer = await bench.member.get(`/planner/tasks/${created.body.id}/details`);
    const details: PlannerTaskDetails = answer.body;
    expect(details).toMatchObject({ id: created.body.id, description: "", previewType: "automatic", checklist: {}, references: {} });
    expect(Buffer.from(/"(.+)"/.exec(answer.body["@odata.etag"])![1]!, "base64").toString()).toMatch(/^'1-TaskDetails @+.'$/);
  });

  it("refuse the task's etag with 412 (https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/7153)", async () => {
    expect(await bench.member.patch(`${path}/details`, await etagOf(path), { description: "x" })).toMatchObject({ status: 412, code: "", message: "The If-Match header contains an invalid value." });
    expect((await bench.member.patch(`${path}/details`, null, { description: "x" })).status).toBe(412);
  });

  it("feed the task's counts and hasDescription, and move the task's etag only when those change", async () => {
    const before = await etagOf(path);
    await patch({ description: "Text", previewType: "checklist", checklist: { [ITEM]: checklistItem({ title: "One", isChecked: true }) }, references: { [URL_KEY]: reference({ alias: "Report", type: "PowerPoint" }) } });
    const task = (await bench.member.get(path)).body;
    expect(task).toMatchObject({ hasDescription: true, checklistItemCount: 1, activeChecklistItemCount: 0, referenceCount: 1, previewType: "checklist" });
    expect(task["@odata.etag"]).not.toBe(before);
    await patch({ description: "Other text" });
    expect(await etagOf(path)).toBe(task["@odata.etag"]);
    await patch({ description: null });
    expect((await bench.member.get(path)).body.hasDescription).toBe(false);
  });

  it.each([{ previewType: "big" }, { previewType: null }, { description: 5 }, { id: "x" }, { notes: {} }, { title: "x" }])("refuse %j with 400", async (body) => {
    expect(await patch(body)).toMatchObject({ status: 400, code: "" });
  });

  it("of people outside the group are closed", async () => {
    expect((await bench.outsider.patch(`${path}/details`, await etagOf(`${path}/details`), { description: "x" })).status).toBe(403);
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannerchecklistitems */
describe("the checklist", () => {
  it("takes items under GUIDs chosen by the client, changes parts of them, and removes them with null", async () => {
    const added = await patch({ checklist: { [ITEM]: checklistItem({ title: "One", orderHint: " !" }) } });
    expect(added.body.checklist).toEqual({ [ITEM]: {
      "@odata.type": "#microsoft.graph.plannerChecklistItem", title: "One", isChecked: false, orderHint: expect.not.stringContaining("!"),
      lastModifiedBy: expect.objectContaining({ user: { displayName: null, id: id(11) } }), lastModifiedDateTime: expect.any(String),
    } });
    expect((await patch({ checklist: { [ITEM]: checklistItem({ isChecked: true }) } })).body.checklist).toMatchObject({ [ITEM]: { title: "One", isChecked: true } });
    expect((await patch({ checklist: { [ITEM]: null } })).body.checklist).toEqual({});
  });

  it.each([
    ["a key that is no GUID", { first: checklistItem({ title: "x" }) }],
    ["no type", { [ITEM]: { title: "x" } }],
    ["another type", { [ITEM]: reference({ alias: "x" }) }],
    ["an empty item", { [ITEM]: checklistItem({}) }],
    ["a new item without a title", { [ITEM]: checklistItem({ isChecked: true }) }],
    ["an empty title", { [ITEM]: checklistItem({ title: "" }) }],
    ["isChecked as text", { [ITEM]: checklistItem({ title: "x", isChecked: "yes" }) }],
    ["a stored order hint", { [ITEM]: checklistItem({ title: "x", orderHint: "8580000000R" }) }],
    ["a read-only property", { [ITEM]: checklistItem({ title: "x", lastModifiedDateTime: "2026-01-01T00:00:00Z" }) }],
    ["null for the whole", null],
  ])("refuses %s with 400", async (_name, checklist) => {
    expect(await patch({ checklist })).toMatchObject({ status: 400, code: "" });
  });

  it("is limited", async () => {
    bench.store.limits.checklistItemsPerTask = 1;
    const two = { [ITEM]: checklistItem({ title: "1" }), [id(55)]: checklistItem({ title: "2" }) };
    expect(await patch({ checklist: two })).toMatchObject({ status: 403, code: "MaximumChecklistItemsOnTask" });
  });

  it("merges items added by two people with the same etag", async () => {
    const etag = await etagOf(`${path}/details`);
    expect((await bench.member.patch(`${path}/details`, etag, { checklist: { [ITEM]: checklistItem({ title: "1" }) } })).status).toBe(204);
    expect((await bench.colleague.patch(`${path}/details`, etag, { checklist: { [id(55)]: checklistItem({ title: "2" }) } })).status).toBe(204);
    expect((await bench.colleague.patch(`${path}/details`, etag, { checklist: { [ITEM]: checklistItem({ title: "3" }) } })).status).toBe(409);
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannerexternalreferences */
describe("references", () => {
  it("have encoded URLs as keys, and go with null", async () => {
    const added = await patch({ references: { [URL_KEY]: reference({ alias: "Report", type: "PowerPoint", previewPriority: " !" }) } });
    expect(added.body.references).toMatchObject({ [URL_KEY]: { "@odata.type": "#microsoft.graph.plannerExternalReference", alias: "Report", type: "PowerPoint" } });
    expect((await patch({ references: { [URL_KEY]: null } })).body.references).toEqual({});
  });

  it.each([
    ["a bare URL", "https://contoso.sharepoint.com/a"],
    ["a dot that is not encoded", "https%3A//contoso.com/a"],
    ["a broken escape", "https%3A//contoso%2Ecom/100%"],
    ["another scheme", "ftp%3A//contoso%2Ecom/a"],
    ["a script", "javascript%3Aalert(1)"],
    ["no URL at all", "report"],
    ["a URL with a space: %20 must be sent as %2520", "https%3A//contoso%2Ecom/a%20b"],
  ])("refuse %s with 400", async (_name, key) => {
    expect(await patch({ references: { [key]: reference({ alias: "x" }) } })).toMatchObject({ status: 400, code: "" });
  });

  it.each([[{ alias: "x" }], [checklistItem({ title: "x" })], [reference({})], [reference({ alias: 5 })], [reference({ previewPriority: "8580" })], [reference({ lastModifiedBy: {} })]])("refuse the value %j", async (value) => {
    expect((await patch({ references: { [URL_KEY]: value } })).status).toBe(400);
  });

  it("are limited", async () => {
    bench.store.limits.referencesPerTask = 0;
    expect(await patch({ references: { [URL_KEY]: reference({ alias: "x" }) } })).toMatchObject({ status: 403, code: "MaximumReferencesOnTask" });
  });

  it("keys survive encoding and decoding", () => {
    for (const url of ["https://contoso.sharepoint.com/teams/a%20b/100%25/x@y#z", "http://[2001:db8::1]:8080/?q=ä", "https://contoso.com/"]) expect(decodeReferenceKey(encodeReferenceKey(url))).toBe(url);
    expect(encodeReferenceKey("https://contoso.sharepoint.com/teams/agile/documents/AnnualReport.pptx")).toBe(URL_KEY);
  });
});

/** https://learn.microsoft.com/graph/api/plannerbuckettaskboardtaskformat-update and the two beside it */
describe("board formats", () => {
  it.each(["bucketTaskBoardFormat", "progressTaskBoardFormat"])("%s has an order hint and an etag of its own", async (name) => {
    const { body } = await bench.member.get(`${path}/${name}`);
    expect(body).toMatchObject({ id: taskId, orderHint: expect.any(String) });
    const moved = await patch({ orderHint: `${body.orderHint} !` }, name);
    expect(String(moved.body.orderHint) > String(body.orderHint)).toBe(true);
    expect((await patch({ orderHint: moved.body.orderHint }, name)).status).toBe(400);
    for (const other of [path, `${path}/details`, `${path}/assignedToTaskBoardFormat`]) {
      expect((await bench.member.patch(`${path}/${name}`, await etagOf(other), { orderHint: " !" })).status).toBe(412);
    }
    expect((await bench.member.patch(`${path}/${name}`, null, { orderHint: " !" })).status).toBe(412);
  });

  it("assignedToTaskBoardFormat has a hint for each assignee", async () => {
    const name = "assignedToTaskBoardFormat";
    expect((await bench.member.get(`${path}/${name}`)).body).toMatchObject({ unassignedOrderHint: expect.any(String), orderHintsByAssignee: {} });
    const moved = await patch({ unassignedOrderHint: " !", orderHintsByAssignee: { [id(12)]: " !" } }, name);
    expect(moved).toMatchObject({ status: 200, body: { orderHintsByAssignee: { [id(12)]: expect.any(String) } } });
    for (const orderHintsByAssignee of [{ [id(12)]: "P" }, { someone: " !" }, { [id(77)]: " !" }]) expect((await patch({ orderHintsByAssignee }, name)).status).toBe(400);
  });
});
