import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGovernor } from "@/lib/graph";
import { openRepository } from "@/lib/repository";
import { createMemoryStore, keysOf } from "@/lib/repository/testing";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { contentOf } from "@/simulator/graph/drive/store";
import * as render from "@/simulator/planner/render";
import { withoutAnnotations } from "./annotations";
import { me, ofKind, Stage, tasksOf, tasksTruth } from "./testing/stage";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.simulator.close());
beforeEach(() => stage.reset());

test("every seeded plan that the account may read equals what the simulator holds", async () => {
  let seen = 0;
  for (const groupId of [GROUPS.marketing, GROUPS.engineering, GROUPS.finance, GROUPS.legal]) {
    for (const plan of stage.stores.planner.plansOfGroup(groupId)) {
      const result = await stage.capture(plan);
      const records = await stage.recordsOf(result.manifestId);
      expect(result.consistency.kind).toBe("quiescent");
      expect(result.gaps.filter((gap) => !gap.permanent)).toEqual([]);
      expect(result.complete).toBe(true);
      expect(result.planTitle).toBe(plan.title);
      expect(ofKind(records, "plan")[0]!.plan).toEqual(withoutAnnotations(render.renderPlan(plan)));
      expect(ofKind(records, "planDetails")[0]!.details).toEqual(withoutAnnotations(render.renderPlanDetails(plan)));
      expect(new Map(ofKind(records, "bucket").map((r) => [r.id, r.bucket]))).toEqual(new Map([...plan.buckets.values()].map((b) => [b.id, withoutAnnotations(render.renderBucket(b))])));
      expect(tasksOf(records)).toEqual(tasksTruth(plan));
      const group = ofKind(records, "group")[0]!.group;
      const truth = stage.contoso.groups.get(groupId)!;
      expect([group.memberIds, group.ownerIds]).toEqual([[...truth.members].sort(), [...truth.owners].sort()]);
      for (const task of plan.tasks.values()) {
        const thread = task.conversationThreadId ? stage.stores.mail.find(groupId, task.conversationThreadId) : undefined;
        expect(ofKind(records, "comment").filter((r) => r.comment.taskId === task.id).map((r) => r.comment.id).sort()).toEqual((thread?.posts ?? []).map((post) => post.id).sort());
      }
      for (const { attachment } of ofKind(records, "attachment")) {
        const item = stage.stores.drives.ofGroup(stage.contoso, truth).items.get(attachment.driveItemId!)!;
        expect(attachment.sha256).toBe(createHash("sha256").update(contentOf(item)).digest("hex"));
        seen++;
      }
      const people = new Set(ofKind(records, "person").map((r) => r.id));
      for (const task of plan.tasks.values()) for (const id of [...task.assignments.keys(), task.createdBy.userId!]) expect(people).toContain(id);
    }
  }
  expect(seen).toBeGreaterThan(0);
}, 120_000);

test("an unchanged plan taken again stores nothing new but the manifest, and downloads no file again", async () => {
  const { plan, tasks } = stage.smallPlan();
  const url = stage.addFile("notes.txt", Buffer.alloc(100_000, "some content"));
  stage.stores.planner.addTask({ planId: plan.id, title: "with file", createdBy: me, references: [{ url, alias: "notes", type: "Other" }] });
  const first = await stage.capture(plan);
  stage.cloud.simulator.requestLog.clear();
  const second = await stage.capture(plan, { previousManifestId: first.manifestId });
  expect(first.newObjects).toBeGreaterThan(2);
  expect(first.newBytes).toBeGreaterThan(100_000);
  expect(second.newObjects).toBeLessThanOrEqual(1);
  expect(second.counts).toEqual(first.counts);
  expect(first.counts.files).toBe(1);
  const entries = stage.cloud.simulator.requestLog.entries().filter((entry) => entry.inBatch === null);
  expect(entries.filter((entry) => entry.path.startsWith("/sharepoint/"))).toEqual([]);
  // Listing, details, second listing, people: one batch each; the file's facts by one request.
  expect(entries.length).toBeLessThanOrEqual(5);
  expect(tasks.length).toBe(3);
});

test("progress goes through the phases and counts", async () => {
  const phases: string[] = [];
  await stage.capture(stage.smallPlan().plan, { onProgress: ({ phase, done, total }) => { expect(done).toBeLessThanOrEqual(total); if (phases.at(-1) !== phase) phases.push(phase); } });
  expect(phases).toEqual(["listing", "details", "checking", "storing"]);
});

describe("what cannot be read is named", () => {
  test("a file that is gone, one with malware, one too large; web links are data", async () => {
    const { plan } = stage.smallPlan();
    const big = stage.addFile("big.bin", Buffer.alloc(2000));
    const bad = stage.addFile("bad.exe", Buffer.from("x"), true);
    const gone = big.replace("big.bin", "gone.bin");
    const task = stage.stores.planner.addTask({ planId: plan.id, title: "links", createdBy: me, references: [{ url: big }, { url: bad }, { url: gone }, { url: "https://www.example.com/page?x=1" }, { url: "https://contoso.sharepoint.com.evil.example/a" }] });
    const result = await stage.capture(plan, { maxFileBytes: 1000 });
    expect(result.gaps.map((gap) => [gap.kind, gap.taskId, gap.reason, gap.permanent]).sort()).toEqual([
      ["file", task.id, "malware", true],
      ["file", task.id, "not_found", true],
      ["file", task.id, "too_large", false],
    ]);
    expect(result.complete).toBe(false);
    expect(ofKind(await stage.recordsOf(result.manifestId), "task").find((r) => r.id === task.id)!.details!.references).toEqual(render.renderTaskDetails(task).references);
    for (const gap of result.gaps) expect(gap.detail).toMatch(/^The content of a file/);
  });

  test("details, a board, comments and label names that Graph refuses", async () => {
    const { plan, tasks } = stage.smallPlan();
    tasks[2]!.conversationThreadId = stage.stores.mail.addThread(GROUPS.marketing, "x").id;
    stage.cloud.simulator.faults.add(
      { match: { regex: `/tasks/${tasks[0]!.id}/details$` }, action: { kind: "status", status: 403 } },
      { match: { regex: `/tasks/${tasks[1]!.id}/bucketTaskBoardFormat$` }, action: { kind: "status", status: 404 } },
      { match: { regex: "/threads/" }, action: { kind: "status", status: 403 } },
      { match: { path: "/planner/plans/*/details" }, action: { kind: "status", status: 403 } },
    );
    const result = await stage.capture(plan);
    expect(result.gaps.map((gap) => [gap.kind, gap.id, gap.reason]).sort()).toEqual([
      ["boardFormat", tasks[1]!.id, "not_found"],
      ["comments", tasks[2]!.id, "forbidden"],
      ["planDetails", plan.id, "forbidden"],
      ["task", tasks[0]!.id, "forbidden"],
    ].sort());
    expect(result.complete).toBe(false);
    expect(ofKind(await stage.recordsOf(result.manifestId), "task").length).toBe(3);
  });

  test("an account without a mailbox cannot read conversations: the snapshot is partial and says why", async () => {
    const plan = stage.stores.planner.plansOfGroup(GROUPS.marketing)[0]!;
    const result = await stage.capture(plan, { graph: stage.cloud.graph({ userId: PEOPLE.lite.id }) });
    const comments = result.gaps.filter(({ kind }) => kind === "comments");
    expect(comments.length).toBeGreaterThan(0);
    for (const gap of comments) expect(gap).toMatchObject({ reason: "thread_unreadable", permanent: false, detail: expect.stringContaining("no Exchange Online mailbox") });
    expect(result.complete).toBe(false);
  });

  test("a deleted conversation leaves nothing to save: named, but complete", async () => {
    const { plan, tasks } = stage.smallPlan();
    tasks[0]!.conversationThreadId = "AAQkGone=";
    const result = await stage.capture(plan);
    expect(result.gaps).toMatchObject([{ kind: "comments", id: tasks[0]!.id, reason: "not_found", permanent: true }]);
    expect(result.complete).toBe(true);
  });
});

describe("a plan that moves while it is read", () => {
  test("changed, new and deleted tasks are read again until it stands still", async () => {
    const { plan, tasks } = stage.smallPlan();
    const { planner } = stage.stores;
    const graph = stage.interfering(/\/details"/, (nth) => {
      if (nth !== 2) return;
      planner.addTask({ planId: plan.id, title: "late", createdBy: me });
      planner.deleteTask(tasks[0]!.id);
      tasks[1]!.details.description = "changed";
      tasks[1]!.details.revision.touch(["description"]);
    });
    const result = await stage.capture(plan, { graph });
    expect(result.consistency.kind).toBe("quiescent");
    expect(tasksOf(await stage.recordsOf(result.manifestId))).toEqual(tasksTruth(plan));
    expect(result.gaps).toEqual([]);
  });

  test("one that never stands still is a window that names what moved", async () => {
    const { plan, tasks } = stage.smallPlan();
    const graph = stage.interfering(/\/tasks"/, () => tasks[1]!.revision.touch(["title"]));
    const result = await stage.capture(plan, { graph });
    expect(result.consistency).toMatchObject({ kind: "window", moved: [tasks[1]!.id] });
  });

  test("deleted in the middle: graph_not_found, nothing written", async () => {
    const { plan } = stage.smallPlan();
    const store = createMemoryStore();
    stage.repository = openRepository({ store, keys: keysOf("w") });
    const graph = stage.interfering(/TaskBoardFormat/, () => stage.stores.planner.deletePlan(plan.id));
    await expect(stage.capture(plan, { graph })).rejects.toMatchObject({ code: "graph_not_found" });
    expect(store.objects.size).toBe(0);
  });
});

test("a group the account is not in: graph_forbidden", async () => {
  const plan = stage.stores.planner.addPlan({ tenantId: CONTOSO.tenantId, groupId: GROUPS.executiveBoard, title: "Secret", createdBy: me });
  await expect(stage.capture(plan)).rejects.toMatchObject({ code: "graph_forbidden" });
});

test("a lost sign-in ends the capture instead of making holes", async () => {
  const { plan } = stage.smallPlan();
  stage.cloud.simulator.faults.add({ match: { path: "/$batch", from: 2 }, action: { kind: "status", status: 401 } });
  await expect(stage.capture(plan)).rejects.toMatchObject({ code: "needs_sign_in" });
});

test("cancel stops between requests; nothing is written", async () => {
  const { plan } = stage.smallPlan();
  const stop = new AbortController();
  const graph = stage.cloud.graph({ signal: stop.signal });
  await expect(stage.capture(plan, { graph, signal: stop.signal, onProgress: ({ phase }) => { if (phase === "checking") stop.abort(); } })).rejects.toMatchObject({ code: "cancelled" });
});

test("throttled items, server errors and cut bodies along the way change nothing in the result", async () => {
  const { plan } = stage.smallPlan();
  stage.cloud.simulator.faults.add(
    { match: { regex: "TaskBoardFormat$", every: 4 }, action: { kind: "status", status: 429, headers: { "retry-after": "1" } }, times: 2 },
    { match: { regex: "/details$", nth: 2 }, action: { kind: "status", status: 503 } },
    { match: { path: "/$batch", nth: 1 }, action: { kind: "cut-body" } },
    { match: { path: "/$batch", nth: 5 }, action: { kind: "reset-before" } },
  );
  const started = Date.now();
  const result = await stage.capture(plan, { graph: stage.cloud.graph({ governor: createGovernor() }) });
  expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
  expect(result.complete).toBe(true);
  expect(result.gaps).toEqual([]);
  for (const rule of stage.cloud.simulator.faults.list()) expect(rule.hits).toBeGreaterThan(0);
  expect(ofKind(await stage.recordsOf(result.manifestId), "task").length).toBe(3);
});
