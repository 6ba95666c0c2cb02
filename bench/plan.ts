/**
 * A plan as Microsoft Graph sends it, with all properties, and days on which people work on it. The same seed gives the
 * same plan and the same days. Ids, hints and times are as random as Microsoft's: they compress as badly.
 */
import { createHash } from "node:crypto";
import type { PlannerTask, PlannerTaskDetails, SnapshotRecord, TaskRecord } from "../lib/planner/types";

const WORDS =
  ("the of to and a in for is on with team plan review budget draft send check call meeting client contract design update report launch site page text image video email list order invoice supplier delivery " +
  "test release server backup report bug fix ticket request approve sign print room date venue speaker agenda slides notes minutes action owner risk issue scope cost estimate quote price offer market campaign " +
  "social post blog article newsletter customer feedback survey result analysis data table chart dashboard access account password policy rule training course onboarding office desk laptop phone travel hotel " +
  "booking flight train visa insurance legal finance tax audit year quarter month week monday friday morning before after until when not yet already done open closed new old first last next final second draft " +
  "please ask whether can should must will need want from about into over under between north south berlin madrid london paris anna peter maria john sales support product marketing research warehouse factory").split(" ");

const BUCKETS = ["Ideas", "To do", "This week", "Doing", "Waiting", "Review", "Done", "Later"];
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 5, 6);
const APP = { displayName: null, id: "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3" };

export interface LivingPlan {
  /** As it is now, in no particular order. */
  records(): SnapshotRecord[];
  /** A day passes: this many tasks are changed (one in ten is replaced: an old one deleted, a new one made). */
  work(changes: number): void;
}

export function livingPlan(seed: number, taskCount: number): LivingPlan {
  const random = randomFrom(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const pick = <T>(items: readonly T[]): T => items[integer(items.length)]!;
  const bytes = (size: number) => createHash("sha256").update(`${seed} ${random()}`).digest().subarray(0, size);
  const plannerId = () => bytes(21).toString("base64url");
  const guid = () => bytes(16).toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  // A few words are common and most are rare, as in every text.
  const word = () => WORDS[Math.floor(WORDS.length * random() ** 2)]!;
  const words = (count: number) => Array.from({ length: count }, word).join(" ");
  const sentence = (count: number) => `${words(count)}${random() < 0.2 ? ` ${integer(9000)}` : ""}`.replace(/^./, (first) => first.toUpperCase());
  const hint = () => `85${String(integer(1e9)).padStart(9, "0")}${String(integer(1e8)).padStart(8, "0")}${pick(["P", "PO", "PU", "P5", "Pq"])}`;

  let now = START;
  const moment = (ago = 0) => new Date(now - Math.floor(ago * random() * DAY_MS)).toISOString().replace(/Z$/, `${String(integer(9999)).padStart(4, "0")}Z`);
  const people = Array.from({ length: 12 }, guid);
  const by = (user = pick(people)) => ({ user: { displayName: null, id: user }, application: APP });
  const planId = plannerId();
  const groupId = guid();
  const buckets = BUCKETS.map((name) => ({ id: plannerId(), name, planId, orderHint: hint() }));

  const assignment = () => ({ "@odata.type": "#microsoft.graph.plannerAssignment", assignedDateTime: moment(), orderHint: hint(), assignedBy: by() });
  const checklistItem = () => ({ "@odata.type": "#microsoft.graph.plannerChecklistItem", isChecked: false, title: sentence(2 + integer(6)), orderHint: hint(), lastModifiedDateTime: moment(), lastModifiedBy: by() });
  const several = <T>(most: number, make: () => T, key: () => string) => Object.fromEntries(Array.from({ length: integer(most + 1) }, () => [key(), make()]));

  function newTask(ago: number): TaskRecord {
    const id = plannerId();
    const description = random() < 0.6 ? Array.from({ length: 1 + integer(4) }, () => sentence(6 + integer(12))).join(".\n") : "";
    const checklist = several(random() < 0.4 ? 6 : 0, checklistItem, guid);
    const reference = () => ({ "@odata.type": "#microsoft.graph.plannerExternalReference", alias: `${words(2)}.docx`, type: "Word", previewPriority: hint(), lastModifiedDateTime: moment(), lastModifiedBy: by() });
    const references = random() < 0.2 ? { [`https%3A//contoso%2Esharepoint%2Ecom/sites/${word()}/Shared Documents/${word()}-${integer(1e6)}%2Edocx`]: reference() } : {};
    const percentComplete = pick([0, 0, 50, 100]);
    const assignments = several(2, assignment, () => pick(people));
    const items = Object.keys(checklist).length;
    return {
      kind: "task", id,
      task: {
        id, planId, bucketId: pick(buckets).id, title: sentence(3 + integer(6)), orderHint: hint(), assigneePriority: hint(), percentComplete, priority: pick([1, 3, 5, 5, 9]),
        startDateTime: null, createdDateTime: moment(ago), dueDateTime: random() < 0.5 ? new Date(now + integer(60) * DAY_MS).toISOString().replace(/T.*/, "T10:00:00Z") : null,
        hasDescription: description !== "", previewType: "automatic", completedDateTime: percentComplete === 100 ? moment() : null, completedBy: percentComplete === 100 ? by() : null,
        referenceCount: Object.keys(references).length, checklistItemCount: items, activeChecklistItemCount: items, conversationThreadId: null,
        createdBy: by(), appliedCategories: several(1, () => true, () => `category${1 + integer(6)}`), assignments,
      },
      details: { id, description, previewType: "automatic", checklist, references },
      formats: {
        assignedTo: { id, unassignedOrderHint: hint(), orderHintsByAssignee: Object.fromEntries(Object.keys(assignments).map((user) => [user, hint()])) },
        bucket: { id, orderHint: hint() }, progress: { id, orderHint: hint() },
      },
    };
  }

  const edits: ((task: PlannerTask, details: PlannerTaskDetails, record: TaskRecord) => void)[] = [
    (task) => void Object.assign(task, { percentComplete: 100, completedDateTime: moment(), completedBy: by() }),
    (task) => void Object.assign(task, { percentComplete: 50, completedDateTime: null, completedBy: null }),
    (task) => void Object.assign(task, { dueDateTime: new Date(now + integer(30) * DAY_MS).toISOString().replace(/T.*/, "T10:00:00Z") }),
    (task) => void Object.assign(task, { title: sentence(3 + integer(6)) }),
    (task, _, record) => { Object.assign(task, { bucketId: pick(buckets).id }); record.formats.bucket = { id: task.id, orderHint: hint() }; },
    (task) => void Object.assign(task, { assignments: { [pick(people)]: assignment() } }),
    (task, details) => { details.description = `${details.description}\n${sentence(8)}`.slice(-2000); task.hasDescription = true; },
    (task, details) => { details.checklist = { ...Object.fromEntries(Object.entries(details.checklist ?? {}).slice(-12)), [guid()]: checklistItem() }; task.checklistItemCount = Object.keys(details.checklist).length; },
    (_, details) => { for (const item of Object.values(details.checklist ?? {}).slice(0, 1)) Object.assign(item, { isChecked: true, lastModifiedDateTime: moment(), lastModifiedBy: by() }); },
  ];

  const tasks = Array.from({ length: taskCount }, () => newTask(400));
  return {
    records: () => structuredClone([
      { kind: "group" as const, id: groupId, group: { id: groupId, displayName: "Marketing", visibility: "Private", mail: "marketing@contoso.com", ownerIds: people.slice(0, 2), memberIds: people } },
      { kind: "plan" as const, id: planId, plan: { id: planId, title: "Spring launch", owner: groupId, container: { containerId: groupId, type: "group", url: `https://graph.microsoft.com/v1.0/groups/${groupId}` }, createdDateTime: "2025-01-02T08:00:00.1234567Z", createdBy: by(people[0]) } },
      { kind: "planDetails" as const, id: planId, details: { id: planId, sharedWith: {}, categoryDescriptions: { category1: "Urgent", category2: "Blocked" } } },
      ...buckets.map((bucket) => ({ kind: "bucket" as const, id: bucket.id, bucket })),
      ...tasks,
      ...people.map((id, index) => ({ kind: "person" as const, id, person: { id, displayName: `Person ${index}`, userPrincipalName: `person${index}@contoso.com`, mail: `person${index}@contoso.com`, userType: "Member" } })),
    ]),
    work(changes) {
      now += DAY_MS;
      const chosen = new Set<number>();
      while (chosen.size < Math.min(changes, tasks.length)) chosen.add(integer(tasks.length));
      let count = 0;
      for (const index of chosen) {
        const record = tasks[index]!;
        if (count++ % 10 === 9) tasks[index] = newTask(1);
        else if (record.details) pick(edits)(record.task, record.details, record);
      }
    },
  };
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
