import { beforeEach, describe, expect, it } from "vitest";
import { asNotes, plainText, sanitized } from "./notes";
import { REPRESENTATION, checklistItem, createBench, id } from "./testing";
import type { Answer, Bench } from "./testing";

let bench: Bench;
let ids: { planId: string; bucketId: string; taskId: string };
let task: string;
beforeEach(() => {
  bench = createBench();
  ids = bench.plan();
  task = `/planner/tasks/${ids.taskId}`;
});

const etagOf = async (path: string): Promise<string> => (await bench.member.get(path)).body["@odata.etag"];
const patchDetails = async (body: unknown, version = "/beta"): Promise<Answer> => bench.member.patch(`${version}${task}/details`, await etagOf(`${task}/details`), body, REPRESENTATION);

const BETA_ONLY = {
  task: ["recurrence", "specifiedCompletionRequirements", "isArchived", "archivalInfo", "lastModifiedDateTime", "lastModifiedBy", "hasChat", "creationSource"],
  plan: ["isArchived", "archivalInfo", "creationSource"],
  bucket: ["isArchived", "archivalInfo", "creationSource"],
  details: ["notes", "completionRequirements"],
};
const pathOf = (kind: keyof typeof BETA_ONLY): string =>
  ({ task, plan: `/planner/plans/${ids.planId}`, bucket: `/planner/buckets/${ids.bucketId}`, details: `${task}/details` })[kind];

/** https://learn.microsoft.com/graph/api/resources/plannertask?view=graph-rest-beta, plannerplan, plannerbucket, plannertaskdetails */
describe("beta beside v1.0", () => {
  it.each(["task", "plan", "bucket", "details"] as const)("shows a %s with everything v1.0 has and more; v1.0 shows none of that", async (kind) => {
    const stable = (await bench.member.get(pathOf(kind))).body;
    const beta = (await bench.member.get(`/beta${pathOf(kind)}`)).body;
    for (const name of BETA_ONLY[kind]) {
      expect(beta, name).toHaveProperty(name);
      expect(stable, name).not.toHaveProperty(name);
    }
    for (const [name, value] of Object.entries(stable)) if (name !== "@odata.context" && name !== "container") expect(beta[name], name).toEqual(value);
  });

  it.each(["task", "plan", "bucket", "details"] as const)("refuses to write what only beta has of a %s through v1.0", async (kind) => {
    for (const name of BETA_ONLY[kind]) {
      expect(await bench.member.patch(pathOf(kind), await etagOf(pathOf(kind)), { [name]: null }), name).toMatchObject({ status: 400, message: expect.stringContaining("does not exist on type") });
    }
  });

  it("does not let a client write what the service sets", async () => {
    for (const kind of ["task", "plan", "bucket"] as const) {
      for (const name of BETA_ONLY[kind].filter((one) => one !== "recurrence")) expect((await bench.member.patch(`/beta${pathOf(kind)}`, await etagOf(pathOf(kind)), { [name]: null })).status, `${kind} ${name}`).toBe(400);
    }
    expect((await patchDetails({ forms: {} })).status).toBe(400);
  });

  it("names the group in its own version", async () => {
    expect((await bench.member.get(`/beta/planner/plans/${ids.planId}`)).body.container).toMatchObject({ url: `https://graph.microsoft.com/beta/groups/${id(21)}`, type: "group" });
  });

  it("creates and changes through beta as through v1.0", async () => {
    const made = await bench.member.post("/beta/planner/tasks", { planId: ids.planId, title: "Beta" });
    expect(made).toMatchObject({ status: 201, body: { recurrence: null, isArchived: false } });
    expect((await bench.member.patch(`/beta/planner/tasks/${made.body.id}`, made.body["@odata.etag"], { priority: 1 }, REPRESENTATION)).body).toMatchObject({ priority: 1, hasChat: false });
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannertask?view=graph-rest-beta (lastModifiedDateTime) */
describe("the time of the last change", () => {
  const lastModified = async () => String((await bench.member.get(`/beta${task}`)).body.lastModifiedDateTime);
  const changes: [string, () => Promise<unknown>][] = [
    ["the task", async () => bench.member.patch(task, await etagOf(task), { priority: 1 })],
    ["its details", async () => patchDetails({ description: "x" }, "")],
    ...["bucketTaskBoardFormat", "progressTaskBoardFormat"].map((name): [string, () => Promise<unknown>] => [name, async () => bench.member.patch(`${task}/${name}`, await etagOf(`${task}/${name}`), { orderHint: " !" })]),
    ["assignedToTaskBoardFormat", async () => bench.member.patch(`${task}/assignedToTaskBoardFormat`, await etagOf(`${task}/assignedToTaskBoardFormat`), { unassignedOrderHint: " !" })],
  ];

  it.each(changes)("moves when %s changes, even within one tick of the clock", async (_, change) => {
    const [before] = [await lastModified(), await change()];
    const [between] = [await lastModified(), await change()];
    expect(between > before).toBe(true);
    expect((await lastModified()) > between).toBe(true);
  });

  it("stays when details change in a tenant that lies, but moves for everything else", async () => {
    bench.store.behaviour.set({ lyingLastModified: true }, bench.tenant.id);
    for (const [name, change] of changes) {
      const [before] = [await lastModified(), await change()];
      expect((await lastModified()) > before, name).toBe(name !== "its details");
    }
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannertaskdetails?view=graph-rest-beta (notes) */
describe("rich notes", () => {
  it("give the description its plain text, and v1.0 sees only that", async () => {
    const content = "<p>One &amp; <b>two</b></p><ul><li>three</li></ul>";
    expect((await patchDetails({ notes: { contentType: "html", content } })).body).toMatchObject({ notes: { contentType: "html", content }, description: "One & two\nthree" });
    expect((await bench.member.get(`${task}/details`)).body).toMatchObject({ description: "One & two\nthree" });
    expect((await bench.member.get(task)).body.hasDescription).toBe(true);
  });

  it("are the description in minimal markup when that was set, and a new description replaces them", async () => {
    await patchDetails({ notes: { contentType: "html", content: "<b>rich</b>" } });
    const { body } = await patchDetails({ description: "a < b\n  c" }, "");
    expect(body.description).toBe("a < b\n  c");
    const { notes } = (await bench.member.get(`/beta${task}/details`)).body as unknown as { notes: { content: string } };
    expect(notes.content).toBe("<div>a &lt; b<br> &nbsp;c</div>");
    expect((await patchDetails({ notes: null })).body).toMatchObject({ description: "", notes: { content: "" } });
  });

  it.each([
    ["together with the description", { notes: { contentType: "html", content: "x" }, description: "x" }],
    ["as plain text", { notes: { contentType: "text", content: "x" } }],
    ["without content", { notes: { contentType: "html" } }],
    ["as a string", { notes: "x" }],
  ])("are refused %s with 400", async (_, body) => {
    expect((await patchDetails(body)).status).toBe(400);
  });

  it("conflict with a description that somebody else changed meanwhile: they are one text", async () => {
    const etag = await etagOf(`${task}/details`);
    expect((await bench.colleague.patch(`${task}/details`, etag, { description: "Theirs" })).status).toBe(204);
    expect((await bench.member.patch(`/beta${task}/details`, etag, { notes: { contentType: "html", content: "Mine" } })).status).toBe(409);
  });

  it("are sanitized, and plain text survives the way there and back", () => {
    expect(sanitized('<p onclick="x()">a<script>alert(1)</script></p><img src=x onerror=y>')).toBe("<p>a</p><img src=x>");
    for (const text of ["", "one", "a & b\n<c>\n\nd"]) expect(plainText(asNotes(text))).toBe(text);
    expect(plainText("&#65;&#x42;&unknown;&#99999999;")).toBe("AB&unknown;&#99999999;");
  });
});

/** https://learn.microsoft.com/graph/api/resources/plannertaskcompletionrequirementdetails?view=graph-rest-beta */
describe("completion requirements", () => {
  const [ITEM, OTHER] = [id(51), id(52)];
  const require = (...requiredChecklistItemIds: string[]) => ({ completionRequirements: { checklistRequirement: { requiredChecklistItemIds } } });
  beforeEach(async () => {
    await patchDetails({ checklist: { [ITEM]: checklistItem({ title: "One" }), [OTHER]: checklistItem({ title: "Two" }) } });
  });

  it("name checklist items, show on the task, and hold completing back until those are checked", async () => {
    expect((await patchDetails(require(ITEM))).body).toMatchObject(require(ITEM));
    expect((await bench.member.get(`/beta${task}`)).body.specifiedCompletionRequirements).toBe("checklistCompletion");
    expect((await bench.member.patch(task, await etagOf(task), { percentComplete: 100 })).status).toBe(400);
    await patchDetails({ checklist: { [ITEM]: checklistItem({ isChecked: true }) } });
    expect((await bench.member.patch(task, await etagOf(task), { percentComplete: 100 })).status).toBe(204);
  });

  it("go with null, and with the item", async () => {
    await patchDetails(require(ITEM));
    expect((await patchDetails({ checklist: { [ITEM]: null } })).body).toMatchObject(require());
    expect((await bench.member.get(`/beta${task}`)).body.specifiedCompletionRequirements).toBe("none");
    expect((await patchDetails({ completionRequirements: null })).body.completionRequirements).toBeNull();
  });

  it("may name an item that comes with them, and no other", async () => {
    const made = { checklist: { [id(53)]: checklistItem({ title: "Three" }) }, ...require(id(53)) };
    expect((await patchDetails(made)).status).toBe(200);
    for (const body of [require(id(54)), { completionRequirements: { approvalRequirement: { isApprovalRequired: true } } }, { completionRequirements: { checklistRequirement: {} } }, { completionRequirements: 5 }]) {
      expect((await patchDetails(body)).status, JSON.stringify(body)).toBe(400);
    }
  });
});
