/**
 * A snapshot says how consistent it is: while somebody edits the plan, also between two items of one batch, every stored
 * thing is as it was at a moment of the capture; what is called quiescent stood like that at one moment, all of it.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGovernor } from "@/lib/graph";
import { FakeClock } from "@/lib/graph/testing/fakes";
import type { SnapshotRecord } from "@/lib/planner/types";
import { canonicalJson } from "@/lib/repository/records";
import { PEOPLE } from "@/simulator/fixtures";
import type { PlanRecord, TaskRecord } from "@/simulator/planner";
import * as render from "@/simulator/planner/render";
import { mulberry32 } from "@/simulator/world";
import { withoutAnnotations } from "./annotations";
import { me, ofKind, Stage, taskTruth, type GraphVersion } from "./testing/stage";

const SCHEDULES = process.env.PLANBACK_LONG === "1" ? 5000 : 1000;
const MODES = ["plain", "details", "everything", "single", "beta", "single beta", "takeover"] as const;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.simulator.close());

/** One thing of a plan by name, as text. `strict`: the things that a quiescent snapshot holds as they stood together. */
type State = { strict: Map<string, string>; loose: Map<string, string> };

function stateOf(plan: PlanRecord, version: GraphVersion, formatsListed: boolean): State {
  const state: State = { strict: new Map(), loose: new Map() };
  const put = (name: string, value: unknown, strict = true) => (strict ? state.strict : state.loose).set(name, canonicalJson(withoutAnnotations(value)));
  put("plan", render.renderPlan(plan, version));
  put("labels", render.renderPlanDetails(plan, version));
  for (const bucket of plan.buckets.values()) put(`bucket ${bucket.id}`, render.renderBucket(bucket, version));
  for (const task of plan.tasks.values()) {
    const { details, formats, ...listed } = taskTruth(task, version);
    put(`task ${task.id}`, { task: listed.task, details });
    if (formatsListed) put(`formats ${task.id}`, formats);
    else for (const [name, format] of Object.entries(formats)) put(`${name} ${task.id}`, format, false);
    const thread = task.conversationThreadId ? stage.stores.mail.find(plan.groupId, task.conversationThreadId) : undefined;
    put(`comments ${task.id}`, (thread?.posts ?? []).map((post) => post.id).sort(), false);
  }
  return state;
}

function stateOfSnapshot(records: SnapshotRecord[], formatsListed: boolean): State {
  const state: State = { strict: new Map(), loose: new Map() };
  const put = (name: string, value: unknown, strict = true) => (strict ? state.strict : state.loose).set(name, canonicalJson(value));
  put("plan", ofKind(records, "plan")[0]!.plan);
  put("labels", ofKind(records, "planDetails")[0]!.details);
  for (const { id, bucket } of ofKind(records, "bucket")) put(`bucket ${id}`, bucket);
  for (const { id, task, details, formats } of ofKind(records, "task")) {
    put(`task ${id}`, { task, details });
    if (formatsListed) put(`formats ${id}`, formats);
    else for (const [name, format] of Object.entries(formats)) put(`${name} ${id}`, format, false);
    put(`comments ${id}`, ofKind(records, "comment").filter(({ comment }) => comment.taskId === id).map(({ comment }) => comment.id).sort(), false);
  }
  return state;
}

const whole = ({ strict }: State) => JSON.stringify([...strict].sort());

/** What people do in Planner, one edit at a time. */
function edit(plan: PlanRecord, random: () => number): void {
  const { planner, mail } = stage.stores;
  const any = <T>(values: Iterable<T>): T | undefined => [...values][Math.floor(random() * [...values].length)];
  const task = any(plan.tasks.values());
  const bucket = any(plan.buckets.values());
  const word = `${Math.floor(random() * 1e9)}`;
  const touched = (one: TaskRecord, revision: { touch(fields: string[]): void }, field: string) => {
    revision.touch([field]);
    planner.modified(one, me);
  };
  const edits: (() => void)[] = [
    () => void planner.addTask({ planId: plan.id, bucketId: bucket?.id ?? null, title: word, description: word, createdBy: me }),
    () => void planner.addBucket({ planId: plan.id, name: word }),
    () => { plan.title = word; plan.revision.touch(["title"]); },
    () => { plan.details.categories.set("category1", word); plan.details.revision.touch(["categoryDescriptions/category1"]); },
  ];
  if (bucket) edits.push(() => { bucket.name = word; bucket.revision.touch(["name"]); });
  if (bucket && plan.buckets.size > 1) edits.push(() => void planner.deleteBucket(bucket.id));
  if (task) {
    edits.push(
      () => void planner.deleteTask(task.id),
      () => { task.title = word; touched(task, task.revision, "title"); },
      () => { task.bucketId = bucket?.id ?? null; touched(task, task.revision, "bucketId"); },
      () => { task.details.description = word; touched(task, task.details.revision, "description"); },
      () => { task.details.description = word; task.details.revision.touch(["description"]); task.title = word; touched(task, task.revision, "title"); },
      () => { task.bucketFormat.orderHint = word; touched(task, task.bucketFormat.revision, "orderHint"); },
      () => { task.progressFormat.orderHint = word; touched(task, task.progressFormat.revision, "orderHint"); },
      () => {
        const thread = mail.find(plan.groupId, task.conversationThreadId ?? "") ?? mail.addThread(plan.groupId, word);
        mail.addPost(thread, { sender: stage.contoso.users.get(PEOPLE.ben.id)!, content: word, createdAt: 0 });
        if (task.conversationThreadId !== thread.id) { task.conversationThreadId = thread.id; touched(task, task.revision, "conversationThreadId"); }
      },
    );
  }
  any(edits)!();
}

test(`${SCHEDULES} seeded schedules of edits during the capture, in every way of reading`, async () => {
  const met = { quiescent: 0, window: 0, edits: 0 };
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const random = mulberry32(seed);
    const mode = MODES[Math.floor(random() * MODES.length)]!;
    if (seed % 100 === 1) await stage.reset();
    const { planner } = stage.stores;
    const listed = { details: mode === "details" || mode === "everything", formats: mode === "everything" };
    planner.behaviour.set({ expandDetails: listed.details ? "works" : "ignored", expandFormats: listed.formats ? "works" : "single" });
    const { plan } = stage.smallPlan();
    const version = mode === "beta" || mode === "single beta" || mode === "takeover" ? "beta" : "v1.0";
    const single = mode.startsWith("single") ? { details: true, formats: true } : undefined;
    const clock = new FakeClock(seed);
    const how = { graph: stage.cloud.graph({ clock, governor: createGovernor({ clock }) }), extras: version === "beta", expand: { ...listed, single, probedAt: "" } };
    let previousManifestId: string | null = null;
    if (mode === "takeover") {
      previousManifestId = (await stage.capture(plan, how)).manifestId;
      for (let count = Math.floor(random() * 3); count > 0; count--) edit(plan, random);
    }

    const versions = new Map<string, Set<string>>();
    const moments = new Set<string>();
    const remember = () => {
      const state = stateOf(plan, version, listed.formats);
      moments.add(whole(state));
      for (const [name, text] of [...state.strict, ...state.loose]) versions.set(name, (versions.get(name) ?? new Set()).add(text));
    };
    remember();
    // Before any look at the plan's state, in the middle of a batch too: more often at first, then it may calm down.
    const calm = random() < 0.1 ? Infinity : 4 + Math.floor(random() * 40);
    const often = random() * 0.3;
    let looks = 0;
    const disturb = () => {
      if (++looks > calm || random() >= often) return;
      met.edits++;
      edit(plan, random);
      remember();
    };
    const { findPlan, findTask } = planner;
    planner.findPlan = (id) => { if (id === plan.id) disturb(); return findPlan.call(planner, id); };
    planner.findTask = (id) => { disturb(); return findTask.call(planner, id); };
    const told = `seed ${seed} (${mode})`;
    const result = await stage.capture(plan, { ...how, takeOver: mode === "takeover", previousManifestId }).finally(() => Object.assign(planner, { findPlan, findTask }));

    const state = stateOfSnapshot(await stage.recordsOf(result.manifestId), listed.formats);
    const { consistency } = result;
    met[consistency.kind]++;
    const moved = new Set(consistency.kind === "window" ? consistency.moved : []);
    if (consistency.kind === "quiescent") expect(moments, told).toContain(whole(state));
    else expect(moved.size, told).toBeGreaterThan(0);
    for (const [name, text] of [...state.strict, ...state.loose]) {
      const id = name.split(" ")[1] ?? plan.id;
      // A pair of task and details that moved at the end is named, not claimed.
      if (!moved.has(id) || state.loose.has(name)) expect(versions.get(name), `${told}: ${name}`).toContain(text);
    }
    const buckets = new Set([...state.strict.keys()].filter((name) => name.startsWith("bucket ")).map((name) => name.slice("bucket ".length)));
    for (const [name, text] of state.strict) {
      if (!name.startsWith("task ")) continue;
      const { task } = JSON.parse(text) as { task: { id: string; bucketId: string | null } };
      if (task.bucketId && !buckets.has(task.bucketId)) expect(moved, `${told}: a bucket that is not there`).toContain(task.id);
    }
    planner.deletePlan(plan.id);
  }
  expect(met.edits).toBeGreaterThan(SCHEDULES);
  expect(met.quiescent).toBeGreaterThan(SCHEDULES / 2);
  expect(met.window).toBeGreaterThan(SCHEDULES / 100);
}, 300_000);
