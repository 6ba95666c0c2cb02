import type { GraphAnswer, GraphCall, GraphRoute } from "../../graph/context";
import { actorOf, GUID, refuseArchived, taskFor } from "../access";
import { one, updated } from "../answers";
import { FieldReader, readBody, versioned } from "../body";
import type { Json, Versioned } from "../body";
import { READ, WRITE } from "../permissions";
import type { TaskRecord } from "../records";
import { renderAssignedToFormat, renderBucketFormat, renderProgressFormat, renderTaskDetails } from "../render";
import type { Revision } from "../revision";
import type { PlannerStore } from "../store";
import { TASK_DETAILS, applyTaskDetails, readTaskDetails, touchedDetails } from "../taskDetails";

/** One of the three board formats: a resource of its own with its own etag. */
interface BoardFormat {
  name: "assignedToTaskBoardFormat" | "bucketTaskBoardFormat" | "progressTaskBoardFormat";
  shape: Versioned;
  revision(task: TaskRecord): Revision;
  render(task: TaskRecord): object;
  /** Checks the body and gives what is to be written: touched fields, and the write itself. */
  read(call: GraphCall, task: TaskRecord, body: Json): { touched: string[]; apply(): void };
}

/** https://learn.microsoft.com/graph/api/plannerassignedtotaskboardtaskformat-update */
const ASSIGNED_TO: BoardFormat = {
  name: "assignedToTaskBoardFormat",
  shape: versioned({
    entity: "AssignedToTaskBoardTaskFormat",
    type: "microsoft.graph.plannerAssignedToTaskBoardTaskFormat",
    writable: ["unassignedOrderHint", "orderHintsByAssignee"],
    readOnly: ["id"],
  }, {}),
  revision: (task) => task.assignedToFormat.revision,
  render: renderAssignedToFormat,
  read(call, task, body) {
    const reader = new FieldReader("AssignedToTaskBoardTaskFormat", body);
    const unassigned = reader.has("unassignedOrderHint") ? reader.hint("unassignedOrderHint") : null;
    const byAssignee = reader.has("orderHintsByAssignee") ? readAssigneeHints(call, reader) : new Map<string, string | null>();
    return {
      touched: [...(unassigned === null ? [] : ["unassignedOrderHint"]), ...[...byAssignee.keys()].map((userId) => `orderHintsByAssignee/${userId}`)],
      apply() {
        if (unassigned !== null) task.assignedToFormat.unassignedOrderHint = unassigned;
        for (const [userId, hint] of byAssignee) {
          if (hint === null) task.assignedToFormat.byAssignee.delete(userId);
          else task.assignedToFormat.byAssignee.set(userId, hint);
        }
      },
    };
  },
};

function readAssigneeHints(call: GraphCall, reader: FieldReader): Map<string, string | null> {
  const members = reader.members("orderHintsByAssignee", "microsoft.graph.plannerOrderHintsByAssignee");
  const hints = new FieldReader("AssignedToTaskBoardTaskFormat", Object.fromEntries(members));
  return new Map(members.map(([key, value]) => {
    const userId = key.toLowerCase();
    if (!GUID.test(key)) reader.fail("orderHintsByAssignee", "The specified identifier is invalid.");
    if (value !== null && !call.tenant.users.has(userId)) reader.fail("orderHintsByAssignee", "The specified user does not exist.");
    return [userId, value === null ? null : hints.hint(key)];
  }));
}

/** https://learn.microsoft.com/graph/api/plannerbuckettaskboardtaskformat-update, .../plannerprogresstaskboardtaskformat-update */
function singleHintFormat(
  name: "bucketTaskBoardFormat" | "progressTaskBoardFormat",
  entity: "BucketTaskBoardTaskFormat" | "ProgressTaskBoardTaskFormat",
  held: (task: TaskRecord) => { revision: Revision; orderHint: string },
  render: (task: TaskRecord) => object,
): BoardFormat {
  return {
    name,
    shape: versioned({ entity, type: `microsoft.graph.planner${entity}`, writable: ["orderHint"], readOnly: ["id"] }, {}),
    revision: (task) => held(task).revision,
    render,
    read(_call, task, body) {
      const reader = new FieldReader(entity, body);
      if (!reader.has("orderHint")) return { touched: [], apply: () => undefined };
      const orderHint = reader.hint("orderHint");
      return { touched: ["orderHint"], apply: () => void (held(task).orderHint = orderHint) };
    },
  };
}

const FORMATS: BoardFormat[] = [
  ASSIGNED_TO,
  singleHintFormat("bucketTaskBoardFormat", "BucketTaskBoardTaskFormat", (task) => task.bucketFormat, renderBucketFormat),
  singleHintFormat("progressTaskBoardFormat", "ProgressTaskBoardTaskFormat", (task) => task.progressFormat, renderProgressFormat),
];

function updateFormat(store: PlannerStore, format: BoardFormat, call: GraphCall, task: TaskRecord): GraphAnswer {
  refuseArchived(task.plan);
  const change = format.read(call, task, readBody(call, format.shape));
  const revision = format.revision(task);
  revision.require(call.headers["if-match"], change.touched);
  change.apply();
  revision.touch(change.touched);
  store.modified(task, actorOf(call));
  return updated(call, `planner/tasks('${task.id}')/${format.name}`, () => format.render(task));
}

function updateDetails(store: PlannerStore, call: GraphCall, task: TaskRecord): GraphAnswer {
  refuseArchived(task.plan);
  const fields = readTaskDetails(store, task, readBody(call, TASK_DETAILS));
  task.details.revision.require(call.headers["if-match"], touchedDetails(fields));
  applyTaskDetails(store, task, fields, actorOf(call));
  return updated(call, `planner/tasks('${task.id}')/details`, () => renderTaskDetails(task, call.version));
}

export function detailRoutes(store: PlannerStore): GraphRoute[] {
  const task = (call: GraphCall, id: string | undefined) => taskFor(store, call, id ?? "");
  return [
    {
      method: "GET", template: "/planner/tasks/{id}/details", ...READ,
      handle: (call, { id }) => one(call, `planner/tasks('${id}')/details`, renderTaskDetails(task(call, id), call.version)),
    },
    { method: "PATCH", template: "/planner/tasks/{id}/details", ...WRITE, handle: (call, { id }) => updateDetails(store, call, task(call, id)) },
    ...FORMATS.flatMap((format): GraphRoute[] => [
      {
        method: "GET", template: `/planner/tasks/{id}/${format.name}`, ...READ,
        handle: (call, { id }) => one(call, `planner/tasks('${id}')/${format.name}`, format.render(task(call, id))),
      },
      { method: "PATCH", template: `/planner/tasks/{id}/${format.name}`, ...WRITE, handle: (call, { id }) => updateFormat(store, format, call, task(call, id)) },
    ]),
  ];
}
