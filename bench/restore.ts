/** (c) A restore of 1,000 tasks against the time that its necessary requests need at the least. */
import { randomUUID } from "node:crypto";
import { hintsForList } from "../lib/planner";
import type { SnapshotContent, TaskRecord } from "../lib/planner/types";
import { buildRestorePlan, executeRestore, MemoryJournal, newJournalRows, readAccountFacts, readLiveTarget, type RestorePlan, type RestoreRequest } from "../lib/restore";
import { GROUPS, PEOPLE, RESTORE_SCOPES } from "../simulator/fixtures";
import { startBenchCloud } from "./cloud";
import { type BenchOptions, type BenchRow, type Suite, times } from "./framework";

const TASKS = 1_000;
const BUCKETS = 8;
const LATENCY_MS = 60;
/** The most that the governor sends at once. */
const AT_ONCE = 16;

/** Newer tasks have lower hints, as Planner makes them; one in ten was dragged to another place in its bucket. */
function content(groupId: string, people: string[]): SnapshotContent {
  const planId = "bench-plan".padEnd(28, "x");
  const id = (kind: string, number: number) => `${kind}-${number}`.padEnd(28, "x");
  const tasks = Array.from({ length: TASKS }, (_, number): TaskRecord => {
    const hint = `858${String(9_000_000 + number)}P`;
    const person = people[number % people.length]!;
    const dragged = number % 10 === 0 ? `858${String(9_000_000 + ((number * 7919) % TASKS))}Q` : hint;
    return {
      kind: "task", id: id("task", number),
      task: {
        id: id("task", number), title: `Task ${number}`, planId, bucketId: id("bucket", number % BUCKETS), orderHint: hint, percentComplete: number % 3 === 0 ? 100 : 0, priority: 5,
        assignments: { [person]: { orderHint: "8585P" } }, appliedCategories: {},
      },
      details: {
        id: id("task", number), description: `What is to be done for number ${number}.`, previewType: "automatic", references: {},
        checklist: Object.fromEntries([1, 2, 3].map((item) => [randomUUID(), { title: `Step ${item}`, isChecked: item === 1, orderHint: `858${item}P` }])),
      },
      formats: { bucket: { orderHint: dragged }, progress: { orderHint: hint }, assignedTo: { unassignedOrderHint: hint, orderHintsByAssignee: { [person]: hint } } },
    };
  });
  return {
    group: { id: groupId, displayName: "Marketing", visibility: "Public", ownerIds: [], memberIds: people }, plan: { id: planId, title: "Bench", container: { containerId: groupId, type: "group" } },
    planDetails: { id: planId, categoryDescriptions: { category1: "Red" } },
    buckets: hintsForList(BUCKETS).map((_, number) => ({ id: id("bucket", number), name: `Bucket ${number}`, planId, orderHint: `858${number}P` })),
    tasks, comments: [], attachments: [], people: people.map((user) => ({ id: user, displayName: user })),
  };
}

/** What cannot be left out: each object is created, what it cannot be created with is changed, and a change needs an etag that was read, 20 in a batch. */
function necessary({ counts }: RestorePlan, moves: number): number {
  const { create_plan = 0, update_plan_details = 0, create_bucket = 0, create_task = 0, update_task_details = 0 } = counts;
  return create_plan + 2 * update_plan_details + create_bucket + create_task + update_task_details + Math.ceil(update_task_details / 20) + Math.ceil((3 * create_task) / 20) + moves;
}

async function run({ progress }: BenchOptions): Promise<BenchRow[]> {
  const cloud = await startBenchCloud(LATENCY_MS, "restore");
  try {
    const seen = new Map<string, number>();
    const graph = cloud.graph({ request: ({ method, template }) => void seen.set(`${method} ${template}`, (seen.get(`${method} ${template}`) ?? 0) + 1) });
    const snapshot = content(GROUPS.marketing, [PEOPLE.alice.id, PEOPLE.ben.id, PEOPLE.chen.id, PEOPLE.diego.id]);
    const request: RestoreRequest = { tasks: "all", target: { kind: "new_plan", groupId: GROUPS.marketing, title: "Bench" }, addMembers: true, comments: "none" };
    const { live, people } = await readLiveTarget({ graph, snapshot, request, extras: false });
    const account = await readAccountFacts(graph, [...RESTORE_SCOPES]);
    const plan = buildRestorePlan({ snapshot, live, people, request, account, restoreId: "bench" });
    if (plan.blockers.length > 0) throw new Error(JSON.stringify(plan.blockers));
    progress(`${plan.operations.length} operations`);
    seen.clear();
    const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
    const rows = newJournalRows();
    const started = performance.now();
    await executeRestore({ plan, journal: new MemoryJournal(rows, clock.now), graph, repository: { async *readFile() {} }, accountId: account.id, clock });
    const seconds = (performance.now() - started) / 1000;
    const open = [...rows.intents.values()].filter(({ state }) => state !== "done").length;
    if (open > 0) throw new Error(`${open} operations are not done`);
    const count = (pattern: RegExp) => [...seen].filter(([name]) => pattern.test(name)).reduce((sum, [, times]) => sum + times, 0);
    const moves = count(/^PATCH .*TaskBoardFormat/);
    const needed = necessary(plan, moves);
    const bound = (needed * LATENCY_MS) / 1000 / AT_ONCE;
    return [
      { name: `restore of ${TASKS} tasks at ${LATENCY_MS} ms`, value: times(seconds, bound), target: "<= 1.5 ×", note: `of the time that the necessary requests need, ${AT_ONCE} at once (${seconds.toFixed(1)} of ${bound.toFixed(1)} s)` },
      { name: "its requests", value: times(count(/./), needed), note: `of the necessary ones (${count(/./)} of ${needed}); ${moves} of them put tasks in order on the boards` },
    ];
  } finally {
    await cloud.close();
  }
}

export const suite: Suite = { title: "Restore", run };
