import { GraphFault, type GraphAnswer, type GraphCall, type GraphRoute } from "../../graph/context";
import { GRAPH } from "../../graph/odata";
import { actorOf, refuseArchived, signedInUser, taskFor } from "../access";
import { one } from "../answers";
import { readBody, versioned } from "../body";
import { addMessage, readMessage, renderMessage, type ChatMessageRecord } from "../chat";
import { conflict, forbidden, invalidRequest, notFound } from "../faults";
import { CHAT_READ, CHAT_WRITE } from "../permissions";
import type { TaskRecord } from "../records";
import type { PlannerStore } from "../store";

const MESSAGE = versioned({
  entity: "TaskChatMessage", type: "microsoft.graph.plannerTaskChatMessage", writable: ["content", "mentions"],
  readOnly: ["id", "createdBy", "createdDateTime", "deletedTime", "editedTime", "deletedDateTime", "editedDateTime", "messageType", "parentEntityId", "reactions"],
}, {});

/** Newest first; a page token names the message that the next page begins before. $skipToken is the only option. */
function list(store: PlannerStore, call: GraphCall, task: TaskRecord): GraphAnswer {
  let before = task.messages.length;
  for (const [name, value] of call.query) {
    if (name.toLowerCase() !== "$skiptoken") throw invalidRequest(`The query option '${name}' is not supported.`);
    before = Number(/^m(\d+)$/.exec(Buffer.from(value, "base64url").toString("latin1"))?.[1] ?? Number.NaN);
    if (!(before <= task.messages.length)) throw new GraphFault(400, "", "The request is invalid:\nThe skip token is not valid.");
  }
  const from = Math.max(0, before - store.chatPageSize);
  const names = store.behaviour.of(call.tenant.id).chatNames;
  const value = task.messages.slice(from, before).reverse().map((message) => renderMessage(task, message, names));
  const next = `${GRAPH}/beta/planner/tasks/${task.id}/messages?$skipToken=${Buffer.from(`m${from}`).toString("base64url")}`;
  return {
    status: 200,
    body: { "@odata.context": `${GRAPH}/beta/$metadata#planner/tasks('${task.id}')/messages`, "@odata.count": value.length, ...(from > 0 ? { "@odata.nextLink": next } : {}), value },
  };
}

/** A message that the caller wrote, and that is still there. */
function ownMessage(call: GraphCall, task: TaskRecord, id: string): ChatMessageRecord {
  refuseArchived(task.plan);
  const message = task.messages.find((candidate) => candidate.id === id.toLowerCase());
  if (!message) throw notFound();
  if (message.by.userId !== signedInUser(call).id) throw forbidden();
  if (message.deletedAt !== null) throw conflict();
  return message;
}

/** https://learn.microsoft.com/graph/api/resources/plannertaskchatmessage?view=graph-rest-beta: delegated callers only. */
export function messageRoutes(store: PlannerStore): GraphRoute[] {
  const template = "/planner/tasks/{id}/messages";
  const answer = (call: GraphCall, task: TaskRecord, message: ChatMessageRecord, status: number) =>
    one(call, `planner/tasks('${task.id}')/messages`, renderMessage(task, message, store.behaviour.of(call.tenant.id).chatNames), status);
  return [
    { method: "GET", template, versions: ["beta"], ...CHAT_READ, handle: (call, { id }) => list(store, call, taskFor(store, call, id ?? "")) },
    {
      method: "POST", template, versions: ["beta"], ...CHAT_WRITE,
      handle: (call, { id }) => {
        const task = taskFor(store, call, id ?? "");
        refuseArchived(task.plan);
        const message = addMessage(task, { id: call.world.guid(), by: actorOf(call), at: call.world.now(), ...readMessage(call, readBody(call, MESSAGE)) });
        return answer(call, task, message, 201);
      },
    },
    {
      method: "PATCH", template: `${template}/{message}`, versions: ["beta"], ...CHAT_WRITE,
      handle: (call, { id, message: messageId }) => {
        const task = taskFor(store, call, id ?? "");
        const message = ownMessage(call, task, messageId ?? "");
        Object.assign(message, readMessage(call, { content: message.content, mentions: message.mentions, ...readBody(call, MESSAGE) }), { editedAt: call.world.now() });
        return answer(call, task, message, 200);
      },
    },
    {
      method: "DELETE", template: `${template}/{message}`, versions: ["beta"], ...CHAT_WRITE,
      handle: (call, { id, message }) => {
        ownMessage(call, taskFor(store, call, id ?? ""), message ?? "").deletedAt = call.world.now();
        return { status: 204 };
      },
    },
  ];
}
