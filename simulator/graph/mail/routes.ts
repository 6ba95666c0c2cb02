import type { ConversationThread, Post } from "@microsoft/microsoft-graph-types";
import { MAILBOX_PLANS } from "../../fixtures";
import type { SimGroup } from "../../model";
import { GraphFault, type GraphAnswer, type GraphCall, type GraphRoute } from "../context";
import { findGroup } from "../directory/lookup";
import { jsonObject } from "../dispatch";
import { context, nextLink, topOf, type Entity } from "../odata";
import { PERMISSIONS } from "../permissions";
import type { MailStore, PostRecord, ThreadRecord } from "./store";

const PAGE = { defaultTop: 20, maxTop: 999 };
const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** The group's mailbox, for its members; a caller without an Exchange mailbox of his own cannot get in. */
function mailboxOf(call: GraphCall, groupId: string): SimGroup {
  const group = findGroup(call.tenant, groupId);
  if (!group.groupTypes.includes("Unified") || group.readyAt > call.world.now()) throw new GraphFault(404, "ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.");
  if (!call.user) return group;
  const hasMailbox = call.user.servicePlans.some((plan) => MAILBOX_PLANS.includes(plan.servicePlanId) && plan.provisioningStatus === "Success");
  if (!hasMailbox) throw new GraphFault(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
  if (!group.members.has(call.user.id)) throw new GraphFault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
  return group;
}

function threadOf(call: GraphCall, mail: MailStore, groupId: string, threadId: string): ThreadRecord {
  const thread = mail.find(mailboxOf(call, groupId).id, threadId);
  if (!thread) throw new GraphFault(404, "ErrorItemNotFound", "The specified object was not found in the store.");
  return thread;
}

function threadEntity(mail: MailStore, thread: ThreadRecord): Entity {
  const posts = mail.posts(thread);
  const entity: ConversationThread = {
    id: thread.id,
    topic: thread.topic,
    hasAttachments: false,
    lastDeliveredDateTime: iso(posts.at(-1)?.createdAt ?? 0),
    uniqueSenders: [...new Set(posts.map((post) => post.sender.name))],
    preview: (posts.at(-1)?.content ?? "").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim().slice(0, 255),
    isLocked: false,
    toRecipients: [],
    ccRecipients: [],
  };
  return entity as Entity;
}

function postEntity(post: PostRecord): Entity {
  const recipient = { emailAddress: post.sender };
  const entity: Post = {
    id: post.id,
    createdDateTime: iso(post.createdAt),
    lastModifiedDateTime: iso(post.createdAt),
    receivedDateTime: iso(post.createdAt),
    changeKey: Buffer.from(post.id.slice(-12)).toString("base64"),
    categories: [],
    hasAttachments: false,
    body: { contentType: post.contentType, content: post.content },
    from: recipient,
    sender: recipient,
    newParticipants: [],
  };
  return { "@odata.etag": `W/"${entity.changeKey}"`, ...(entity as Entity) };
}

function page(call: GraphCall, set: string, items: Entity[]): GraphAnswer {
  const top = topOf(call.query.get("$top"), PAGE);
  const skip = Number(call.query.get("$skip") ?? 0);
  const more = skip + top < items.length;
  const query = new URLSearchParams(call.query);
  query.set("$skip", String(skip + top));
  return { status: 200, body: { "@odata.context": context(call, set), ...(more ? { "@odata.nextLink": nextLink(call, query) } : {}), value: items.slice(skip, skip + top) } };
}

function postBody(value: unknown): { contentType: "html" | "text"; content: string } {
  const body = (value as { body?: { contentType?: unknown; content?: unknown } } | undefined)?.body;
  if (typeof body?.content !== "string") throw new GraphFault(400, "ErrorInvalidRequest", "The post must have a body.");
  return { contentType: String(body.contentType ?? "text").toLowerCase() === "html" ? "html" : "text", content: body.content };
}

/** https://learn.microsoft.com/graph/api/group-post-threads */
function createThread(call: GraphCall, mail: MailStore, groupId: string): GraphAnswer {
  const group = mailboxOf(call, groupId);
  const body = jsonObject(call);
  const posts = body["posts"];
  if (!Array.isArray(posts) || posts.length !== 1) throw new GraphFault(400, "ErrorInvalidRequest", "Exactly one post is needed to start a thread.");
  const first = postBody(posts[0]);
  const thread = mail.addThread(group.id, typeof body["topic"] === "string" ? body["topic"] : "");
  mail.addPost(thread, { sender: call.user!, ...first });
  return { status: 201, body: { "@odata.context": context(call, `groups('${group.id}')/threads/$entity`), ...threadEntity(mail, thread) } };
}

/** 202 without a body: the reply is on its way, its id unknown. https://learn.microsoft.com/graph/api/conversationthread-reply */
function reply(call: GraphCall, mail: MailStore, groupId: string, threadId: string): GraphAnswer {
  const thread = threadOf(call, mail, groupId, threadId);
  mail.addPost(thread, { sender: call.user!, ...postBody(jsonObject(call)["post"]), lagMs: mail.replyLagMs });
  return { status: 202 };
}

/** Conversation threads of a group's mailbox; Planner's comments live here. */
export function mailRoutes(mail: MailStore): GraphRoute[] {
  const posts = (call: GraphCall, id: string, thread: string) => mail.posts(threadOf(call, mail, id, thread));
  return [
    { method: "GET", template: "/groups/{id}/threads", ...PERMISSIONS.threadsRead, handle: (call, { id }) => page(call, `groups('${id}')/threads`, mail.list(mailboxOf(call, id!).id).map((thread) => threadEntity(mail, thread))) },
    { method: "POST", template: "/groups/{id}/threads", ...PERMISSIONS.threadsWrite, handle: (call, { id }) => createThread(call, mail, id!) },
    {
      method: "GET", template: "/groups/{id}/threads/{thread}", ...PERMISSIONS.threadsRead,
      handle: (call, { id, thread }) => ({ status: 200, body: { "@odata.context": context(call, `groups('${id}')/threads/$entity`), ...threadEntity(mail, threadOf(call, mail, id!, thread!)) } }),
    },
    {
      method: "DELETE", template: "/groups/{id}/threads/{thread}", ...PERMISSIONS.threadsDelete,
      handle: (call, { id, thread }) => {
        mail.remove(threadOf(call, mail, id!, thread!));
        return { status: 204 };
      },
    },
    { method: "POST", template: "/groups/{id}/threads/{thread}/reply", ...PERMISSIONS.threadsWrite, handle: (call, { id, thread }) => reply(call, mail, id!, thread!) },
    { method: "GET", template: "/groups/{id}/threads/{thread}/posts", ...PERMISSIONS.threadsRead, handle: (call, { id, thread }) => page(call, `groups('${id}')/threads('${thread}')/posts`, posts(call, id!, thread!).map(postEntity)) },
    {
      method: "GET", template: "/groups/{id}/threads/{thread}/posts/{post}", ...PERMISSIONS.threadsRead,
      handle: (call, { id, thread, post }) => {
        const found = posts(call, id!, thread!).find((candidate) => candidate.id === post);
        if (!found) throw new GraphFault(404, "ErrorItemNotFound", "The specified object was not found in the store.");
        return { status: 200, body: { "@odata.context": context(call, `groups('${id}')/threads('${thread}')/posts/$entity`), ...postEntity(found) } };
      },
    },
  ];
}
