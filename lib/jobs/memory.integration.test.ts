/**
 * What a real worker process, started as in production, needs for the largest plan that Planner allows with many files: to
 * back it up, and (in the long run) to back it up again while the search takes it in, to restore all of it into a new plan, and to
 * restore what was deleted and changed in it and take that back. What is measured is all of it, as the system counts it: about 60 MiB are the code of Node itself, 150 MiB what stands after the
 * connection was checked and before anything is captured (modules, Prisma, the queue). Linux only.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import type { RestoreRequest } from "@/lib/restore";
import { createRestore, listPlans, runRestore, setExtras, undoRestore } from "@/lib/workspaces";
import { webUrlOf } from "@/simulator/graph/drive/render";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { begin, connect, ended, kill, openWorld, protect, startWorkerProcess, until, type World } from "./testing/world";

const TASKS = 9000;
const FILES = 30;
const FILE_BYTES = 10 * 1024 * 1024;
/** The promise. */
const MOST_MIB = 350;
const LONG = process.env.PLANBACK_LONG === "1";

let world: World;
let worker: ChildProcess;
/** The most that was taken at each step. */
const peaks: string[] = [];
const by = { userId: PEOPLE.alice.id, appId: null };

beforeAll(async () => {
  world = await openWorld();
  worker = await startWorkerProcess("worker/main.ts");
});
afterAll(async () => {
  console.log(`memory: ${peaks.join(", ")} MiB`);
  await kill(worker);
  await world.close();
});

/** The most memory (MiB) that the process had at once since it began. */
function peak(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line![1]) / 1024);
}

/** Notes it, and fails when it is more than was promised. */
function look(step: string): void {
  peaks.push(`${step} ${peak(worker.pid!)}`);
  expect(peak(worker.pid!), peaks.join(", ")).toBeLessThan(MOST_MIB);
}

function largestPlan(): string {
  const { planner, drives, mail } = world.simulator.stores;
  const contoso = world.simulator.world.tenants.get(CONTOSO.tenantId)!;
  const group = contoso.groups.get(GROUPS.marketing)!;
  const root = drives.ofGroup(contoso, group).root;
  const plan = planner.addPlan({ tenantId: CONTOSO.tenantId, groupId: group.id, title: "Largest", createdBy: by });
  const buckets = Array.from({ length: 20 }, (_, i) => planner.addBucket({ planId: plan.id, name: `Bucket ${i}` }));
  const people = [...group.members].slice(0, 10); // nobody may have more than 3,000 tasks, restored ones included
  const words = createHash("sha256").update("words").digest("hex").repeat(4);
  for (let i = 0; i < TASKS; i++) {
    const url = i % (TASKS / FILES) === 0 ? webUrlOf(drives.putFile(root, `file ${i}.bin`, randomBytes(FILE_BYTES), { size: FILE_BYTES, by: by.userId })) : null;
    const task = planner.addTask({
      planId: plan.id, bucketId: buckets[i % 20]!.id, title: `Task ${i}`, createdBy: by, description: `${i} ${words}`, percentComplete: i < 7000 ? 100 : 0,
      assignees: people.filter((_, at) => at === i % people.length || (i % 3 === 0 && at === (i + 1) % people.length)), checklist: Array.from({ length: 5 }, (_, n) => ({ title: `Step ${n} of ${i}`, isChecked: n < 2 })), references: url ? [{ url }] : [],
    });
    if (i % 20 === 0) {
      const thread = mail.addThread(group.id, task.title);
      for (let n = 0; n < 3; n++) mail.addPost(thread, { sender: contoso.users.get(PEOPLE.ben.id)!, content: `<p>${n} ${words}</p>` });
      task.conversationThreadId = thread.id;
    }
  }
  return plan.id;
}

/** Carries a restore out, to its end. */
async function restore(restoreId: string, name: string): Promise<void> {
  const { actor, ws: workspaceId } = world;
  // The row only: to open a large preview again and again takes longer than to make it.
  const row = () => withWorkspace(workspaceId, (tx) => tx.restore.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id: restoreId } }, select: { state: true, planHash: true, problem: true } }));
  const { planHash } = await until(row, ({ state }) => state !== "planning", 600_000);
  look(`${name}: preview`);
  await runRestore({ ...actor, authenticatedAt: new Date() }, workspaceId, restoreId, planHash);
  await until(row, ({ state }) => state !== "running", 2_000_000);
  look("written");
  const { state, problem } = await until(row, ({ state: now }) => now !== "verifying", 600_000);
  look("compared");
  expect([state, problem]).toEqual(["verified", null]);
}

/** A third of the tasks goes, another third is changed. */
function damage(planId: string): void {
  const { planner } = world.simulator.stores;
  for (const [index, task] of [...planner.findPlan(planId)!.tasks.values()].entries()) {
    if (index % 3 === 0) planner.deleteTask(task.id);
    if (index % 3 !== 1) continue;
    task.title = `Changed ${index}`;
    task.revision.touch(["title"]);
    task.details.description = `Changed ${index}`;
    task.details.revision.touch(["description"]);
  }
}

/** A first capture; in the long run also what comes after it, while the search takes the one before into its index: another one, in beta read whole (every record changes), and built upon. */
const ways = LONG ? [false, false, true, true] : [false];

test.skipIf(!existsSync("/proc/self/status"))(`${TASKS} tasks and ${(FILES * FILE_BYTES) / 2 ** 20} MiB of files in less than ${MOST_MIB} MiB`, async () => {
  const planId = largestPlan();
  const connection = await connect(world, "backup");
  const policy = await protect(world, connection, GROUPS.marketing, [planId]);
  look("idle");
  for (const extras of ways) {
    await setExtras(world.actor, world.ws, connection, extras);
    const run = await ended(world, await begin(world, policy), 600_000);
    expect(run.items[0]).toMatchObject({ state: "complete", gaps: 0, reading: { extras } });
    await until(() => withWorkspace(world.ws, (tx) => tx.plan.findFirstOrThrow()), ({ bundleId }) => bundleId !== null);
    look(run.items[0]!.reading!.takenOver > 0 ? "taken over" : extras ? "beta" : "v1.0");
  }
  if (!LONG) return;
  await connect(world, "restore");
  const { actor, ws } = world;
  const [plan] = await listPlans(actor, ws);
  const asked = (target: RestoreRequest["target"]) => createRestore(actor, ws, { snapshotId: plan!.lastSnapshot!.id, connectionId: connection, requestKey: randomUUID(), request: { tasks: "all", target, addMembers: true, comments: "none" } });
  const fresh = async () => {
    await kill(worker);
    worker = await startWorkerProcess("worker/main.ts");
  };
  await fresh();
  await restore((await asked({ kind: "new_plan", groupId: GROUPS.marketing, title: "Largest again" })).restoreId, "new plan");
  await fresh();
  damage(planId);
  const { restoreId } = await asked({ kind: "in_place" });
  await restore(restoreId, "in place");
  await restore((await undoRestore(actor, ws, restoreId, randomUUID())).restoreId, "undo");
}, 3_000_000);
