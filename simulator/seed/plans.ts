import { commentMail } from "../graph/mail/boilerplate";
import { webUrlOf } from "../graph/drive/render";
import type { Stores } from "../machine";
import type { SimGroup, SimTenant, SimUser, SimWorld } from "../model";
import type { PlanRecord, TaskRecord, TaskSpec } from "../planner";
import { mulberry32 } from "../world";
import { CHECKLISTS, COMMENTS, DESCRIPTIONS, FILE_NAMES, LABEL_POOL, OUTSIDE_LINKS, THEMES } from "./content";

const DAY = 86_400_000;

/** What the seed writes into: the stores, and the tenant whose turn it is. */
export interface Soil {
  world: SimWorld;
  stores: Stores;
  tenant: SimTenant;
}

const actor = (userId: string) => ({ userId, appId: null });
const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** Content of a seeded file: bytes that depend on its name only, behind a first line that says what it is. */
export function fileBytes(name: string, size: number): Buffer {
  const random = mulberry32([...name].reduce((sum, char) => (sum * 31 + char.codePointAt(0)!) >>> 0, 7));
  const bytes = Buffer.alloc(size);
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE(Math.floor(random() * 4294967296), i);
  bytes.write(`Simulated file ${name}\n`);
  return bytes;
}

/** Puts a file into a group's library and returns its webUrl. */
export function addFile({ stores, tenant }: Soil, group: SimGroup, folder: string, file: { name: string; size: number; by: string; at: number }): string {
  const drive = stores.drives.ofGroup(tenant, group);
  const parent = folder === "" ? drive.root : (stores.drives.childFolder(drive.root, folder) ?? drive.root);
  const item = stores.drives.putFile(parent, file.name, () => fileBytes(file.name, file.size), { size: file.size, by: file.by, at: file.at });
  return webUrlOf(item);
}

/** Writes comments into the group mailbox and hangs the thread on the task. */
export function addComments({ stores, tenant }: Soil, group: SimGroup, task: TaskRecord, comments: { by: SimUser; text: string; at: number }[]): void {
  const thread = stores.mail.addThread(group.id, `Comments on task "${task.title}"`);
  for (const comment of comments) {
    const content = commentMail({ text: comment.text, taskTitle: task.title, planTitle: task.plan.title, taskId: task.id, tenantDomain: tenant.domain });
    stores.mail.addPost(thread, { sender: comment.by, content, createdAt: comment.at });
  }
  task.conversationThreadId = thread.id;
}

export interface PlanShape {
  title?: string;
  tasks: number;
  /** Give labels to all 25 categories. */
  allLabels?: boolean;
  /** Leave out details, files and comments: for tenants with thousands of plans. */
  plain?: boolean;
}

/** A plan with buckets and tasks of a theme; everything is drawn from the world's random source. */
export function addThemedPlan(soil: Soil, group: SimGroup, number: number, shape: PlanShape): PlanRecord {
  const { world, stores, tenant } = soil;
  const theme = THEMES[number % THEMES.length]!;
  const people = [...group.members].map((id) => tenant.users.get(id)).filter((user): user is SimUser => user !== undefined);
  const anyone = (): SimUser => people[Math.floor(world.random() * people.length)]!;
  const createdAt = world.now() - (30 + Math.floor(world.random() * 400)) * DAY;
  const labels = shape.allLabels ? LABEL_POOL : theme.labels;
  const plan = stores.planner.addPlan({
    tenantId: tenant.id,
    groupId: group.id,
    title: shape.title ?? freeTitle(soil, group, theme.titles[Math.floor(number / THEMES.length) % theme.titles.length]!),
    createdBy: actor(anyone().id),
    createdAt,
    categories: Object.fromEntries(labels.map((label, i) => [`category${i + 1}`, label])),
    sharedWith: shape.plain ? [] : people.slice(0, 3).map((user) => user.id),
  });
  // The service puts newer items on top, so the seed adds the last bucket first.
  const buckets = [...theme.buckets].reverse().map((name) => stores.planner.addBucket({ planId: plan.id, name })).reverse();
  for (let n = 0; n < shape.tasks; n++) {
    const bucket = buckets[Math.floor(world.random() * buckets.length)]!;
    const title = `${theme.verbs[n % theme.verbs.length]} ${theme.objects[(n * 3 + number) % theme.objects.length]}${n < theme.objects.length ? "" : ` (${1 + Math.floor(n / theme.objects.length)})`}`;
    const task = stores.planner.addTask(shape.plain ? { planId: plan.id, bucketId: bucket.id, title, createdBy: actor(anyone().id), createdAt } : taskSpec(soil, group, { plan, bucketId: bucket.id, title, anyone, labels: labels.length, last: bucket === buckets.at(-1) }));
    if (!shape.plain && world.random() < 0.08) {
      const count = 1 + Math.floor(world.random() * 3);
      addComments(soil, group, task, Array.from({ length: count }, (_, i) => ({ by: anyone(), text: COMMENTS[Math.floor(world.random() * COMMENTS.length)]!, at: task.createdAt + (i + 1) * 3_600_000 })));
    }
  }
  return plan;
}

/** The title, or its next phase when the group has such a plan already. */
function freeTitle({ stores }: Soil, group: SimGroup, title: string): string {
  const taken = new Set(stores.planner.plansOfGroup(group.id).map((plan) => plan.title));
  let free = title;
  for (let phase = 2; taken.has(free); phase++) free = `${title}, phase ${phase}`;
  return free;
}

function taskSpec(soil: Soil, group: SimGroup, given: { plan: PlanRecord; bucketId: string; title: string; anyone: () => SimUser; labels: number; last: boolean }): TaskSpec {
  const { world } = soil;
  const { plan, anyone } = given;
  const chance = (p: number) => world.random() < p;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(world.random() * items.length)]!;
  const createdAt = plan.createdAt + Math.floor(world.random() * 20 * DAY);
  const author = anyone().id;
  const startAt = createdAt + Math.floor(world.random() * 30) * DAY;
  const percentComplete = given.last ? 100 : pick([0, 0, 0, 50, 50, 100]);
  const references: NonNullable<TaskSpec["references"]> = [];
  if (chance(0.1)) {
    const file = pick(FILE_NAMES);
    references.push({ url: addFile(soil, group, chance(0.5) ? plan.title : "", { ...file, by: author, at: createdAt }), alias: file.name, type: file.type });
  }
  if (chance(0.08)) references.push(pick(OUTSIDE_LINKS));
  return {
    planId: plan.id,
    bucketId: given.bucketId,
    title: given.title,
    createdBy: actor(author),
    createdAt,
    percentComplete,
    ...(percentComplete === 100 ? { completedAt: startAt + 5 * DAY, completedBy: actor(anyone().id) } : {}),
    priority: pick([1, 3, 5, 5, 5, 9]),
    ...(chance(0.5) ? { startDateTime: iso(startAt) } : {}),
    ...(chance(0.6) ? { dueDateTime: iso(startAt + (3 + Math.floor(world.random() * 40)) * DAY) } : {}),
    appliedCategories: chance(0.5) ? [...new Set([1, 2, 3].map(() => `category${1 + Math.floor(world.random() * given.labels)}`))] : [],
    assignees: chance(0.7) ? [...new Set([anyone().id, ...(chance(0.3) ? [anyone().id] : [])])] : [],
    ...(chance(0.4) ? { description: pick(DESCRIPTIONS) } : {}),
    ...(chance(0.3) ? { checklist: pick(CHECKLISTS).map((title) => ({ title, isChecked: chance(0.5) })) } : {}),
    ...(references.length > 0 ? { references } : {}),
    previewType: pick(["automatic", "automatic", "noPreview", "checklist", "description", "reference"] as const),
  };
}
