/** Every kind of write of a restore, answered so that nobody knows what became of it: nothing twice, nothing lost, and the report is exact. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { canonicalPlan } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import type { FaultAction } from "@/simulator/faults/rules";
import { executeRestore, MemoryJournal, newJournalRows, readBack, type RestoreRequest } from ".";
import { type Rig, startRig } from "./testing/rig";

let rig: Rig;
/** The simulator is always seeded the same. */
let snapshot: SnapshotContent;
beforeAll(async () => {
  rig = await startRig();
  const [live] = planner().plansOfGroup(GROUPS.marketing);
  snapshot = await rig.capture(GROUPS.marketing, live!.id);
});
afterAll(() => rig.cloud.simulator.close());
beforeEach(() => rig.cloud.simulator.reset());

const ANSWERS: Record<string, FaultAction> = {
  "504 after it was applied": { kind: "apply-then-status", status: 504 },
  "504 and not applied": { kind: "status", status: 504 },
  "reset before": { kind: "reset-before" },
  "reset after": { kind: "reset-after" },
  "body cut": { kind: "cut-body" },
  "applied late": { kind: "late-commit", ms: 30 },
};

const asked = (target: RestoreRequest["target"]): RestoreRequest => ({ tasks: "all", target, addMembers: true, comments: "quoted" });
const NEW_PLAN = asked({ kind: "new_plan", groupId: GROUPS.engineering, title: "Again" });
const NEW_GROUP = asked({ kind: "new_group", name: "Again", mailNickname: "again", visibility: "Private", title: "Again" });
const IN_PLACE = asked({ kind: "in_place", added: "remove" });

const WRITES: [string, RestoreRequest][] = [
  ...["POST /planner/plans$", "POST /planner/buckets$", "POST /planner/tasks$", "POST /groups/[^/]+/threads$", "POST /groups/[^/]+/threads/[^/]+/reply$", "PUT :/content$"].map((write): [string, RestoreRequest] => [write, NEW_PLAN]),
  ...["PATCH /groups\\(uniqueName", "POST /members/\\$ref$", "POST /owners/\\$ref$"].map((write): [string, RestoreRequest] => [write, NEW_GROUP]),
  ...["PATCH /planner/tasks/[^/]+$", "PATCH /planner/tasks/[^/]+/details$", "PATCH /bucketTaskBoardFormat$", "DELETE /planner/tasks/", "DELETE /planner/buckets/"].map((write): [string, RestoreRequest] => [write, IN_PLACE]),
];

const planner = () => rig.cloud.simulator.stores.planner;
const groups = () => rig.cloud.simulator.world.tenants.get(CONTOSO.tenantId)!.groups;
const by = { userId: PEOPLE.alice.id, appId: null };

/** What people did to the plan since the snapshot: edited a task and its notes, moved it on the board, added a bucket with a task. */
function spoil(planId: string): void {
  const plan = planner().findPlan(planId)!;
  const [first] = [...plan.tasks.values()];
  Object.assign(first!, { title: "Spoilt", priority: 9 });
  first!.revision.touch(["title", "priority"]);
  first!.details.description = "Spoilt";
  first!.details.revision.touch(["description"]);
  const column = [...plan.tasks.values()].filter(({ bucketId }) => bucketId === first!.bucketId);
  const last = column.sort((a, b) => (a.bucketFormat.orderHint ?? "").localeCompare(b.bucketFormat.orderHint ?? "")).at(-1)!;
  last.bucketFormat.orderHint = "!";
  last.bucketFormat.revision.touch(["orderHint"]);
  const bucket = planner().addBucket({ planId, name: "New bucket" });
  planner().addTask({ planId, bucketId: bucket.id, title: "New work", createdBy: by });
}

it.each(WRITES.flatMap(([write, request]) => Object.keys(ANSWERS).map((answer) => [write, answer, request] as const)))("%s: %s", async (write, answer, request) => {
  if (request === IN_PLACE) spoil(snapshot.plan.id);
  const plan = await rig.preview(snapshot, request);
  const [method, regex] = write.split(" ") as [string, string];
  rig.cloud.simulator.faults.add({ match: { method, regex, nth: 1 }, action: ANSWERS[answer]! });
  const clock = { ...rig.clock, sleep: async (ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    await rig.clock.sleep(ms);
  } };
  const before = { plans: planner().plansOfGroup(GROUPS.engineering).length, groups: groups().size };
  const { graph, repository } = rig;
  const journal = new MemoryJournal(newJournalRows(), clock.now);
  await executeRestore({ plan, journal, graph, repository, accountId: PEOPLE.backup.id, clock });
  expect(rig.cloud.simulator.faults.list().map(({ hits }) => hits)).toEqual([1]);
  const report = await readBack({ graph, repository, plan, journal, snapshot, request, clock, cancelled: false, requests: 0 });
  expect(report).toMatchObject({ verdict: "exact", failed: [], skipped: [], itemsDifferent: [] });
  expect(planner().plansOfGroup(GROUPS.engineering).length - before.plans).toBe(request === NEW_PLAN ? 1 : 0);
  expect(groups().size - before.groups).toBe(request === NEW_GROUP ? 1 : 0);
  const groupId = request === NEW_GROUP ? [...groups().values()].find(({ displayName }) => displayName === "Again")!.id : request === NEW_PLAN ? GROUPS.engineering : GROUPS.marketing;
  const again = await rig.capture(groupId, report.planId ?? "");
  const unassigned = plan.droppedAssignments.length > 0;
  const seen = (content: SnapshotContent) => {
    const whole = canonicalPlan(content, { ignoreTitle: true });
    return unassigned ? { ...whole, tasks: whole.tasks.map((task) => ({ ...task, assignees: [], ranks: {} })) } : whole;
  };
  expect(seen(again)).toEqual(seen(snapshot));
  expect(again.comments).toHaveLength(snapshot.comments.length);
  expect(again.attachments.map(({ sha256 }) => sha256).sort()).toEqual(snapshot.attachments.map(({ sha256 }) => sha256).sort());
});
