import type { SimTenant, SimWorld } from "../../model";
import { decodeReferenceKey } from "../referenceKeys";
import type { BucketRecord, PlanRecord, TaskRecord } from "../records";
import type { PlannerStore } from "../store";
import { markup, page } from "./markup";
import type { Markup } from "./markup";

/** Names and colours of category1 ... category25 as the product shows them when a plan has not named them. */
const LABELS: [string, string][] = [
  ["Pink", "#fbddf0"], ["Red", "#e9c7cd"], ["Yellow", "#f2f4cc"], ["Green", "#dbebc7"], ["Blue", "#d0e7f8"],
  ["Purple", "#d8cce7"], ["Bronze", "#f1d9cc"], ["Lime", "#e5f2d3"], ["Aqua", "#c2e7e7"], ["Gray", "#e5e4e3"],
  ["Silver", "#eaeeef"], ["Brown", "#e2d1cb"], ["Cranberry", "#eeacb2"], ["Orange", "#fdcfb4"], ["Peach", "#ffddb3"],
  ["Marigold", "#fef7b2"], ["Light green", "#bdd99b"], ["Dark green", "#9fd89f"], ["Teal", "#a6e9ed"], ["Light blue", "#bac9e0"],
  ["Dark blue", "#a9d3f2"], ["Lavender", "#d9c8f2"], ["Plum", "#d4b3d8"], ["Light gray", "#e6e6e6"], ["Dark gray", "#c6c6c6"],
];

const byHint = (a: { orderHint: string }, b: { orderHint: string }): number => (a.orderHint < b.orderHint ? -1 : a.orderHint > b.orderHint ? 1 : 0);
const date = (iso: string | null): string => (iso === null ? "None" : iso.slice(0, 10));
const progress = (task: TaskRecord): string => (task.percentComplete === 0 ? "Not started" : task.percentComplete === 100 ? "Completed" : "In progress");
const priority = (value: number): string => (value <= 1 ? "Urgent" : value <= 4 ? "Important" : value <= 7 ? "Medium" : "Low");
const boardUrl = (plan: PlanRecord): string => `/webui/plan/${plan.id}/view/board`;

const nameOf = (tenant: SimTenant | undefined, userId: string): string => tenant?.users.get(userId)?.displayName ?? "Former user";

const initials = (name: string): string => name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();

function labelChips(task: TaskRecord): Markup {
  const chips = [...task.categories].map((category) => {
    const [name, colour] = LABELS[Number(category.slice("category".length)) - 1] ?? [category, "#e5e4e3"];
    return markup`<span class="chip" style="background:${colour}">${task.plan.details.categories.get(category) ?? name}</span>`;
  });
  return chips.length > 0 ? markup`<div class="chips">${chips}</div>` : markup``;
}

/** All plans, by Microsoft tenant and group. */
export function indexPage(world: SimWorld, store: PlannerStore): string {
  const tenants = [...world.tenants.values()].map((tenant) => {
    const groups = [...tenant.groups.values()].map((group) => {
      const plans = store.plansOfGroup(group.id);
      if (plans.length === 0) return null;
      const items = plans.map((plan) => markup`<li><a href="${boardUrl(plan)}">${plan.title}</a> <span class="muted">${plan.tasks.size} tasks</span></li>`);
      return markup`<h3>${group.displayName}</h3><ul>${items}</ul>`;
    });
    return markup`<section><h2>${tenant.displayName} <span class="muted">${tenant.domain}</span></h2>${groups}</section>`;
  });
  return page("Planner", markup`<h1>Plans</h1>${tenants}`);
}

function card(tenant: SimTenant | undefined, task: TaskRecord): Markup {
  const checklist = [...task.details.checklist.values()];
  const checked = checklist.filter((item) => item.isChecked).length;
  const faces = [...task.assignments.keys()].map((userId) => {
    const name = nameOf(tenant, userId);
    return markup`<span class="face" title="${name}" role="img" aria-label="${name}">${initials(name)}</span>`;
  });
  return markup`<article class="card${task.completed !== null && " done"}">${labelChips(task)}<a href="${boardUrl(task.plan)}/task/${task.id}">${task.title}</a>
<div class="facts">${faces}<span>${progress(task)}</span>${task.priority <= 4 && markup`<span>${priority(task.priority)}</span>`}${
  task.dueDateTime !== null && markup`<span>Due ${date(task.dueDateTime)}</span>`}${checklist.length > 0 && markup`<span>${checked} / ${checklist.length}</span>`}${
  task.details.references.size > 0 && markup`<span>${task.details.references.size} attached</span>`}</div></article>`;
}

function column(tenant: SimTenant | undefined, title: string, tasks: TaskRecord[]): Markup {
  const open = tasks.filter((task) => !task.completed).sort(byHint);
  const done = tasks.filter((task) => task.completed).sort(byHint);
  return markup`<section class="bucket" aria-label="${title}"><h2>${title} <span class="muted">${tasks.length}</span></h2>${[...open, ...done].map((task) => card(tenant, task))}</section>`;
}

function addTaskForm(plan: PlanRecord, buckets: BucketRecord[]): Markup {
  const options = buckets.map((bucket) => markup`<option value="${bucket.id}">${bucket.name}</option>`);
  return markup`<form method="post" action="${boardUrl(plan)}/add"><label>New task name<input name="title" required maxlength="255"></label>
<label>Bucket<select name="bucketId">${options}<option value="">No bucket</option></select></label><button>Add task</button></form>`;
}

/** The live plan as a board. */
export function boardPage(world: SimWorld, plan: PlanRecord): string {
  const tenant = world.tenants.get(plan.tenantId);
  const buckets = [...plan.buckets.values()].sort(byHint);
  const tasks = [...plan.tasks.values()];
  const loose = tasks.filter((task) => task.bucketId === null);
  const columns = buckets.map((bucket) => column(tenant, bucket.name, tasks.filter((task) => task.bucketId === bucket.id)));
  return page(plan.title, markup`<h1>${plan.title}</h1>
<p class="muted">${tenant?.displayName ?? ""} · ${tenant?.groups.get(plan.groupId)?.displayName ?? ""} · ${plan.tasks.size} tasks</p>
<div class="bar">${addTaskForm(plan, buckets)}<form method="post" action="${boardUrl(plan)}/delete"><button class="danger">Delete plan</button></form></div>
<div class="board">${columns}${loose.length > 0 && column(tenant, "No bucket", loose)}</div>`);
}

function checklistItems(task: TaskRecord): Markup {
  const items = [...task.details.checklist.values()].sort(byHint).map((item) =>
    markup`<li${item.isChecked && markup` class="checked"`}>${item.title}${item.isChecked && " (done)"}</li>`);
  return items.length > 0 ? markup`<ul>${items}</ul>` : markup`<p class="muted">None</p>`;
}

function attachments(task: TaskRecord): Markup {
  const items = [...task.details.references].map(([key, reference]) => {
    const url = decodeReferenceKey(key);
    const name = reference.alias ?? url ?? key;
    return markup`<li>${url === null ? name : markup`<a href="${url}" rel="noreferrer noopener">${name}</a>`} <span class="muted">${reference.type}</span></li>`;
  });
  return items.length > 0 ? markup`<ul>${items}</ul>` : markup`<p class="muted">None</p>`;
}

const action = (task: TaskRecord, name: string, content: Markup): Markup =>
  markup`<form method="post" action="${boardUrl(task.plan)}/task/${task.id}/${name}">${content}</form>`;

/** One task with everything in it. */
export function taskPage(world: SimWorld, task: TaskRecord, comments: number): string {
  const { plan } = task;
  const tenant = world.tenants.get(plan.tenantId);
  const people = [...task.assignments.keys()].map((userId) => nameOf(tenant, userId)).join(", ");
  const bucket = task.bucketId === null ? undefined : plan.buckets.get(task.bucketId);
  return page(task.title, markup`<p><a href="${boardUrl(plan)}">Back to ${plan.title}</a></p><div class="panel">${labelChips(task)}<h1>${task.title}</h1>
<dl><dt>Bucket</dt><dd>${bucket?.name ?? "No bucket"}</dd><dt>Progress</dt><dd>${progress(task)}</dd><dt>Priority</dt><dd>${priority(task.priority)}</dd>
<dt>Start date</dt><dd>${date(task.startDateTime)}</dd><dt>Due date</dt><dd>${date(task.dueDateTime)}</dd><dt>Assigned to</dt><dd>${people || "Nobody"}</dd>
<dt>Created by</dt><dd>${task.createdBy.userId === null ? "An app" : nameOf(tenant, task.createdBy.userId)}</dd><dt>Comments</dt><dd>${comments}</dd></dl>
<h2>Notes</h2>${task.details.description === "" ? markup`<p class="muted">None</p>` : markup`<p class="pre">${task.details.description}</p>`}
<h2>Checklist</h2>${checklistItems(task)}<h2>Attachments</h2>${attachments(task)}
<div class="bar">${action(task, "rename", markup`<label>Task name<input name="title" value="${task.title}" required></label><button>Rename task</button>`)}
${!task.completed && action(task, "complete", markup`<button>Mark complete</button>`)}${action(task, "delete", markup`<button class="danger">Delete task</button>`)}</div></div>`);
}

/** For addresses of plans and tasks that are not there, or not any more. */
export const missingPage = (what: string): string =>
  page("Not found", markup`<h1>This ${what} does not exist</h1><p>It may have been deleted.</p><p><a href="/webui/">All plans</a></p>`);
