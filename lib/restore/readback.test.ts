import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attachment, Person, SnapshotContent } from "@/lib/planner/types";
import { confirmedReport, MemoryJournal, type RestoreReport, type RestoreRequest } from ".";
import { arbitraryContent } from "./testing/arbitrary";
import { fakeRig } from "./testing/fake-rig";
import { GROUP, PEOPLE } from "./testing/inputs";

const SEED = 12;
const [plain] = fc.sample(arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks: 6, extras: true, comments: true }).filter(({ tasks, buckets, comments }) => tasks.length > 4 && buckets.length > 1 && comments.length > 1), { numRuns: 1, seed: SEED }) as [SnapshotContent];
const [holder] = plain.tasks;
const KEY = "https%3A//contoso%2Esharepoint%2Ecom/sites/m/Docs/a%2Epdf";
const file: Attachment = { id: `${holder!.id}/x`, taskId: holder!.id, referenceKey: KEY, name: "a.pdf", size: 1, sha256: "0".repeat(64), fileId: "f1", contentType: null, driveItemId: null };
const people = PEOPLE.map((id): Person => ({ id, displayName: `Person ${id.at(-1)}` }));
const snapshot: SnapshotContent = {
  ...plain, plan: { ...plain.plan, isArchived: false }, people, attachments: [file],
  group: { id: GROUP, displayName: "Old", description: "About", visibility: "Private", ownerIds: [PEOPLE[0]!], memberIds: PEOPLE.slice(0, 2) },
  tasks: plain.tasks.map((record) => ({
    ...record, task: { ...record.task, percentComplete: 0, recurrence: record.task.recurrence ?? null },
    details: record.id === holder!.id ? { ...record.details, id: record.id, references: { [KEY]: { alias: "a.pdf", type: "Pdf", previewPriority: "5" } } } : record.details,
  })),
};
const request: RestoreRequest = { tasks: "all", target: { kind: "new_group", name: "Marketing", mailNickname: "marketing", visibility: "Private", title: "Again" }, addMembers: true, comments: "quoted" };

/** Restores everything there is, lets something happen, and reads back. */
async function restored(meanwhile: (rig: ReturnType<typeof fakeRig>) => unknown = () => undefined): Promise<RestoreReport> {
  const rig = fakeRig({ groupId: "elsewhere", memberIds: [], directory: people });
  const plan = await rig.preview(snapshot, request);
  expect(plan.blockers).toEqual([]);
  return (await rig.run(snapshot, request, plan, () => meanwhile(rig))).report;
}

const fieldsOf = (report: RestoreReport) => report.itemsDifferent.flatMap(({ fields }) => fields.map(({ field }) => field));

describe("read-back", () => {
  it("counts everything that was compared: the plan, buckets, tasks, comments, files, the group and its people", async () => {
    const report = await restored();
    expect(report).toMatchObject({ verdict: "exact", itemsDifferent: [], failed: [] });
    const joined = report.created.filter(({ kind }) => kind === "member").length;
    // The account and one of the people own the group.
    expect(report.itemsExact).toBe(1 + snapshot.buckets.length + snapshot.tasks.length + snapshot.comments.length + 1 + 1 + joined + 2);
  });

  const tampered: [string, string, (rig: ReturnType<typeof fakeRig>) => void][] = [
    ["a title", "Title", ({ fake }) => void ([...fake.tasks.values()][0]!.title = "Tampered")],
    ["rich notes", "Notes (formatting)", ({ fake }) => void ([...fake.details.values()].find(({ notes }) => notes)!.notes = { contentType: "html", content: "<i>x</i>" })],
    ["a recurrence", "Repeats", ({ fake }) => void ([...fake.tasks.values()].find(({ recurrence }) => (recurrence as { schedule?: unknown } | null)?.schedule)!.recurrence = null)],
    ["a label's name", "Label", ({ fake }) => void ([...fake.planDetails.values()][0]!.categoryDescriptions = { category9: "Tampered" })],
    ["the archive", "Archived", ({ fake }) => void ([...fake.plans.values()][0]!.isArchived = true)],
    ["a bucket that is gone", "Bucket", ({ fake }) => void fake.buckets.delete([...fake.buckets.keys()][0]!)],
    ["a task that is gone", "Task", ({ fake }) => void fake.tasks.delete([...fake.tasks.keys()].at(-1)!)],
    ["a plan that is gone", "Plan", ({ fake }) => void fake.plans.clear()],
    ["a comment that is gone", "Comment", ({ fake }) => [...fake.threads.values()].forEach(({ posts }) => posts.splice(0, 1))],
    ["a comment that is there twice", "Comment", ({ fake }) => [...fake.threads.values()].forEach(({ posts }) => posts.push(...structuredClone(posts)))],
    ["a task that is there twice", "Task", ({ fake }) => void fake.addTask("twice".padEnd(28, "x"), structuredClone([...fake.tasks.values()][0]!))],
    ["a bucket that is there twice", "Bucket", ({ fake }) => void fake.buckets.set("twice", { ...[...fake.buckets.values()][0]!, id: "twice" })],
    ["a file that is gone", "File", ({ fake }) => void fake.files.clear()],
    ["a short file", "File size", ({ fake }) => void fake.files.set([...fake.files.keys()][0]!, 2)],
    ["the group's description", "Description", ({ fake }) => void (fake.groupOf("group-planback-r1").facts.description = "Tampered")],
    ["a member who is gone", "Member", ({ fake }) => void fake.groupOf("group-planback-r1").members.delete(PEOPLE[1]!)],
    ["an owner who is gone", "Owner", ({ fake }) => void fake.groupOf("group-planback-r1").owners.delete(PEOPLE[0]!)],
  ];
  it.each(tampered)("names %s, and the numbers still add up", async (_, field, tamper) => {
    const [clean, report] = [await restored(), await restored(tamper)];
    expect(report.verdict, `seed ${SEED}`).toBe("different");
    expect(fieldsOf(report).some((name) => name.startsWith(field))).toBe(true);
    expect(report.itemsExact + report.itemsDifferent.length).toBe(clean.itemsExact);
  });

  it("finds what was to be removed and is there again, and what was not to be touched is not compared", async () => {
    const rig = fakeRig({ groupId: GROUP, memberIds: PEOPLE });
    const planId = snapshot.plan.id;
    rig.fake.load({ ...snapshot, comments: [] });
    const added = await rig.fake.api.createTask({ planId, title: "New", orderHint: " !" });
    const id = added.kind === "done" ? added.value.id : "";
    const stored = rig.fake.tasks.get(id)!;
    const inPlace: RestoreRequest = { tasks: "all", target: { kind: "in_place", added: "remove" }, addMembers: true, comments: "none" };
    const plan = await rig.preview({ ...snapshot, attachments: [] }, inPlace);
    const { report } = await rig.run({ ...snapshot, attachments: [] }, inPlace, plan, () => rig.fake.tasks.set(id, stored));
    expect(report.itemsDifferent).toEqual([{ label: "Delete task “New”", source: id, fields: [{ field: "Task", wanted: null, found: "still there" }] }]);
    const single: RestoreRequest = { ...inPlace, tasks: [holder!.id], fields: { [holder!.id]: ["title"] }, target: { kind: "in_place" } };
    const task = rig.fake.tasks.get(holder!.id)!;
    Object.assign(task, { title: "Spoilt", priority: 2 });
    const partial = await rig.run(snapshot, single, await rig.preview(snapshot, single, { restoreId: "r2" }));
    expect(partial.report).toMatchObject({ verdict: "exact", itemsDifferent: [] });
    expect(task).toMatchObject({ title: holder!.task.title, priority: 2 });
  });

  it("says that nothing was read when the target cannot be read", async () => {
    const rig = fakeRig({ groupId: "elsewhere", memberIds: [], directory: people });
    const plan = await rig.preview(snapshot, request);
    const { rows } = await rig.run(snapshot, request, plan);
    const report = await confirmedReport({ plan, journal: new MemoryJournal(rows, Date.now), clock: { now: Date.now, sleep: async () => undefined }, cancelled: false, requests: 0 });
    expect(report).toMatchObject({ itemsExact: 0, itemsDifferent: [], uncertain: [expect.stringContaining("could not be read back")] });
    expect(report.created.filter(({ kind }) => kind === "task")).toHaveLength(snapshot.tasks.length);
  });
});
