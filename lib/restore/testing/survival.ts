/** Restores against the Planner in memory by workers that may have mishaps; at the end nothing is there twice and nothing is lost. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { canonicalPlan, decodeReferenceKey } from "@/lib/planner";
import type { Attachment, GraphObject, SnapshotContent } from "@/lib/planner/types";
import { buildRestorePlan, executeRestore, type JournalRows, MemoryJournal, newJournalRows, readBack, readLiveTarget, type RestorePlan, type RestoreReport, type RestoreRequest } from "..";
import { type FakeOptions, FakePlanner, VirtualClock } from "./fake-graph";
import { referenceContent } from "./reference";
import { type Mishap, TestWorker } from "./worker";

export const ACCOUNT = "00000000-0000-4000-8000-00000000acc0";
export const GROUP = "00000000-0000-4000-8000-0000000000aa";
export const PEOPLE = [1, 2, 3, 4].map((number) => `00000000-0000-4000-8000-00000000000${number}`);
const OPTIONS = { tasks: "all", addMembers: true, comments: "quoted" } as const;
export const NEW_PLAN: RestoreRequest = { ...OPTIONS, target: { kind: "new_plan", groupId: GROUP, title: "Again" } };
export const NEW_GROUP: RestoreRequest = { ...OPTIONS, target: { kind: "new_group", name: "Marketing", mailNickname: "marketing2", visibility: "Private", title: "Again" } };
export const IN_PLACE: RestoreRequest = { ...OPTIONS, target: { kind: "in_place", added: "remove" } };
const SCOPES = ["Group.ReadWrite.All", "Group.Create", "Sites.ReadWrite.All", "Tasks.ReadWrite", "User.Read.All"];
const SHA_OF_A_ZERO = createHash("sha256").update(Buffer.alloc(1)).digest("hex");
const repository = { async *readFile() { yield new Uint8Array(1); } };

export interface World { fake: FakePlanner; clock: VirtualClock; rows: JournalRows; plan: RestorePlan; snapshot: SnapshotContent; request: RestoreRequest }

export async function world(snapshot: SnapshotContent, request: RestoreRequest, options: Partial<FakeOptions> = {}, before: (fake: FakePlanner) => void = () => undefined): Promise<World> {
  const clock = new VirtualClock();
  const fake = new FakePlanner({ accountId: ACCOUNT, groupId: GROUP, memberIds: PEOPLE.slice(0, 2), clock, ...options });
  before(fake);
  const { live, people } = await readLiveTarget({ graph: fake.api, snapshot, request, extras: true });
  const plan = buildRestorePlan({ snapshot, live, people, request, account: { id: ACCOUNT, hasExchangeLicence: true, scopes: SCOPES }, restoreId: "restore-1", extras: true });
  expect(plan.blockers).toEqual([]);
  return { fake, clock, rows: newJournalRows(), plan, snapshot, request };
}

export type How = "finished" | "cancelled" | "again";

/** One attempt of one worker. "again": another one has to carry on. */
export function start({ fake, clock, rows, plan }: World, worker: TestWorker, signal?: AbortSignal): Promise<How> {
  const running = executeRestore({
    plan, journal: worker.journal(new MemoryJournal(rows, clock.now)), graph: worker.graph(fake.api), repository, accountId: ACCOUNT, clock, signal,
  }).then(({ state }) => state, (error: unknown) => {
    if (error instanceof PlanbackError && ["database_unavailable", "graph_unavailable", "lease_lost"].includes(error.code)) return "again" as const;
    throw error;
  });
  return Promise.race([running, worker.died.then(() => "again" as const)]);
}

/** Workers one after the other, each with its mishap; the last ones have none. Returns how many mishaps came. */
export async function carryThrough(world: World, mishaps: { at: number; mishap: Mishap }[]): Promise<number> {
  let hits = 0;
  for (const { at, mishap } of [...mishaps, ...Array.from({ length: 3 }, () => ({ at: Infinity, mishap: "die" as const }))]) {
    const worker = new TestWorker(at, mishap);
    const how = await start(world, worker);
    if (worker.hit > 0) hits += 1;
    if (how === "finished") break;
    world.clock.at += 20_000;
  }
  world.fake.flush();
  return hits;
}

/** What read-back reports now. */
export function report({ fake, clock, rows, plan, snapshot, request }: World, cancelled = false): Promise<RestoreReport> {
  return readBack({ graph: fake.api, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request, clock, cancelled, requests: 0 });
}

const idsOf = ({ rows }: World, kind: string) => [...rows.intents.values()].filter((intent) => intent.kind === kind && intent.state === "done").map(({ remoteId }) => remoteId ?? "").sort();
export const remark = (title: string, facts: object) => `${title} ${JSON.stringify(facts)}`;

/** Nothing twice, nothing lost, no container of nobody, and journal and report name exactly what is there. */
export async function expectWhole(world: World, context: string, doubted = 0): Promise<void> {
  const { fake, plan, snapshot } = world;
  const existing = new Set([...plan.existing.planIds, ...plan.existing.bucketIds, ...plan.existing.taskIds]);
  const fresh = (map: ReadonlyMap<string, unknown>) => [...map.keys()].filter((id) => !existing.has(id)).sort();
  expect(fresh(fake.plans), context).toEqual(idsOf(world, "create_plan"));
  expect(fresh(fake.buckets), context).toEqual(idsOf(world, "create_bucket"));
  expect(fresh(fake.tasks), context).toEqual(idsOf(world, "create_task"));
  expect([...fake.groups.keys()].filter((id) => id !== GROUP), context).toEqual(idsOf(world, "create_group"));
  const planId = plan.planId ?? idsOf(world, "create_plan")[0] ?? "";
  expect(canonicalPlan(seen(fake, planId), { ignoreTitle: true }), context).toEqual(canonicalPlan(plain(snapshot), { ignoreTitle: true }));
  const recurring = (tasks: readonly GraphObject[]) => tasks.filter(({ recurrence }) => recurrence).length;
  expect([fake.plans.get(planId)?.isArchived === true, recurring([...fake.tasks.values()])], context).toEqual([snapshot.plan.isArchived === true, recurring(snapshot.tasks.map(({ task }) => task))]);
  const posts = [...fake.threads.values()].flatMap((thread) => thread.posts.map((post) => post.body.content));
  const comments = plan.operations.filter(({ kind }) => kind === "post_comment");
  const twice = comments.filter(({ body }) => posts.filter((post) => post.includes(String(body.reference))).length > 1).length;
  expect(twice, context).toBeLessThanOrEqual(doubted);
  expect(posts.length, context).toBe(comments.length + twice);
  const told = await report(world);
  const again = told.itemsDifferent.filter(({ fields }) => fields.every(({ found }) => found?.endsWith(" times")));
  expect([again.length, told.itemsDifferent.length - again.length, told.failed, told.skipped], context).toEqual([expect.toSatisfy((number: number) => number <= twice), 0, [], []]);
  const made = (kind: RestoreReport["created"][number]["kind"]) => told.created.filter((one) => one.kind === kind).map(({ id }) => id).sort();
  expect([made("plan"), made("bucket"), made("task")], context).toEqual([fresh(fake.plans), fresh(fake.buckets), fresh(fake.tasks)]);
}

/** The live plan as a capture would read it: with the content of files that were uploaded. */
function seen(fake: FakePlanner, planId: string): SnapshotContent {
  const content = fake.content(planId);
  const attachments = content.tasks.flatMap(({ id, details }) => Object.keys(details?.references ?? {}).flatMap((referenceKey): Attachment[] => {
    const size = fake.files.get(decodeURI(new URL(decodeReferenceKey(referenceKey)).pathname.slice(1)));
    return size === undefined ? [] : [{ id: `${id}/file`, taskId: id, referenceKey, name: "", size, sha256: SHA_OF_A_ZERO, fileId: "", contentType: null, driveItemId: null }];
  }));
  return { ...content, attachments };
}

/** As v1.0 shows it. */
function plain(snapshot: SnapshotContent): SnapshotContent {
  return { ...snapshot, plan: { ...snapshot.plan, isArchived: undefined }, tasks: snapshot.tasks.map((record) => ({ ...record, task: { ...record.task, recurrence: undefined } })) };
}

export const reference = (size = {}) => referenceContent(GROUP, PEOPLE.slice(0, 2), size);
