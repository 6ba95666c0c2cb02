/** Captures of Microsoft's beta interface: more is kept, v1.0 stands in, and the snapshot before is built upon while the signal is true. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BACKUP_SCOPES, CONTOSO, PEOPLE, APPS } from "@/simulator/fixtures";
import { addMessage } from "@/simulator/planner/chat";
import type { TaskRecord } from "@/simulator/planner";
import * as render from "@/simulator/planner/render";
import { withoutAnnotations } from "./annotations";
import { mayTakeOver } from "./takeover";
import { me, ofKind, Stage, tasksOf, tasksTruth } from "./testing/stage";
import type { ReadingFacts } from "./types";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.simulator.close());
beforeEach(() => stage.reset());

/** The backup account without the permission that chats take, as after an older consent. */
const withoutChat = () => stage.cloud.graph({
  tokens: () => stage.simulator.token({ tenantId: CONTOSO.tenantId, userId: PEOPLE.backup.id, clientId: APPS.backup.clientId, scopes: BACKUP_SCOPES.filter((scope) => scope !== "Tasks.Read") }),
});

const edit = (task: TaskRecord, description: string) => {
  task.details.description = description;
  task.details.notes = null;
  task.details.revision.touch(["description"]);
  if (!stage.stores.planner.behaviour.of(CONTOSO.tenantId).lyingLastModified) stage.stores.planner.modified(task, me);
};

describe("what only beta shows", () => {
  test("is kept verbatim: of plan, labels, buckets, tasks and details, with rich notes, recurrence and requirements", async () => {
    const { plan } = stage.plan([
      { title: "rich", notes: "<p>Some <b>bold</b> words</p>", checklist: [{ title: "must" }], requiredItems: ["must"] },
      { title: "plain", description: "words" },
    ]);
    const result = await stage.capture(plan, { extras: true });
    const records = await stage.recordsOf(result.manifestId);
    expect(result).toMatchObject({ complete: true, gaps: [], reading: { extras: true, full: true, read: 2, takenOver: 0, disagreements: 0 } });
    expect(tasksOf(records)).toEqual(tasksTruth(plan, "beta"));
    expect(ofKind(records, "plan")[0]!.plan).toEqual(withoutAnnotations(render.renderPlan(plan, "beta")));
    expect(ofKind(records, "planDetails")[0]!.details).toEqual(withoutAnnotations(render.renderPlanDetails(plan, "beta")));
    expect(ofKind(records, "bucket")[0]!.bucket).toEqual(withoutAnnotations(render.renderBucket([...plan.buckets.values()][0]!, "beta")));
    expect(JSON.stringify(records)).toContain("<b>bold</b>");
    expect(ofKind(await stage.recordsOf((await stage.capture(plan)).manifestId), "task")[0]!.task).not.toHaveProperty("lastModifiedDateTime");
  });

  test("and so are fields and values that nobody knows yet", async () => {
    const { plan } = stage.smallPlan();
    const graph = stage.cloud.graph({
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        const text = (await response.text()).replaceAll('"previewType":"automatic"', '"previewType":"hologram","fieldOfTomorrow":{"a":[1,null]}');
        return new Response(text, { status: response.status, headers: { "content-type": "application/json" } });
      },
    });
    for (const { task, details } of ofKind(await stage.recordsOf((await stage.capture(plan, { graph, extras: true })).manifestId), "task")) {
      for (const part of [task, details]) expect(part).toMatchObject({ previewType: "hologram", fieldOfTomorrow: { a: [1, null] } });
    }
  });

  test("messages of a task's chat are comments with names; deleted ones are gone", async () => {
    stage.stores.planner.chatPageSize = 2;
    for (const chatNames of ["documented", "metadata"] as const) {
      stage.stores.planner.behaviour.set({ chatNames });
      const { plan, tasks: [task] } = stage.smallPlan();
      const say = (content: string, more: object = {}) => addMessage(task!, { id: randomUUID(), content, by: { userId: PEOPLE.ben.id, appId: null }, at: stage.simulator.world.now(), ...more });
      const kept = [say("plain"), say('<div><span itemid="0" itemtype="https://schema.skype.com/Mention/Person"></span> <b>look</b></div>', { mentions: [{ mentioned: PEOPLE.chen.id, position: 0, mentionType: "user" }] })];
      say("taken back", { deletedAt: stage.simulator.world.now() });
      kept.push(say("last", { editedAt: stage.simulator.world.now(), reactions: [{ reactionType: "like", by: { userId: PEOPLE.diego.id, appId: null }, at: 1 }] }));
      const result = await stage.capture(plan, { extras: true });
      const records = await stage.recordsOf(result.manifestId);
      expect(result.gaps).toEqual([]);
      const comments = ofKind(records, "comment").map(({ comment }) => comment);
      expect(comments.map(({ id, channel, taskId }) => [id, channel, taskId]).sort()).toEqual(kept.map(({ id }) => [id, "chat", task!.id]).sort());
      const texts = new Map(comments.map((comment) => [comment.id, comment]));
      expect(kept.map(({ id }) => texts.get(id)!.text)).toEqual(["plain", `@${PEOPLE.chen.displayName} look`, "last"]);
      for (const comment of comments) expect(comment).toMatchObject({ authorName: PEOPLE.ben.displayName, authorAddress: expect.stringContaining("@"), createdDateTime: expect.any(String), verbatim: { parentEntityId: task!.id, reactions: expect.any(Array) } });
      expect(JSON.stringify(records)).not.toContain("taken back");
      const people = ofKind(records, "person").map(({ id }) => id);
      for (const person of [PEOPLE.ben, PEOPLE.chen, PEOPLE.diego]) expect(people).toContain(person.id);
    }
  });

  test("a chat that may not be read is a gap that names the permission", async () => {
    const { plan, tasks: [task] } = stage.smallPlan();
    addMessage(task!, { id: randomUUID(), content: "hidden", by: me, at: 1 });
    const result = await stage.capture(plan, { graph: withoutChat(), extras: true });
    expect(result).toMatchObject({ complete: false, gaps: [{ kind: "comments", taskId: task!.id, reason: "forbidden", permanent: false, detail: expect.stringContaining("Tasks.Read") }] });
  });
});

describe("when beta refuses", () => {
  test.each([[400, "rejected"], [403, "forbidden"], [404, "not_found"], [501, "unavailable"]])("the plan with %i, v1.0 is read whole and a gap says what is missing", async (status, reason) => {
    for (const regex of ["^/beta/planner/", "^/beta/\\$batch", "^/beta/planner/plans/[^/]+/tasks"]) {
      const { plan } = stage.smallPlan();
      stage.simulator.faults.clear();
      stage.simulator.faults.add({ match: { regex }, action: { kind: "status", status } });
      const result = await stage.capture(plan, { extras: true });
      expect(stage.simulator.faults.list()[0]!.hits).toBeGreaterThan(0);
      expect(result).toMatchObject({ complete: false, gaps: [{ kind: "plan", id: plan.id, reason, permanent: false, detail: expect.stringContaining("beta") }], reading: { extras: false, full: true } });
      expect(result.consistency.kind).toBe("quiescent");
      expect(tasksOf(await stage.recordsOf(result.manifestId))).toEqual(tasksTruth(plan));
    }
  });

  test("one task, only that task is without extras", async () => {
    const { plan, tasks } = stage.smallPlan();
    stage.simulator.faults.add({ match: { regex: `^/beta/planner/tasks/${tasks[1]!.id}/details$` }, action: { kind: "status", status: 403 } });
    const result = await stage.capture(plan, { extras: true });
    expect(result.gaps).toMatchObject([{ kind: "task", taskId: tasks[1]!.id, reason: "forbidden", permanent: false }]);
    const read = tasksOf(await stage.recordsOf(result.manifestId));
    expect(read.get(tasks[1]!.id)).toEqual({ ...tasksTruth(plan, "beta").get(tasks[1]!.id), details: tasksTruth(plan).get(tasks[1]!.id)!.details });
    expect(read.get(tasks[0]!.id)).toEqual(tasksTruth(plan, "beta").get(tasks[0]!.id));
  });

  test("in the middle of the capture, what was read before it stays", async () => {
    const { plan } = stage.smallPlan();
    const graph = stage.interfering(/TaskBoardFormat/, () => stage.simulator.faults.add({ match: { regex: "^/beta/" }, action: { kind: "status", status: 403 } }));
    const result = await stage.capture(plan, { extras: true, graph });
    expect(result).toMatchObject({ complete: false, consistency: { kind: "quiescent" }, reading: { extras: false } });
    expect([...tasksOf(await stage.recordsOf(result.manifestId)).keys()].sort()).toEqual([...plan.tasks.keys()].sort());
  });
});

describe("building on the snapshot before", () => {
  test("takes over what stands still, and reads what changed, came back or was a gap", async () => {
    const { plan, tasks } = stage.plan(Array.from({ length: 6 }, (_, i) => ({ title: `t${i}`, description: `d${i}` })));
    const fault = { match: { regex: `/tasks/${tasks[5]!.id}/progressTaskBoardFormat$` }, action: { kind: "status" as const, status: 403 } };
    stage.simulator.faults.add(fault);
    const first = await stage.capture(plan, { extras: true });
    expect(first.complete).toBe(false);
    stage.simulator.faults.clear();
    edit(tasks[0]!, "changed");
    stage.stores.planner.deleteTask(tasks[1]!.id);
    stage.stores.planner.addTask({ planId: plan.id, title: "new", createdBy: me, description: "new" });
    const second = await stage.capture(plan, { extras: true, takeOver: true, previousManifestId: first.manifestId });
    expect(tasksOf(await stage.recordsOf(second.manifestId))).toEqual(tasksTruth(plan, "beta"));
    expect(second).toMatchObject({ complete: true, consistency: { kind: "quiescent" }, reading: { full: false, read: 3, takenOver: 3 } });
  });

  test("comments and files of tasks that are taken over are read all the same", async () => {
    const url = stage.addFile("a.txt", Buffer.from("content"));
    const { plan, tasks: [task] } = stage.plan([{ title: "t", references: [{ url }] }]);
    const thread = stage.stores.mail.addThread(plan.groupId, "t");
    task!.conversationThreadId = thread.id;
    const say = (content: string) => stage.stores.mail.addPost(thread, { sender: stage.contoso.users.get(PEOPLE.ben.id)!, content });
    say("one");
    const first = await stage.capture(plan, { extras: true });
    say("two");
    const second = await stage.capture(plan, { extras: true, takeOver: true, previousManifestId: first.manifestId });
    const records = await stage.recordsOf(second.manifestId);
    expect(second.reading.takenOver).toBe(1);
    expect(ofKind(records, "comment").map(({ comment }) => comment.text).sort()).toEqual(["one", "two"]);
    expect(ofKind(records, "attachment")).toHaveLength(1);
  });

  test("a signal that lies is found out by the next full reading, and not trusted until one finds it true", async () => {
    stage.stores.planner.behaviour.set({ lyingLastModified: true });
    const { plan, tasks } = stage.smallPlan();
    const history: ReadingFacts[] = [];
    let previousManifestId: string | null = null;
    const run = async () => {
      const result = await stage.capture(plan, { extras: true, takeOver: mayTakeOver(history), previousManifestId });
      previousManifestId = result.manifestId;
      history.unshift(result.reading);
      return tasksOf(await stage.recordsOf(result.manifestId)).get(tasks[0]!.id)!.details!.description;
    };
    await run();
    edit(tasks[0]!, "behind the back");
    for (let i = 0; i < 6; i++) expect(await run()).toBe("about one");
    expect(await run()).toBe("behind the back");
    expect(history[0]).toMatchObject({ full: true, disagreements: 1, takenOver: 0 });
    expect(history[1]).toMatchObject({ full: false, takenOver: 3 });
    edit(tasks[0]!, "again");
    expect(await run()).toBe("again");
    expect(history[0]).toMatchObject({ full: true, disagreements: 1 });
    await run();
    expect(history[0]).toMatchObject({ full: true, disagreements: 0 });
    await run();
    expect(history[0]).toMatchObject({ full: false });
  });

  test("an edit while everything is read is no lie", async () => {
    const { plan, tasks } = stage.smallPlan();
    const first = await stage.capture(plan, { extras: true });
    const graph = stage.interfering(/TaskBoardFormat/, (nth) => { if (nth === 1) edit(tasks[0]!, "meanwhile"); });
    const second = await stage.capture(plan, { extras: true, previousManifestId: first.manifestId, graph });
    expect(second.reading).toMatchObject({ full: true, disagreements: 0 });
    expect(tasksOf(await stage.recordsOf(second.manifestId))).toEqual(tasksTruth(plan, "beta"));
  });

  test("a snapshot of v1.0, a damaged one and none at all are not built upon", async () => {
    const { plan } = stage.smallPlan();
    const plain = await stage.capture(plan);
    expect((await stage.capture(plan, { extras: true, takeOver: true, previousManifestId: plain.manifestId })).reading).toMatchObject({ read: 3, takenOver: 0 });
    const result = await stage.capture(plan, { extras: true, takeOver: true, previousManifestId: "0".repeat(64) });
    expect(result).toMatchObject({ complete: true, reading: { read: 3, takenOver: 0 } });
  });
});

test("trust is decided by the plan's last readings", () => {
  const facts = (more: Partial<ReadingFacts> = {}): ReadingFacts => ({ extras: true, full: true, read: 1, takenOver: 0, disagreements: 0, ...more });
  const taken = facts({ full: false });
  expect(mayTakeOver([])).toBe(false);
  expect(mayTakeOver([null])).toBe(false);
  expect(mayTakeOver([facts({ extras: false })])).toBe(false);
  expect(mayTakeOver([facts()])).toBe(true);
  expect(mayTakeOver([facts({ disagreements: 1 }), facts()])).toBe(false);
  expect(mayTakeOver([facts(), facts({ disagreements: 1 })])).toBe(true);
  expect(mayTakeOver([taken, taken, taken, taken, taken, facts()])).toBe(true);
  expect(mayTakeOver([taken, taken, taken, taken, taken, taken, facts()])).toBe(false);
  expect(mayTakeOver([taken, taken, taken, taken, taken, taken, taken])).toBe(false);
});

describe("a plan that shows nothing", () => {
  const empty = { tasks: 0, buckets: 0 };
  test.each([
    ["where there were tasks", 0, 1, { tasks: 3, buckets: 1 }, true],
    ["where there were buckets", 0, 0, { tasks: 0, buckets: 1 }, true],
    ["but the buckets that were there", 0, 1, { tasks: 0, buckets: 1 }, false],
    ["where nothing was", 0, 0, empty, false],
    ["and whose emptying was accepted, or was never seen complete", 0, 0, null, false],
    ["less than before, but something", 1, 1, { tasks: 300, buckets: 20 }, false],
  ])("%s", async (_name, tasks, buckets, lastContent, isSuspicious) => {
    const { plan } = stage.plan(Array.from({ length: tasks }, () => ({ title: "t" })));
    if (buckets === 0) stage.stores.planner.deleteBucket([...plan.buckets.keys()][0]!);
    const result = await stage.capture(plan, { lastContent });
    expect(result.complete).toBe(!isSuspicious);
    expect(result.gaps).toMatchObject(isSuspicious ? [{ kind: "plan", id: plan.id, reason: "suspiciously_empty", permanent: false }] : []);
    expect(result.reading.lost).toEqual(isSuspicious ? lastContent : undefined);
  });
});
