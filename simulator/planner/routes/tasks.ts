import type { GraphAnswer, GraphCall, GraphRoute } from "../../graph/context";
import { actorOf, planFor, refuseArchived, requireId, taskFor } from "../access";
import { one, updated } from "../answers";
import { FieldReader, readBody } from "../body";
import { limitExceeded } from "../faults";
import { READ, WRITE } from "../permissions";
import { taskRenderer } from "../expand";
import { continueSeries } from "../recurrence/series";
import type { TaskRecord } from "../records";
import { renderTask } from "../render";
import type { PlannerStore } from "../store";
import { NEW_TASK, TASK_UPDATE, checkTaskAgainst, readTaskFields, touchedFields } from "../taskFields";
import { applyTaskFields } from "../taskChanges";

/** https://learn.microsoft.com/graph/api/planner-post-tasks */
function createTask(store: PlannerStore, call: GraphCall): GraphAnswer {
  const body = readBody(call, NEW_TASK);
  const plan = planFor(store, call, requireId(body.planId, "PlanId", "Task"));
  refuseArchived(plan);
  const title = new FieldReader("Task", body).text("title", store.limits.titleLength);
  const fields = readTaskFields(store, call, plan, body, null);
  const createdBy = actorOf(call);
  if (plan.tasks.size >= store.limits.tasksPerPlan) throw limitExceeded("MaximumTasksInProject");
  if (store.tasksCreatedBy(createdBy) >= store.limits.tasksCreatedByUser) throw limitExceeded("MaximumTasksCreatedByUser");
  checkTaskAgainst(store, plan, fields, null);
  const task = store.addTask({ ...fields, planId: plan.id, title, createdBy });
  applyTaskFields(store, task, fields, createdBy);
  return one(call, "planner/tasks", renderTask(task, call.version), 201);
}

/** https://learn.microsoft.com/graph/api/plannertask-update */
function updateTask(store: PlannerStore, call: GraphCall, task: TaskRecord): GraphAnswer {
  refuseArchived(task.plan);
  const fields = readTaskFields(store, call, task.plan, readBody(call, TASK_UPDATE), task);
  const touched = touchedFields(fields);
  task.revision.require(call.headers["if-match"], touched);
  checkTaskAgainst(store, task.plan, fields, task);
  applyTaskFields(store, task, fields, actorOf(call));
  task.revision.touch(touched);
  return updated(call, "planner/tasks", () => renderTask(task, call.version));
}

export function taskRoutes(store: PlannerStore): GraphRoute[] {
  const task = (call: GraphCall, id: string | undefined) => taskFor(store, call, id ?? "");
  return [
    { method: "POST", template: "/planner/tasks", ...WRITE, handle: (call) => createTask(store, call) },
    {
      method: "GET", template: "/planner/tasks/{id}", ...READ,
      handle: (call, { id }) => one(call, "planner/tasks", taskRenderer(store, call, "task")(task(call, id))),
    },
    { method: "PATCH", template: "/planner/tasks/{id}", ...WRITE, handle: (call, { id }) => updateTask(store, call, task(call, id)) },
    {
      method: "DELETE", template: "/planner/tasks/{id}", ...WRITE,
      handle: (call, { id }) => {
        const found = task(call, id);
        found.revision.require(call.headers["if-match"], "all");
        continueSeries(store, found, actorOf(call));
        store.deleteTask(found.id);
        return { status: 204 };
      },
    },
  ];
}
