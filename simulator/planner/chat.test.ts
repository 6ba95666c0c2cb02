import { beforeEach, describe, expect, it } from "vitest";
import { createBench, id } from "./testing";
import type { Bench } from "./testing";

let bench: Bench;
let taskId: string;
let path: string;
beforeEach(() => {
  bench = createBench();
  ({ taskId } = bench.plan());
  path = `/beta/planner/tasks/${taskId}/messages`;
});

const say = (content: string, caller = bench.member) => caller.post(path, { content });
const mention = '<div><span itemid="0" itemtype="https://schema.skype.com/Mention/Person"></span> look</div>';

/** https://learn.microsoft.com/graph/api/plannertask-post-messages?view=graph-rest-beta, resources/plannertaskchatmessage */
describe("a task's chat", () => {
  it("takes messages of members and shows them in beta; the task then has a chat and a new etag", async () => {
    const etag = (await bench.member.get(`/planner/tasks/${taskId}`)).body["@odata.etag"];
    const made = await say("Hello <script>x</script>");
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/), messageType: "richTextHtml", content: "Hello ", parentEntityId: taskId, deletedTime: null, editedTime: null, mentions: [], reactions: [],
      createdBy: { user: { displayName: null, id: id(11) } }, createdDateTime: expect.any(String),
    });
    const task = (await bench.member.get(`/beta/planner/tasks/${taskId}`)).body;
    expect(task.hasChat).toBe(true);
    expect(task["@odata.etag"] > etag).toBe(true);
    expect((await bench.member.get(path.replace("/beta", ""))).status).toBe(404);
  });

  it("mentions people at numbered places of the content", async () => {
    const mentions = [{ mentioned: id(12), position: 0, mentionType: "user" }];
    expect((await bench.member.post(path, { content: mention, mentions })).body).toMatchObject({ content: mention, mentions });
    const wrong = [{ mentioned: id(77), position: 0, mentionType: "user" }, { mentioned: id(12), position: 1, mentionType: "user" }, { mentioned: id(12), position: 0, mentionType: "tag" }];
    for (const one of wrong) expect((await bench.member.post(path, { content: mention, mentions: [one] })).status, JSON.stringify(one)).toBe(400);
  });

  it.each([{}, { content: "" }, { content: 5 }, { content: "x", id: id(1) }, { content: "x", createdDateTime: "2020-01-01T00:00:00Z" }, { content: "x", parentEntityId: "y" }])("refuses %j with 400", async (body) => {
    expect((await bench.member.post(path, body)).status).toBe(400);
  });

  it("is for delegated callers with the Tasks permissions in the group: no app, no Group.* permission, no outsider (permissions-reference)", async () => {
    expect((await bench.app.get(path)).status).toBe(403);
    expect((await say("x", bench.app)).status).toBe(403);
    expect((await bench.outsider.get(path)).status).toBe(403);
    const having = (...permissions: string[]) => bench.caller({ userId: id(11), permissions });
    expect((await having("Group.ReadWrite.All").get(path)).status).toBe(403);
    expect((await having("Tasks.Read").get(path)).status).toBe(200);
    expect((await say("x", having("Tasks.Read"))).status).toBe(403);
  });
});

/** https://learn.microsoft.com/graph/api/plannertask-list-messages?view=graph-rest-beta */
describe("the list of messages", () => {
  it("comes newest first in pages by $skipToken, which new messages do not shift", async () => {
    bench.store.chatPageSize = 2;
    for (const content of ["1", "2", "3", "4", "5"]) await say(content);
    const first = await bench.member.get(path);
    await say("6");
    const rest = await bench.member.list(first.body["@odata.nextLink"] as string);
    expect([...(first.body.value as { content: string }[]), ...rest].map((message) => message.content)).toEqual(["5", "4", "3", "2", "1"]);
    expect(first.body["@odata.nextLink"]).toContain("$skipToken=");
  });

  it.each(["$top=1", "$select=id", "$filter=x", "$orderby=createdDateTime", "$skip=1", "$skipToken=zzz"])("refuses %s with 400", async (option) => {
    expect((await bench.member.get(`${path}?${option}`)).status).toBe(400);
  });

  it("names properties as the metadata does where a tenant has it so", async () => {
    await say("x");
    bench.store.behaviour.set({ chatNames: "metadata" });
    const [message] = await bench.member.list(path);
    expect(message).toMatchObject({ deletedDateTime: null, editedDateTime: null });
    expect(message).not.toHaveProperty("deletedTime");
  });
});

/** https://learn.microsoft.com/graph/api/plannertaskchatmessage-update?view=graph-rest-beta, plannertaskchatmessage-delete */
describe("a message", () => {
  it("is changed by its author without If-Match, and says when", async () => {
    const { body } = await say("first");
    expect((await bench.member.patch(`${path}/${body.id}`, null, { content: "second" }))).toMatchObject({ status: 200, body: { content: "second", editedTime: expect.any(String) } });
    expect((await bench.colleague.patch(`${path}/${body.id}`, null, { content: "mine" })).status).toBe(403);
    expect((await bench.member.patch(`${path}/${id(99)}`, null, { content: "x" })).status).toBe(404);
  });

  it("leaves a marker when it is deleted: listed, empty, dated, and the task keeps its chat", async () => {
    const { body } = await bench.member.post(path, { content: mention, mentions: [{ mentioned: id(12), position: 0, mentionType: "user" }] });
    expect((await bench.colleague.delete(`${path}/${body.id}`, null)).status).toBe(403);
    expect((await bench.member.delete(`${path}/${body.id}`, null)).status).toBe(204);
    expect(await bench.member.list(path)).toMatchObject([{ id: body.id, content: "", mentions: [], deletedTime: expect.any(String) }]);
    expect((await bench.member.get(`/beta/planner/tasks/${taskId}`)).body.hasChat).toBe(true);
    expect((await bench.member.patch(`${path}/${body.id}`, null, { content: "x" })).status).toBe(409);
  });
});
