import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGovernor, type GraphApi } from "@/lib/graph";
import { startCloud, type SimulatedCloud } from "@/lib/graph/testing/simulator";
import type { SnapshotRecord } from "@/lib/planner/types";
import { openRepository } from "@/lib/repository";
import { createMemoryStore, keysOf } from "@/lib/repository/testing";
import type { Repository } from "@/lib/repository/types";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { webUrlOf } from "@/simulator/graph/drive/render";
import { contentOf } from "@/simulator/graph/drive/store";
import type { PlanRecord, TaskRecord } from "@/simulator/planner";
import * as render from "@/simulator/planner/render";
import { mulberry32 } from "@/simulator/world";
import { withoutAnnotations } from "./annotations";
import { capturePlan, type CaptureInput } from "./capture";

let cloud: SimulatedCloud;
let repository: Repository;
let serial = 0;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.simulator.close());
beforeEach(async () => {
  await cloud.simulator.reset();
  repository = openRepository({ store: createMemoryStore(), keys: keysOf("w") });
});

const me = { userId: PEOPLE.alice.id, appId: null };
const stores = () => cloud.simulator.stores;
const contoso = () => cloud.simulator.world.tenants.get(CONTOSO.tenantId)!;
const plansOf = (groupId: string): PlanRecord[] => [...stores().planner.plansOfGroup(groupId)];

function capture(plan: PlanRecord, more: Partial<CaptureInput> = {}) {
  return capturePlan({
    graph: cloud.graph(), repository, groupId: plan.groupId, planId: plan.id, microsoftTenantId: CONTOSO.tenantId,
    snapshotId: `s${++serial}`, takenAt: "2026-11-23T12:00:00Z", previousManifestId: null, ...more,
  });
}

async function recordsOf(manifestId: string): Promise<SnapshotRecord[]> {
  return (await repository.readSnapshotParts(manifestId)).records;
}

function ofKind<K extends SnapshotRecord["kind"]>(records: SnapshotRecord[], kind: K) {
  return records.filter((record): record is Extract<SnapshotRecord, { kind: K }> => record.kind === kind);
}

/** What the simulator itself would answer for the task. */
function oracle(task: TaskRecord) {
  return withoutAnnotations({
    task: render.renderTask(task, "v1.0"),
    details: render.renderTaskDetails(task),
    formats: { assignedTo: render.renderAssignedToFormat(task), bucket: render.renderBucketFormat(task), progress: render.renderProgressFormat(task) },
  });
}

/** JSON with its properties in order. */
function canonical(json: string): string {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(sorted) : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)])) : value;
  return JSON.stringify(sorted(JSON.parse(json)));
}

/** A plan of three tasks in the marketing group. */
function smallPlan(): { plan: PlanRecord; tasks: TaskRecord[] } {
  const { planner } = stores();
  const plan = planner.addPlan({ tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, title: "Test plan", createdBy: me });
  const bucket = planner.addBucket({ planId: plan.id, name: "To do" });
  const tasks = ["one", "two", "three"].map((title) => planner.addTask({ planId: plan.id, bucketId: bucket.id, title, createdBy: me, description: `about ${title}` }));
  return { plan, tasks };
}

function addFile(name: string, content: Buffer, malware = false): string {
  const drive = stores().drives.ofGroup(contoso(), contoso().groups.get(GROUPS.marketing)!);
  const item = stores().drives.putFile(drive.root, name, content, { size: content.length, by: PEOPLE.alice.id });
  item.malware = malware;
  return webUrlOf(item);
}

/** Runs something each time a request with this path leaves, before it does. */
function interfering(match: RegExp, act: (nth: number) => void): GraphApi {
  let nth = 0;
  return cloud.graph({
    fetch: async (input, init) => {
      if (match.test(`${String(input)} ${typeof init?.body === "string" ? init.body : ""}`)) act(++nth);
      return fetch(input, init);
    },
  });
}

test("every seeded plan that the account may read equals what the simulator holds", async () => {
  let seen = 0;
  for (const groupId of [GROUPS.marketing, GROUPS.engineering, GROUPS.finance, GROUPS.legal]) {
    for (const plan of plansOf(groupId)) {
      const result = await capture(plan);
      const records = await recordsOf(result.manifestId);
      expect(result.consistency.kind).toBe("quiescent");
      expect(result.gaps.filter((gap) => !gap.permanent)).toEqual([]);
      expect(result.complete).toBe(true);
      expect(result.planTitle).toBe(plan.title);
      expect(ofKind(records, "plan")[0]!.plan).toEqual(withoutAnnotations(render.renderPlan(plan)));
      expect(ofKind(records, "planDetails")[0]!.details).toEqual(withoutAnnotations(render.renderPlanDetails(plan)));
      expect(new Map(ofKind(records, "bucket").map((r) => [r.id, r.bucket]))).toEqual(new Map([...plan.buckets.values()].map((b) => [b.id, withoutAnnotations(render.renderBucket(b))])));
      const tasks = new Map(ofKind(records, "task").map(({ id, task, details, formats }) => [id, { task, details, formats }]));
      expect(tasks).toEqual(new Map([...plan.tasks.values()].map((task) => [task.id, oracle(task)])));
      const group = ofKind(records, "group")[0]!.group;
      const truth = contoso().groups.get(groupId)!;
      expect([group.memberIds, group.ownerIds]).toEqual([[...truth.members].sort(), [...truth.owners].sort()]);
      for (const task of plan.tasks.values()) {
        const thread = task.conversationThreadId ? stores().mail.find(groupId, task.conversationThreadId) : undefined;
        expect(ofKind(records, "comment").filter((r) => r.comment.taskId === task.id).map((r) => r.comment.id).sort()).toEqual((thread?.posts ?? []).map((post) => post.id).sort());
      }
      for (const { attachment } of ofKind(records, "attachment")) {
        const item = stores().drives.ofGroup(contoso(), truth).items.get(attachment.driveItemId!)!;
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
  const { plan, tasks } = smallPlan();
  const url = addFile("notes.txt", Buffer.alloc(100_000, "some content"));
  stores().planner.addTask({ planId: plan.id, title: "with file", createdBy: me, references: [{ url, alias: "notes", type: "Other" }] });
  const first = await capture(plan);
  cloud.simulator.requestLog.clear();
  const second = await capture(plan, { previousManifestId: first.manifestId });
  expect(first.newObjects).toBeGreaterThan(2);
  expect(first.newBytes).toBeGreaterThan(100_000);
  expect(second.newObjects).toBeLessThanOrEqual(1);
  expect(second.counts).toEqual(first.counts);
  expect(first.counts.files).toBe(1);
  const entries = cloud.simulator.requestLog.entries().filter((entry) => entry.inBatch === null);
  expect(entries.filter((entry) => entry.path.startsWith("/sharepoint/"))).toEqual([]);
  // Listing, details, second listing, people: one batch each; the file's facts by one request.
  expect(entries.length).toBeLessThanOrEqual(5);
  expect(tasks.length).toBe(3);
});

test("progress goes through the phases and counts", async () => {
  const phases: string[] = [];
  await capture(smallPlan().plan, { onProgress: ({ phase, done, total }) => { expect(done).toBeLessThanOrEqual(total); if (phases.at(-1) !== phase) phases.push(phase); } });
  expect(phases).toEqual(["listing", "details", "checking", "storing"]);
});

describe("what cannot be read is named", () => {
  test("a file that is gone, one with malware, one too large; web links are data", async () => {
    const { plan } = smallPlan();
    const big = addFile("big.bin", Buffer.alloc(2000));
    const bad = addFile("bad.exe", Buffer.from("x"), true);
    const gone = big.replace("big.bin", "gone.bin");
    const task = stores().planner.addTask({ planId: plan.id, title: "links", createdBy: me, references: [{ url: big }, { url: bad }, { url: gone }, { url: "https://www.example.com/page?x=1" }, { url: "https://contoso.sharepoint.com.evil.example/a" }] });
    const result = await capture(plan, { maxFileBytes: 1000 });
    expect(result.gaps.map((gap) => [gap.kind, gap.taskId, gap.reason, gap.permanent]).sort()).toEqual([
      ["file", task.id, "malware", true],
      ["file", task.id, "not_found", true],
      ["file", task.id, "too_large", false],
    ]);
    expect(result.complete).toBe(false);
    expect(ofKind(await recordsOf(result.manifestId), "task").find((r) => r.id === task.id)!.details!.references).toEqual(render.renderTaskDetails(task).references);
    for (const gap of result.gaps) expect(gap.detail).toMatch(/^The content of a file/);
  });

  test("details, a board, comments and label names that Graph refuses", async () => {
    const { plan, tasks } = smallPlan();
    tasks[2]!.conversationThreadId = stores().mail.addThread(GROUPS.marketing, "x").id;
    cloud.simulator.faults.add(
      { match: { path: `/planner/tasks/${tasks[0]!.id}/details` }, action: { kind: "status", status: 403 } },
      { match: { path: `/planner/tasks/${tasks[1]!.id}/bucketTaskBoardFormat` }, action: { kind: "status", status: 404 } },
      { match: { regex: "/threads/" }, action: { kind: "status", status: 403 } },
      { match: { path: "/planner/plans/*/details" }, action: { kind: "status", status: 403 } },
    );
    const result = await capture(plan);
    expect(result.gaps.map((gap) => [gap.kind, gap.id, gap.reason]).sort()).toEqual([
      ["boardFormat", tasks[1]!.id, "not_found"],
      ["comments", tasks[2]!.id, "forbidden"],
      ["planDetails", plan.id, "forbidden"],
      ["task", tasks[0]!.id, "forbidden"],
    ].sort());
    expect(result.complete).toBe(false);
    expect(ofKind(await recordsOf(result.manifestId), "task").length).toBe(3);
  });

  test("an account without a mailbox cannot read conversations: the snapshot is partial and says why", async () => {
    const plan = stores().planner.plansOfGroup(GROUPS.marketing)[0]!;
    const result = await capture(plan, { graph: cloud.graph({ userId: PEOPLE.lite.id }) });
    const comments = result.gaps.filter(({ kind }) => kind === "comments");
    expect(comments.length).toBeGreaterThan(0);
    for (const gap of comments) expect(gap).toMatchObject({ reason: "thread_unreadable", permanent: false, detail: expect.stringContaining("no Exchange Online mailbox") });
    expect(result.complete).toBe(false);
  });

  test("a deleted conversation leaves nothing to save: named, but complete", async () => {
    const { plan, tasks } = smallPlan();
    tasks[0]!.conversationThreadId = "AAQkGone=";
    const result = await capture(plan);
    expect(result.gaps).toMatchObject([{ kind: "comments", id: tasks[0]!.id, reason: "not_found", permanent: true }]);
    expect(result.complete).toBe(true);
  });
});

describe("a plan that moves while it is read", () => {
  test("changed, new and deleted tasks are read again until it stands still", async () => {
    const { plan, tasks } = smallPlan();
    const { planner } = stores();
    const graph = interfering(/\/details"/, (nth) => {
      if (nth !== 2) return;
      planner.addTask({ planId: plan.id, title: "late", createdBy: me });
      planner.deleteTask(tasks[0]!.id);
      tasks[1]!.details.description = "changed";
      tasks[1]!.details.revision.touch(["description"]);
    });
    const result = await capture(plan, { graph });
    expect(result.consistency.kind).toBe("quiescent");
    const records = ofKind(await recordsOf(result.manifestId), "task");
    expect(new Map(records.map(({ id, task, details, formats }) => [id, { task, details, formats }]))).toEqual(new Map([...plan.tasks.values()].map((task) => [task.id, oracle(task)])));
    expect(result.gaps).toEqual([]);
  });

  test("one that never stands still is a window that names what moved", async () => {
    const { plan, tasks } = smallPlan();
    const graph = interfering(/\/tasks"/, () => tasks[1]!.revision.touch(["title"]));
    const result = await capture(plan, { graph });
    expect(result.consistency).toMatchObject({ kind: "window", moved: [tasks[1]!.id] });
  });

  test("200 random schedules: what is called quiescent existed so at one moment; a window names what it mixes", async () => {
    let quiescent = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = mulberry32(seed);
      const { plan, tasks } = smallPlan();
      const now = () => JSON.stringify([...plan.tasks.values()].map((task) => [task.id, { task: oracle(task).task, details: oracle(task).details }]).sort());
      const history = new Set([now()]);
      const mutate = () => {
        const task = [...plan.tasks.values()][Math.floor(random() * plan.tasks.size)];
        const kind = Math.floor(random() * 4);
        if (kind === 0) stores().planner.addTask({ planId: plan.id, title: `new ${random()}`, createdBy: me, description: "new" });
        else if (kind === 1 && task) stores().planner.deleteTask(task.id);
        else if (kind === 2 && task) {
          task.details.description = `about ${random()}`;
          task.details.revision.touch(["description"]);
        } else if (task) {
          task.title = `title ${random()}`;
          task.revision.touch(["title"]);
        }
        history.add(now());
      };
      const graph = interfering(/batch/, (nth) => {
        if (nth <= 6 && random() < 0.5) mutate();
      });
      const result = await capture(plan, { graph });
      const stored = JSON.stringify(ofKind(await recordsOf(result.manifestId), "task").map(({ id, task, details }) => [id, { task, details }]).sort());
      expect(result.gaps, `seed ${seed}`).toEqual([]);
      if (result.consistency.kind === "quiescent") {
        quiescent++;
        expect([...history].map(canonical), `seed ${seed}`).toContain(canonical(stored));
      } else {
        expect(result.consistency.moved.length, `seed ${seed}`).toBeGreaterThan(0);
      }
      expect(tasks.length).toBe(3);
    }
    expect(quiescent).toBeGreaterThan(100);
  }, 60_000);

  test("deleted in the middle: graph_not_found, nothing written", async () => {
    const { plan } = smallPlan();
    const store = createMemoryStore();
    repository = openRepository({ store, keys: keysOf("w") });
    const graph = interfering(/TaskBoardFormat/, () => stores().planner.deletePlan(plan.id));
    await expect(capture(plan, { graph })).rejects.toMatchObject({ code: "graph_not_found" });
    expect(store.objects.size).toBe(0);
  });
});

test("a group the account is not in: graph_forbidden", async () => {
  const plan = stores().planner.addPlan({ tenantId: CONTOSO.tenantId, groupId: GROUPS.executiveBoard, title: "Secret", createdBy: me });
  await expect(capture(plan)).rejects.toMatchObject({ code: "graph_forbidden" });
});

test("a lost sign-in ends the capture instead of making holes", async () => {
  const { plan } = smallPlan();
  cloud.simulator.faults.add({ match: { path: "/$batch", from: 2 }, action: { kind: "status", status: 401 } });
  await expect(capture(plan)).rejects.toMatchObject({ code: "needs_sign_in" });
});

test("cancel stops between requests; nothing is written", async () => {
  const { plan } = smallPlan();
  const stop = new AbortController();
  const graph = cloud.graph({ signal: stop.signal });
  await expect(capture(plan, { graph, signal: stop.signal, onProgress: ({ phase }) => { if (phase === "checking") stop.abort(); } })).rejects.toMatchObject({ code: "cancelled" });
});

test("throttled items, server errors and cut bodies along the way change nothing in the result", async () => {
  const { plan } = smallPlan();
  cloud.simulator.faults.add(
    { match: { regex: "TaskBoardFormat$", every: 4 }, action: { kind: "status", status: 429, headers: { "retry-after": "1" } }, times: 2 },
    { match: { regex: "/details$", nth: 2 }, action: { kind: "status", status: 503 } },
    { match: { path: "/$batch", nth: 1 }, action: { kind: "cut-body" } },
    { match: { path: "/$batch", nth: 5 }, action: { kind: "reset-before" } },
  );
  const started = Date.now();
  const result = await capture(plan, { graph: cloud.graph({ governor: createGovernor() }) });
  expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
  expect(result.complete).toBe(true);
  expect(result.gaps).toEqual([]);
  for (const rule of cloud.simulator.faults.list()) expect(rule.hits).toBeGreaterThan(0);
  expect(ofKind(await recordsOf(result.manifestId), "task").length).toBe(3);
});
