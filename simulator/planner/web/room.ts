import { form, html, redirect } from "../../http";
import type { SimRequest, SimResponse, SimRoom } from "../../http";
import type { SimWorld } from "../../model";
import type { Actor, PlanRecord, TaskRecord } from "../records";
import type { PlannerStore } from "../store";
import { applyTaskFields } from "../taskChanges";
import { boardPage, indexPage, missingPage, taskPage } from "./pages";

/** Microsoft's own app id of the Planner web app: what createdBy.application names for changes made there. */
const PLANNER_APP = "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3";
const SECURITY = { "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'" };

export interface WebRoomOptions {
  /** Comments of a task's conversation; 0 when not given. */
  countComments?(plan: PlanRecord, threadId: string): number;
}

/**
 * Planner's pages as a person sees them, without sign-in: /webui/, /webui/plan/{planId}/view/board and
 * .../board/task/{taskId}. Forms there change the live plan, so that something can be lost in "Microsoft 365".
 */
export function plannerWebRoom(world: SimWorld, store: PlannerStore, options: WebRoomOptions = {}): SimRoom {
  const show = (status: number, body: string) => html(status, body, SECURITY);
  return (request) => {
    const segments = request.url.pathname.split("/").filter(Boolean);
    if (segments[0] !== "webui") return undefined;
    if (segments.length === 1) return request.url.pathname.endsWith("/") ? show(200, indexPage(world, store)) : redirect("/webui/");
    const plan = segments[1] === "plan" ? store.findPlan(segments[2] ?? "") : undefined;
    if (!plan) return show(404, missingPage("plan"));
    const [view = "board", verb, taskId, taskVerb] = segments.slice(4);
    if (view !== "board") return show(404, missingPage("page"));
    if (verb !== "task") return planPage(plan, verb, request);
    const task = plan.tasks.get(taskId ?? "");
    return task ? taskAction(task, taskVerb, request) : show(404, missingPage("task"));
  };

  function planPage(plan: PlanRecord, verb: string | undefined, request: SimRequest): SimResponse {
    if (request.method !== "POST") return verb === undefined ? show(200, boardPage(world, plan)) : redirect(boardOf(plan));
    if (verb === "delete") {
      store.deletePlan(plan.id);
      return redirect("/webui/");
    }
    const title = form(request).get("title")?.trim();
    if (verb === "add" && title) {
      const bucketId = form(request).get("bucketId") ?? "";
      store.addTask({ planId: plan.id, bucketId: plan.buckets.has(bucketId) ? bucketId : null, title, createdBy: person(plan) });
    }
    return redirect(boardOf(plan));
  }

  function taskAction(task: TaskRecord, verb: string | undefined, request: SimRequest): SimResponse {
    const { plan } = task;
    if (request.method !== "POST") {
      const comments = task.conversationThreadId === null ? 0 : (options.countComments?.(plan, task.conversationThreadId) ?? 0);
      return verb === undefined ? show(200, taskPage(world, task, comments)) : redirect(`${boardOf(plan)}/task/${task.id}`);
    }
    if (verb === "delete") {
      store.deleteTask(task.id);
      return redirect(boardOf(plan));
    }
    const title = form(request).get("title")?.trim();
    if (verb === "rename" && title) change(task, { title });
    if (verb === "complete") change(task, { percentComplete: 100 });
    return redirect(`${boardOf(plan)}/task/${task.id}`);
  }

  function change(task: TaskRecord, fields: { title?: string; percentComplete?: number }): void {
    applyTaskFields(store, task, { ...fields, categories: new Map(), assignments: new Map() }, person(task.plan));
    task.revision.touch(Object.keys(fields));
  }

  /** Whoever sits at the browser: the group's first member. */
  function person(plan: PlanRecord): Actor {
    const [userId = null] = store.membersOf(plan) ?? [];
    return { userId, appId: PLANNER_APP };
  }
}

const boardOf = (plan: PlanRecord): string => `/webui/plan/${plan.id}/view/board`;
