import { GROUPS, PEOPLE } from "../fixtures";
import { addMessage, firstOfSeries, type PlanRecord } from "../planner";
import { addComments, addFile, type Soil } from "./plans";

const DAY = 86_400_000;

/** A small plan with everything in it, for screenshots and for the tour: "Product launch" of Marketing. */
export function addShowcase(soil: Soil): PlanRecord {
  const { world, stores, tenant } = soil;
  const group = tenant.groups.get(GROUPS.marketing)!;
  const now = world.now();
  const by = (id: string) => ({ userId: id, appId: null });
  const day = (n: number) => new Date(Math.floor((now + n * DAY) / DAY) * DAY + 10 * 3_600_000).toISOString().replace(".000Z", "Z");
  const { alice, ben, chen, priya } = PEOPLE;
  const file = (name: string, size: number) => addFile(soil, group, "Product launch", { name, size, by: alice.id, at: now - 6 * DAY });
  const plan = stores.planner.addPlan({
    tenantId: tenant.id, groupId: group.id, title: "Product launch", createdBy: by(alice.id), createdAt: now - 40 * DAY,
    categories: { category1: "Press", category2: "Website", category3: "Event", category4: "Needs approval", category5: "Customer", category25: "Bonus" },
  });
  const [todo, doing, done] = ["Done", "In progress", "To do"].map((name) => stores.planner.addBucket({ planId: plan.id, name })).reverse();
  const base = { planId: plan.id, createdBy: by(alice.id), createdAt: now - 30 * DAY };
  const add = stores.planner.addTask.bind(stores.planner);

  const invite = add({
    ...base, bucketId: todo!.id, title: "Invite analysts to the briefing", priority: 5, dueDateTime: day(12), appliedCategories: ["category1"], assignees: [ben.id],
    recurrence: firstOfSeries("bGF1bmNoLWFuYWx5c3RzLTE", { pattern: { type: "relativeMonthly", interval: 1, daysOfWeek: ["tuesday"], index: "second", firstDayOfWeek: "sunday", dayOfMonth: 0, month: 0 }, patternStartDateTime: day(12) }),
  });
  const venue = add({ ...base, bucketId: todo!.id, title: "Book the venue in Lisbon", priority: 3, startDateTime: day(1), dueDateTime: day(9), appliedCategories: ["category3"], assignees: [alice.id, ben.id], checklist: [{ title: "Two offers", isChecked: true }, { title: "Contract" }, { title: "Catering" }], requiredItems: ["Contract"], previewType: "checklist" });
  add({
    ...base, bucketId: todo!.id, title: "Approve launch budget", priority: 1, dueDateTime: day(3), appliedCategories: ["category4"], assignees: [priya.id],
    description: "Budget is in the attached workbook, second sheet.\n\nPlease approve by Friday.",
    references: [{ url: file("Launch budget.xlsx", 48_200), alias: "Launch budget.xlsx", type: "Excel" }],
  });
  const release = add({
    ...base, bucketId: doing!.id, title: "Write the press release", priority: 3, percentComplete: 50, startDateTime: day(-5), dueDateTime: day(4), appliedCategories: ["category1", "category4"], assignees: [alice.id],
    notes: "<div>One page. Lead with the <b>customer's problem</b>, not with the product.</div>", previewType: "description",
    checklist: [{ title: "Draft", isChecked: true }, { title: "Quote from Priya", isChecked: true }, { title: "Legal check" }, { title: "Translate to German" }],
    references: [{ url: file("Press release draft.docx", 31_700), alias: "Press release draft.docx", type: "Word" }, { url: "https://www.example.com/press/guidelines?v=2#tone", alias: "Press guidelines", type: "Other" }],
  });
  const site = add({ ...base, bucketId: doing!.id, title: "New product page", priority: 5, percentComplete: 50, dueDateTime: day(-1), appliedCategories: ["category2"], assignees: [chen.id, ben.id], checklist: [{ title: "Copy", isChecked: true }, { title: "Screenshots" }], previewType: "reference", references: [{ url: file("Wireframes.pdf", 186_000), alias: "Wireframes.pdf", type: "Pdf" }] });
  add({ ...base, bucketId: done!.id, title: "Choose the name", priority: 9, percentComplete: 100, completedAt: now - 8 * DAY, completedBy: by(alice.id), appliedCategories: ["category25"], assignees: [alice.id] });
  add({ ...base, bucketId: done!.id, title: "Interview three pilot customers", priority: 5, percentComplete: 100, completedAt: now - 12 * DAY, completedBy: by(ben.id), appliedCategories: ["category5"], assignees: [ben.id] });

  const message = (n: number) => ({ id: `50000000-0000-4000-8000-${String(n).padStart(12, "0")}` });
  addMessage(invite, { ...message(1), by: by(ben.id), at: now - 4 * DAY, content: "Do we invite the two from <i>Northwind</i>, too?" });
  addMessage(invite, {
    ...message(2), by: by(alice.id), at: now - 3.9 * DAY, editedAt: now - 3.8 * DAY, reactions: [{ reactionType: "like", by: by(ben.id), at: now - 3 * DAY }],
    content: '<div><span itemid="0" itemtype="https://schema.skype.com/Mention/Person"></span> yes, both of them.</div>', mentions: [{ mentioned: ben.id, position: 0, mentionType: "user" }],
  });
  addMessage(invite, { ...message(3), by: by(ben.id), at: now - 3.5 * DAY, deletedAt: now - 3.4 * DAY, content: "Sent to the wrong task" });
  addMessage(venue, { ...message(4), by: by(priya.id), at: now - 2 * DAY, content: "The second offer includes the terrace 🌇" });

  const user = (id: string) => tenant.users.get(id)!;
  addComments(soil, group, release, [
    { by: user(ben.id), text: "Could we mention the pilot with Adatum? They are fine with it.", at: now - 2 * DAY },
    { by: user(alice.id), text: "Good idea, added.\nPlease read the second paragraph once more & tell me.", at: now - 1.5 * DAY },
    { by: user(priya.id), text: "Approved from my side 👍", at: now - 1 * DAY },
  ]);
  addComments(soil, group, site, [{ by: user(chen.id), text: "Screenshots come on Thursday.", at: now - 3 * DAY }]);
  return plan;
}
