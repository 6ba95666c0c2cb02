import type { GraphCall } from "../graph/context";
import { GUID } from "./access";
import { isObject, type Json } from "./body";
import { invalidField } from "./faults";
import { sanitized } from "./notes";
import type { Actor, TaskRecord } from "./records";
import { identity } from "./render";

/** https://learn.microsoft.com/graph/api/resources/plannertaskchatmessage?view=graph-rest-beta */
export interface ChatMessageRecord {
  id: string;
  content: string;
  by: Actor;
  at: number;
  editedAt: number | null;
  /** Deleted messages stay in the list, empty. */
  deletedAt: number | null;
  mentions: { mentioned: string; position: number; mentionType: "user" }[];
  reactions: { reactionType: string; by: Actor; at: number }[];
}

/** A message as a seed or a person writes it; the task's etag moves with the first one, which sets hasChat. */
export function addMessage(task: TaskRecord, message: Pick<ChatMessageRecord, "id" | "content" | "by" | "at"> & Partial<ChatMessageRecord>): ChatMessageRecord {
  const record = { editedAt: null, deletedAt: null, mentions: [], reactions: [], ...message };
  task.messages.push(record);
  if (task.messages.length === 1) task.revision.touch(["hasChat"]);
  return record;
}

const moment = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** `names` "metadata": as the service's metadata of August 2026 calls them, where the documentation has other names. */
export function renderMessage(task: TaskRecord, message: ChatMessageRecord, names: "documented" | "metadata"): object {
  const byType = Map.groupBy(message.reactions, (reaction) => reaction.reactionType);
  const reactions = [...byType].map(([reactionType, events]) => [reactionType, events.map((event) => ({ createdBy: identity(event.by), createdDateTime: moment(event.at) }))] as const);
  return {
    id: message.id,
    messageType: "richTextHtml",
    content: message.deletedAt === null ? message.content : "",
    createdDateTime: moment(message.at),
    parentEntityId: task.id,
    ...(names === "documented" ? { deletedTime: moment(message.deletedAt), editedTime: moment(message.editedAt) } : { deletedDateTime: moment(message.deletedAt), editedDateTime: moment(message.editedAt) }),
    mentions: message.deletedAt === null ? message.mentions : [],
    reactions: reactions.map(([reactionType, events]) => (names === "documented" ? { reactionType, users: events } : { reactionType, reactionEvents: events })),
    createdBy: identity(message.by),
  };
}

const fail = (field: string, reason: string): never => {
  throw invalidField(field, "TaskChatMessage", reason);
};

/** Content, and the people whom it mentions in numbered spans. https://learn.microsoft.com/graph/api/plannertask-post-messages?view=graph-rest-beta */
export function readMessage(call: GraphCall, json: Json): Pick<ChatMessageRecord, "content" | "mentions"> {
  const content = json["content"];
  if (typeof content !== "string" || content.trim() === "") return fail("Content", "A value is required.");
  const spans = new Set([...content.matchAll(/<span\b[^>]*itemid="(\d+)"[^>]*itemtype="https:\/\/schema\.skype\.com\/Mention\/Person"/g)].map((match) => Number(match[1])));
  const mentions = json["mentions"] ?? [];
  if (!Array.isArray(mentions)) return fail("Mentions", "A collection is expected.");
  return { content: sanitized(content), mentions: mentions.map((mention) => readMention(call, mention, spans)) };
}

function readMention(call: GraphCall, value: unknown, spans: Set<number>): ChatMessageRecord["mentions"][number] {
  const { mentioned, position, mentionType } = isObject(value) ? value : fail("Mentions", "An object is expected.");
  if (mentionType !== "user") return fail("Mentions", "The mention type must be: user.");
  if (typeof mentioned !== "string" || !GUID.test(mentioned) || !call.tenant.users.has(mentioned.toLowerCase())) return fail("Mentions", "The mentioned user does not exist.");
  if (typeof position !== "number" || !spans.has(position)) return fail("Mentions", "The content has no mention at the position.");
  return { mentioned: mentioned.toLowerCase(), position, mentionType };
}
