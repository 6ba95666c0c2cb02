/** Answers that say 200 and do not hold what they should: nothing of them may pass for "there is nothing". */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createGovernor } from "@/lib/graph";
import { FakeClock } from "@/lib/graph/testing/fakes";
import { GROUPS, PEOPLE } from "@/simulator/fixtures";
import { ofKind, Stage } from "./testing/stage";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.simulator.close());
beforeEach(() => stage.reset());

interface Item { id: string; status: number; body?: unknown }

/** A client whose batches come back with some items altered. */
function altering(alter: (url: string, item: Item) => Item) {
  const clock = new FakeClock(1);
  return stage.cloud.graph({
    clock, governor: createGovernor({ clock }),
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).includes("$batch")) return response;
      const urls = new Map((JSON.parse(String(init?.body)) as { requests: { id: string; url: string }[] }).requests.map(({ id, url }) => [id, url]));
      const { responses } = (await response.json()) as { responses: Item[] };
      return Response.json({ responses: responses.map((item) => alter(urls.get(item.id)!, item)) });
    },
  });
}

test.each([
  ["no body", undefined], ["null", null], ["a string", "aGVsbG8="], ["an empty object", {}],
])("a list of tasks that is %s is no empty plan", async (_, body) => {
  const { plan } = stage.smallPlan();
  const graph = altering((url, item) => (/\/tasks(\?.*)?$/.test(url) ? { ...item, body } : item));
  await expect(stage.capture(plan, { graph })).rejects.toMatchObject({ code: "graph_unavailable" });
});

test.each([["no body", undefined], ["null", null], ["a string", "aGVsbG8="]])("details that are %s are a gap", async (_, body) => {
  const { plan, tasks } = stage.smallPlan();
  const graph = altering((url, item) => (url.endsWith(`/tasks/${tasks[0]!.id}/details`) ? { ...item, body } : item));
  const result = await stage.capture(plan, { graph });
  expect(result.gaps).toEqual([expect.objectContaining({ kind: "task", id: tasks[0]!.id, reason: "unavailable", permanent: false })]);
  expect(result.complete).toBe(false);
});

test("a second page without its items is no end of the list", async () => {
  const { plan } = stage.smallPlan();
  const graph = altering((url, item) => (/\/tasks$/.test(url) ? { ...item, body: { ...(item.body as object), "@odata.nextLink": `https://graph.microsoft.com/v1.0/planner/plans/${plan.id}/tasks?$skiptoken=2` } }
    : /skiptoken/.test(url) ? { ...item, status: 200, body: {} } : item));
  await expect(stage.capture(plan, { graph })).rejects.toMatchObject({ code: "graph_unavailable" });
});

/** Gives the second task a conversation. */
function withThread({ plan, tasks }: ReturnType<Stage["smallPlan"]>): string {
  const { mail } = stage.stores;
  const thread = mail.addThread(plan.groupId, "two");
  mail.addPost(thread, { sender: stage.contoso.users.get(PEOPLE.ben.id)!, content: "first" });
  return (tasks[1]!.conversationThreadId = thread.id);
}

test("a file of an e-mail in a conversation is named; its text is kept, and the snapshot is complete", async () => {
  const small = stage.smallPlan();
  withThread(small);
  const graph = altering((url, item) => (/\/posts/.test(url) ? { ...item, body: { value: (item.body as { value: object[] }).value.map((post) => ({ ...post, hasAttachments: true })) } } : item));
  const { gaps, complete, counts } = await stage.capture(small.plan, { graph });
  expect([gaps, complete, counts.records.comment]).toEqual([[expect.objectContaining({ kind: "comments", id: small.tasks[1]!.id, reason: "mail_file", permanent: true })], true, 1]);
});

test("a conversation whose pages go in a circle is a gap of that task, and not the end of the capture", async () => {
  const small = stage.smallPlan();
  const [{ plan, tasks }, thread] = [small, withThread(small)];
  const graph = altering((url, item) => (/\/posts/.test(url) ? { ...item, status: 200, body: { value: [], "@odata.nextLink": `https://graph.microsoft.com/v1.0/groups/${plan.groupId}/threads/${thread}/posts?$skip=1` } } : item));
  expect((await stage.capture(plan, { graph })).gaps).toEqual([expect.objectContaining({ kind: "comments", id: tasks[1]!.id, reason: "rejected", permanent: false })]);
});

test("what is listed twice is stored once", async () => {
  const { plan, tasks } = stage.smallPlan();
  const graph = altering((url, item) => (/\/(tasks|buckets|members)(\?.*)?$/.test(url) ? { ...item, body: { value: [...(item.body as { value: unknown[] }).value, ...(item.body as { value: unknown[] }).value] } } : item));
  const result = await stage.capture(plan, { graph });
  const records = await stage.recordsOf(result.manifestId);
  expect(ofKind(records, "bucket").length).toBe(1);
  expect(ofKind(records, "task").length).toBe(tasks.length);
  expect(new Set(ofKind(records, "group")[0]!.group.memberIds).size).toBe(ofKind(records, "group")[0]!.group.memberIds.length);
  expect(result.consistency.kind).toBe("quiescent");
});

test("a link to a folder is named: its files are not kept; a file of somebody's OneDrive is no web page", async () => {
  const url = stage.addFile("inside.txt", Buffer.from("x"));
  const { root } = stage.stores.drives.ofGroup(stage.contoso, stage.contoso.groups.get(GROUPS.marketing)!);
  stage.stores.drives.childFolder(root, "Designs");
  const { plan } = stage.plan([{ title: "one", references: [{ url: url.replace("inside.txt", "Designs") }, { url: "https://contoso-my.sharepoint.com/personal/ann_contoso_com/Documents/Budget.xlsx" }] }]);
  const { gaps, complete } = await stage.capture(plan);
  expect(gaps.map(({ kind, reason, permanent }) => `${kind} ${reason} ${permanent}`).sort()).toEqual(["file forbidden false", "file not_a_file true"]);
  expect(complete).toBe(false);
});
