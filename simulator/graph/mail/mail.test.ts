import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTOSO, GROUPS, PEOPLE } from "../../fixtures";
import { startSimulator, type Simulator } from "../../server";
import { callerFor, type Caller } from "../../testing";

let simulator: Simulator;
let backup: Caller;
beforeAll(async () => {
  simulator = await startSimulator({ size: "small" });
  backup = await callerFor(simulator);
});
afterAll(() => simulator.close());

const threads = `/groups/${GROUPS.marketing}/threads`;
const thread = (content: string) => ({ topic: "Comments on task", posts: [{ body: { contentType: "html", content } }] });

describe("conversation threads (group-post-threads, conversationthread-reply, conversationthread-list-posts)", () => {
  it("a thread is created with 201 and an id; a reply is 202 without a body and shows up in the posts", async () => {
    const made = await backup.send("POST", threads, thread("<p>first</p>"));
    expect(made.status).toBe(201);
    simulator.stores.mail.replyLagMs = 30_000;
    const reply = await backup.send("POST", `${threads}/${made.body.id}/reply`, { post: { body: { contentType: "text", content: "second" } } });
    expect(reply.status).toBe(202);
    expect(reply.body.bytes).toHaveLength(0);
    const posts = async () => (await backup.get(`${threads}/${made.body.id}/posts`)).body.value.map((post) => (post["body"] as { content: string }).content);
    expect(await posts()).toEqual(["<p>first</p>"]);
    simulator.world.moveClock(31_000);
    expect(await posts()).toEqual(["<p>first</p>", "second"]);
    simulator.stores.mail.replyLagMs = 0;
  });

  it("seeded comments are HTML mail: the text between Planner's heading and its link to the task", async () => {
    const task = [...simulator.stores.planner.allPlans(CONTOSO.tenantId)[0]!.tasks.values()].find((candidate) => candidate.title === "Write the press release")!;
    const page = await backup.get(`${threads}/${task.conversationThreadId}/posts?$top=2`);
    expect(page.body.value).toHaveLength(2);
    expect(page.body.value[0]).toMatchObject({ from: { emailAddress: { name: "Ben Okafor", address: "ben@contoso.example" } }, body: { contentType: "html" } });
    expect((page.body.value[0]!["body"] as { content: string }).content).toContain("Open in Microsoft Planner");
    const rest = await backup.get(page.body["@odata.nextLink"]!);
    expect(rest.body.value).toHaveLength(1);
    expect(rest.body["@odata.nextLink"]).toBeUndefined();
  });

  it("writing is for delegated callers only: an app is refused, though it may read", async () => {
    const app = await callerFor(simulator, { roles: ["Group.ReadWrite.All", "Group-Conversation.ReadWrite.All"] });
    expect((await app.send("POST", threads, thread("no"))).status).toBe(403);
    expect((await app.get(threads)).status).toBe(200);
  });

  it("an account without an Exchange Online mailbox gets MailboxNotEnabledForRESTAPI", async () => {
    const lite = await callerFor(simulator, { user: PEOPLE.lite });
    const refused = await lite.send("POST", threads, thread("no"));
    expect(refused.body.error.code).toBe("MailboxNotEnabledForRESTAPI");
  });

  it("only members of the group see its conversations", async () => {
    const outsider = await callerFor(simulator, { user: PEOPLE.alice });
    expect((await outsider.get(`/groups/${GROUPS.legal}/threads`)).status).toBe(403);
  });

  it("a thread of one group is not found in another group's mailbox", async () => {
    const made = await backup.send("POST", threads, thread("here"));
    expect((await backup.get(`/groups/${GROUPS.finance}/threads/${made.body.id}/posts`)).status).toBe(404);
  });
});
