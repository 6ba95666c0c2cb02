import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { diffPlans } from "../lib/planner/diff";
import { createFileStore, groupRecords, openRepository } from "../lib/repository";
import { keysOf, snapshotOf } from "../lib/repository/testing";
import { medians, percent, times, type BenchRow, type Suite } from "./framework";
import { livingPlan } from "./plan";

const TASKS = 9000;
const ROUNDS = 5;

/** Differences of two snapshots of 9,000 tasks, against reading both whole, from files. */
async function snapshots(dir: string): Promise<BenchRow[]> {
  const files = createFileStore(dir);
  let readBytes = 0;
  const repository = openRepository({
    keys: keysOf("0b9f4d0e-0000-4000-8000-000000000001"),
    store: { ...files, async get(objectKey) { const bytes = await files.get(objectKey); readBytes += bytes.length; return bytes; } },
  });
  const bytesOf = async (action: () => Promise<unknown>) => { readBytes = 0; await action(); return readBytes; };
  const plan = livingPlan(9, TASKS);
  const write = async (id: string, previous: string | null) => (await repository.writeSnapshot(snapshotOf(id, previous), plan.records())).manifestId;
  const first = await write("s0", null);
  const same = await write("same", first);
  plan.work(TASKS / 100);
  const one = await write("s1", first);
  plan.work(TASKS / 10);
  const ten = await write("s2", one);
  const whole = async (a: string, b: string) => { await repository.readSnapshot(a); await repository.readSnapshot(b); };
  const rows: BenchRow[] = [];
  for (const [name, a, b] of [["nothing changed", first, same], ["1 % of the tasks changed", first, one], ["10 % of the tasks changed", one, ten]] as const) {
    const bytes = { diff: await bytesOf(() => repository.diffSnapshots(a, b)), whole: await bytesOf(() => whole(a, b)) };
    const ms = await medians(ROUNDS, { diff: () => repository.diffSnapshots(a, b), whole: () => whole(a, b) });
    rows.push(
      { name: `diff of two snapshots, ${name}: bytes`, value: percent(bytes.diff, bytes.whole), note: "bytes read, of reading both snapshots whole" },
      { name: `diff of two snapshots, ${name}: time`, value: percent(ms.diff, ms.whole), note: `of reading both whole (${ms.diff.toFixed(0)} of ${ms.whole.toFixed(0)} ms)` },
    );
  }
  return rows;
}

/** The drift that people see, on plans of two sizes: a search through everything for every task would show as 9 ×. */
async function drift(): Promise<BenchRow> {
  const pair = (tasks: number) => {
    const plan = livingPlan(11, tasks);
    const before = groupRecords(plan.records());
    plan.work(tasks / 100);
    return [before, groupRecords(plan.records())] as const;
  };
  const [small, large] = [pair(TASKS / 3), pair(TASKS)];
  const ms = await medians(ROUNDS, { small: async () => diffPlans(...small), large: async () => diffPlans(...large) });
  return { name: "drift in words, three times the tasks: time", value: times(ms.large, ms.small), target: "about 3 ×", note: `${TASKS} tasks against ${TASKS / 3} (${ms.large.toFixed(0)} against ${ms.small.toFixed(0)} ms)` };
}

async function run(): Promise<BenchRow[]> {
  const dir = await mkdtemp(path.join(tmpdir(), "planback-bench-"));
  try {
    return [...(await snapshots(dir)), await drift()];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export const suite: Suite = { title: `Differences of snapshots of ${TASKS} tasks`, run };
