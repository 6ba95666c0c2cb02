/**
 * "Complete" means complete: under faults of Microsoft's side a snapshot equals what the simulator holds, or its manifest
 * names each thing that is missing and nothing else, or nothing is written at all.
 */
import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGovernor } from "@/lib/graph";
import { FakeClock } from "@/lib/graph/testing/fakes";
import { isPlanbackError } from "@/lib/errors";
import type { Gap, SnapshotRecord } from "@/lib/planner/types";
import { openRepository } from "@/lib/repository";
import { createMemoryStore, keysOf } from "@/lib/repository/testing";
import { GROUPS, PEOPLE } from "@/simulator/fixtures";
import type { FaultAction, FaultRule } from "@/simulator/faults/rules";
import type { PlanRecord, TaskRecord } from "@/simulator/planner";
import { addMessage } from "@/simulator/planner/chat";
import * as render from "@/simulator/planner/render";
import { mulberry32 } from "@/simulator/world";
import { withoutAnnotations } from "./annotations";
import { me, ofKind, Stage, taskTruth, tasksOf, type GraphVersion } from "./testing/stage";
import type { CaptureResult } from "./types";

const SCHEDULES = process.env.PLANBACK_LONG === "1" ? 5000 : 1000;
const MODES = ["plain", "details", "everything", "single", "beta", "single beta", "takeover"] as const;
type Mode = (typeof MODES)[number];
const isBeta = (mode: Mode) => mode === "beta" || mode === "single beta" || mode === "takeover";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.simulator.close());

interface Subject { plan: PlanRecord; tasks: TaskRecord[]; outsider: string; file: Buffer }

/** Three tasks: one with a checklist, one with a conversation and a chat, one with a file and an assignee from outside the group. */
function subject(seed: number): Subject {
  const { mail } = stage.stores;
  const group = stage.contoso.groups.get(GROUPS.marketing)!;
  const outsider = [...stage.contoso.users.values()].find((user) => !group.members.has(user.id) && !group.owners.has(user.id))!.id;
  const file = Buffer.from(`content of ${seed} `.repeat(20));
  const { plan, tasks } = stage.plan([
    { title: "one", description: "about one", checklist: [{ title: "a" }] },
    { title: "two" },
    { title: "three", assignees: [outsider], references: [{ url: stage.addFile(`file ${seed}.txt`, file) }] },
  ]);
  plan.details.categories.set("category1", "Urgent");
  const thread = mail.addThread(GROUPS.marketing, "two");
  for (const content of ["first", "second"]) mail.addPost(thread, { sender: stage.contoso.users.get(PEOPLE.ben.id)!, content });
  tasks[1]!.conversationThreadId = thread.id;
  addMessage(tasks[1]!, { id: randomUUID(), content: "in the chat", by: me, at: stage.simulator.world.now() });
  return { plan, tasks, outsider, file };
}

type Pick = <T>(from: readonly T[]) => T;

/** What Microsoft may do to one request: refuse it, fail once or a few times and then work, or never work. */
function mischief(pick: Pick): Mischief {
  const refusal = pick([400, 403, 404]);
  const passing = pick([429, 500, 502, 503, 504]);
  const headers = passing === 429 ? { "retry-after": pick(["0", "1", "30"]) } : undefined;
  return pick<Mischief>([
    { action: { kind: "status", status: refusal } },
    { action: { kind: "status", status: refusal }, times: 1 },
    { action: { kind: "status", status: passing, ...(headers ? { headers } : {}) }, times: pick([1, 2]) },
    { action: { kind: "status", status: pick([500, 503]) } },
  ]);
}
type Mischief = { action: FaultAction; times?: number };

/** The requests that can fail by themselves in this mode, each surely sent. */
function targets(mode: Mode, { plan, tasks, outsider }: Subject, pick: Pick): string[] {
  const [first, second, third] = tasks.map((task) => task.id);
  const read = mode === "takeover" ? [first!] : [first!, second!, third!];
  const beta = isBeta(mode);
  const details = mode === "details" || mode === "everything" ? null : pick(read);
  const format = `${pick(["assignedTo", "bucket", "progress"])}TaskBoardFormat`;
  const direct = mode.startsWith("single")
    // Where one task shows all: there alone, there and where it is read then, or where details are looked at again.
    ? [`/tasks/${details}${pick(["(/details)?", "/details"])}$`, `/tasks/${pick(read.filter((id) => id !== details))}${pick([`(/${format})?`, ""])}$`]
    : [...(details ? [`/tasks/${details}/details$`] : []), ...(mode === "everything" ? [] : [`/tasks/${pick(read)}/${format}$`])];
  return [
    ...direct,
    "/threads/[^/]+/posts$",
    // Without its details nobody knows that the task has a file.
    ...(details === third ? [] : mode === "takeover" ? ["/drive/root:/"] : [pick(["/drive/root:/", "^/sharepoint/"])]),
    `/users/${outsider}$`,
    `/groups/${plan.groupId}$`,
    `/groups/${plan.groupId}/${pick(["members", "owners"])}$`,
    ...(beta ? [`/tasks/${second!}/messages$`] : [`/plans/${plan.id}/details$`]),
  ];
}

function planFaults(mode: Mode, one: Subject, pick: Pick, random: () => number): { rules: FaultRule[]; mayFail: boolean } {
  if (random() < 0.1) {
    const regex = `/plans/${one.plan.id}${pick(["", "/buckets", "/tasks"])}$`;
    return { rules: [{ match: { regex }, action: { kind: "status", status: pick([403, 404, 503]) } }], mayFail: true };
  }
  const all = targets(mode, one, pick);
  const rules: FaultRule[] = [];
  for (let count = Math.floor(random() * 4); count > 0; count--) {
    const [regex] = all.splice(Math.floor(random() * all.length), 1);
    rules.push({ match: { regex: regex! }, ...mischief(pick) });
  }
  // The connection itself: at the first or the second batch, and every capture has two.
  if (rules.length === 0 || random() < 0.4) {
    const action = pick<FaultAction>([{ kind: "cut-body" }, { kind: "reset-before" }, { kind: "reset-after" }, { kind: "status", status: 503 }, { kind: "status", status: 504 }, { kind: "status", status: 429, headers: { "retry-after": "2" } }]);
    rules.push({ match: { path: "/$batch", nth: pick([1, 2]) }, action });
  }
  return { rules, mayFail: false };
}

/** Names of all that differs from the truth, in the words of gaps. */
function missing({ plan, tasks, outsider, file }: Subject, records: SnapshotRecord[], version: GraphVersion, wanted: GraphVersion, denied: boolean): Set<string> {
  const out = new Set<string>();
  const same = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
  const stored = tasksOf(records);
  expect([...stored.keys()].sort()).toEqual(tasks.map(({ id }) => id).sort());
  if (version !== wanted) out.add(`plan ${plan.id}`);
  expect(same(ofKind(records, "plan")[0]?.plan, withoutAnnotations(render.renderPlan(plan, version)))).toBe(true);
  expect(same(ofKind(records, "bucket").map(({ bucket }) => bucket), [...plan.buckets.values()].map((bucket) => withoutAnnotations(render.renderBucket(bucket, version))))).toBe(true);
  if (!same(ofKind(records, "planDetails")[0]?.details, withoutAnnotations(render.renderPlanDetails(plan, version)))) out.add(`planDetails ${plan.id}`);
  const group = ofKind(records, "group")[0]?.group;
  const truth = stage.contoso.groups.get(plan.groupId)!;
  if (!same([group?.id, group?.memberIds, group?.ownerIds, group?.displayName, group?.mailNickname, group?.visibility], [truth.id, [...truth.members].sort(), [...truth.owners].sort(), truth.displayName, truth.mailNickname, truth.visibility])) out.add(`group ${plan.groupId}`);
  for (const task of tasks) {
    const now = taskTruth(task, version);
    const was = stored.get(task.id)!;
    expect(same(was.task, now.task)).toBe(true);
    if (!same(was.details, now.details)) out.add(`task ${task.id}`);
    if (!same(was.formats, now.formats)) out.add(`boardFormat ${task.id}`);
    const thread = task.conversationThreadId ? stage.stores.mail.find(plan.groupId, task.conversationThreadId)! : null;
    const said = [...(thread?.posts ?? []), ...(version === "beta" ? task.messages : [])].map(({ id }) => id);
    if (!same(ofKind(records, "comment").filter(({ comment }) => comment.taskId === task.id).map(({ comment }) => comment.id).sort(), said.sort())) out.add(`comments ${task.id}`);
  }
  const attachment = ofKind(records, "attachment")[0]?.attachment;
  const key = Object.keys(taskTruth(tasks[2]!).details.references as object)[0]!;
  if (stored.get(tasks[2]!.id)!.details && attachment?.sha256 !== createHash("sha256").update(file).digest("hex")) out.add(`file ${tasks[2]!.id}/${createHash("sha256").update(key).digest("hex").slice(0, 16)}`);
  // Somebody whom Microsoft says it does not have is a bare id: that is what there is to keep.
  const person = ofKind(records, "person").find(({ id }) => id === outsider)?.person;
  if (!person?.displayName && !(denied && person)) out.add(`person ${outsider}`);
  return out;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]));
}

const nameOf = (gap: Gap) => `${gap.kind} ${gap.id}`;

test(`${SCHEDULES} seeded fault schedules: complete is complete, what is missing is named, and nothing else is`, async () => {
  const met = { complete: 0, partial: 0, failed: 0 };
  const hit = new Map<string, number>();
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const random = mulberry32(seed);
    const pick: Pick = (from) => from[Math.floor(random() * from.length)]!;
    const mode = pick(MODES);
    if (seed % 100 === 1) await stage.reset();
    const store = createMemoryStore();
    stage.repository = openRepository({ store, keys: keysOf("w") });
    const { planner } = stage.stores;
    const single = mode.startsWith("single") ? { details: true, formats: true } : undefined;
    planner.behaviour.set({
      expandDetails: mode === "details" || mode === "everything" ? "works" : "ignored", expandTaskDetails: single ? pick(["works", "works", "hollow", "ignored"]) : "works",
      expandFormats: mode === "everything" ? "works" : single ? "single" : "ignored",
    });
    const one = subject(seed);
    const beta = isBeta(mode);
    const clock = new FakeClock(seed);
    const graph = stage.cloud.graph({
      clock, governor: createGovernor({ clock }),
    });
    const how = { graph, extras: beta, expand: { details: mode === "details" || mode === "everything", formats: mode === "everything", single, probedAt: "" } };
    let previousManifestId: string | null = null;
    if (mode === "takeover") {
      previousManifestId = (await stage.capture(one.plan, how)).manifestId;
      one.tasks[0]!.title = "edited";
      one.tasks[0]!.revision.touch(["title"]);
      planner.modified(one.tasks[0]!, me);
    }
    const { rules, mayFail } = planFaults(mode, one, pick, random);
    const before = store.objects.size;
    stage.simulator.faults.clear();
    stage.simulator.faults.add(...rules);
    const denied = rules.some(({ match, action }) => match.regex?.startsWith("/users/") && action.kind === "status" && action.status === 404);
    const told = () => `seed ${seed} (${mode}): ${JSON.stringify(rules)}`;
    const result: CaptureResult | Error = await stage.capture(one.plan, { ...how, takeOver: mode === "takeover", previousManifestId }).catch((error: Error) => error);
    for (const rule of stage.simulator.faults.list()) {
      expect(rule.hits, `${told()} never hit: ${JSON.stringify(rule)}`).toBeGreaterThan(0);
      hit.set(`${rule.action.kind} ${"status" in rule.action ? rule.action.status : ""}`, (hit.get(`${rule.action.kind} ${"status" in rule.action ? rule.action.status : ""}`) ?? 0) + 1);
    }
    stage.simulator.faults.clear();
    if (result instanceof Error) {
      expect(isPlanbackError(result, "graph_forbidden", "graph_not_found", "graph_unavailable") && mayFail, `${told()} ${result.stack}`).toBe(true);
      expect(store.objects.size, told()).toBe(before);
      met.failed++;
      continue;
    }
    expect(mayFail, told()).toBe(false);
    const wanted = beta ? "beta" : "v1.0";
    const lacking = missing(one, await stage.recordsOf(result.manifestId), result.reading.extras ? "beta" : "v1.0", wanted, denied);
    const { gaps, complete } = await stage.repository.readManifest(result.manifestId);
    expect([...lacking].sort(), told()).toEqual([...new Set(gaps.map(nameOf))].sort());
    expect(complete, told()).toBe(gaps.every((gap) => gap.permanent));
    // Only what Microsoft says does not exist may be missing from a complete snapshot.
    for (const gap of gaps) expect(gap.permanent, told()).toBe(gap.reason === "not_found" && (gap.kind === "file" || (gap.kind === "comments" && !gap.detail.includes("chat"))));
    met[complete ? "complete" : "partial"]++;
  }
  for (const [kind, count] of Object.entries(met)) expect(count, kind).toBeGreaterThan(SCHEDULES / 20);
  for (const kind of ["cut-body ", "reset-before ", "reset-after ", ...[400, 403, 404, 429, 500, 502, 503, 504].map((status) => `status ${status}`)]) expect(hit.get(kind), kind).toBeGreaterThan(5);
}, 300_000);
