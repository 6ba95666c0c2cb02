/** People at work, or at mischief: random changes of a plan through the interface. */
import fc from "fast-check";
import { encodeReferenceKey, placeBetween } from "@/lib/planner";
import type { GraphObject } from "@/lib/planner/types";
import type { FakePlanner } from "./fake-graph";

const KINDS = [
  "delete task", "delete bucket", "add task", "add bucket", "title", "progress", "dates", "labels", "assign", "unassign", "bucket", "list order", "board order", "notes", "rich notes", "add item",
  "remove item", "tick", "require", "add reference", "remove reference", "repeat", "repeat not", "rename bucket", "move bucket", "rename plan", "label name",
] as const;

export interface Deed { kind: (typeof KINDS)[number]; a: number; b: number }

export const deeds: fc.Arbitrary<Deed[]> = fc.array(fc.record({ kind: fc.constantFrom(...KINDS), a: fc.nat(1000), b: fc.nat(1000) }), { minLength: 1, maxLength: 14 });

const BETA = new Set<Deed["kind"]>(["rich notes", "require", "repeat", "repeat not"]);

/** Does what can be done. `people` may be assigned. */
export async function work(fake: FakePlanner, planId: string, done: readonly Deed[], people: readonly string[], extras = true): Promise<void> {
  for (const [at, deed] of done.entries()) if (extras || !BETA.has(deed.kind)) await one(fake, planId, deed, people, at);
}

async function one(fake: FakePlanner, planId: string, { kind, a, b }: Deed, people: readonly string[], at: number): Promise<void> {
  const { api } = fake;
  const buckets = [...fake.buckets.values()].filter((bucket) => bucket.planId === planId);
  const tasks = [...fake.tasks.values()].filter((task) => task.planId === planId);
  const [bucket, task] = [buckets[a % buckets.length], tasks[a % tasks.length]];
  const patch = (path: string, body: GraphObject) => api.patch(path, fake.find(path)["@odata.etag"], body, "beta");
  const guid = `00000000-0000-4000-8000-${String(100_000_000_000 + a)}`;
  // Never the same gap twice: the service gives no value to two.
  const place = () => placeBetween(`${b % 10}${String(a).padStart(4, "0")}${String(at).padStart(2, "0")}`, null);

  if (kind === "rename plan") return void (await patch(`/planner/plans/${planId}`, { title: `Plan ${b}` }));
  if (kind === "label name") return void (await patch(`/planner/plans/${planId}/details`, { categoryDescriptions: { [`category${(a % 25) + 1}`]: b % 3 === 0 ? null : `Label ${b}` } }));
  if (kind === "add bucket") return void (await api.createBucket({ planId, name: `Bucket ${b}`, orderHint: place() }));
  if (kind === "add task") return void (await api.createTask({ planId, title: `Task ${b}`, ...(bucket && b % 4 > 0 ? { bucketId: bucket.id } : {}), orderHint: place(), percentComplete: b % 2 ? 100 : 0 }));
  if (bucket) {
    const path = `/planner/buckets/${bucket.id}`;
    if (kind === "delete bucket") return void (await api.remove(path, bucket["@odata.etag"]));
    if (kind === "rename bucket") return void (await patch(path, { name: `Bucket ${b}` }));
    if (kind === "move bucket") return void (await patch(path, { orderHint: place() }));
  }
  if (!task) return;
  const path = `/planner/tasks/${task.id}`;
  if (kind === "delete task") return void (await api.remove(path, task["@odata.etag"]));
  const details = fake.find(`${path}/details`);
  const [items, references] = [Object.keys((details.checklist ?? {}) as GraphObject), Object.keys((details.references ?? {}) as GraphObject)];
  const [item, reference, person] = [items[b % items.length], references[b % references.length], people[b % people.length]!];
  const assigned = Object.keys((task.assignments ?? {}) as GraphObject);
  const changes: Partial<Record<Deed["kind"], [string, GraphObject]>> = {
    title: [path, { title: `Title ${b}` }],
    progress: [path, { percentComplete: [0, 50, 100][b % 3] }],
    dates: [path, { startDateTime: null, dueDateTime: b % 2 ? "2031-01-01T00:00:00Z" : null }],
    labels: [path, { appliedCategories: { [`category${(b % 25) + 1}`]: a % 2 === 0 } }],
    bucket: [path, { bucketId: buckets[b % buckets.length]?.id ?? null }],
    "list order": [path, { orderHint: place() }],
    "board order": [`${path}/${["bucket", "progress"][b % 2]}TaskBoardFormat`, { orderHint: place() }],
    notes: [`${path}/details`, { description: `Notes ${b}` }],
    "rich notes": [`${path}/details`, { notes: { contentType: "html", content: `<b>Notes ${b}</b>` } }],
    repeat: [path, { recurrence: { schedule: { pattern: { type: "daily", interval: (b % 5) + 1 }, patternStartDateTime: "2026-12-01T00:00:00Z" } } }],
    ...(task.recurrence ? { "repeat not": [path, { recurrence: { schedule: null } }] } : {}),
    ...(assigned.length < 20 ? { assign: [path, { assignments: { [person]: { "@odata.type": "#microsoft.graph.plannerAssignment", orderHint: " !" } } }] } : {}),
    ...(items.length < 20 ? { "add item": [`${path}/details`, { checklist: { [guid]: { title: `Item ${b}`, isChecked: false, orderHint: " !" } } }] } : {}),
    ...(references.length < 10 ? { "add reference": [`${path}/details`, { references: { [encodeReferenceKey(`https://example.com/${b}`)]: { alias: "A", type: "Other", previewPriority: " !" } } }] } : {}),
    ...(item ? {
      "remove item": [`${path}/details`, { checklist: { [item]: null } }], tick: [`${path}/details`, { checklist: { [item]: { isChecked: b % 2 === 0 } } }],
      require: [`${path}/details`, { completionRequirements: { checklistRequirement: { requiredChecklistItemIds: [item] } } }],
    } : {}),
    ...(reference ? { "remove reference": [`${path}/details`, { references: { [reference]: null } }] } : {}),
    ...(assigned.length > 0 ? { unassign: [path, { assignments: { [assigned[b % assigned.length]!]: null } }] } : {}),
  };
  const change = changes[kind];
  if (change) await patch(...change);
}
