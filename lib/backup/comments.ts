import { isPlanbackError } from "@/lib/errors";
import { taskMessagesPath, threadPostsPath, type GraphApi } from "@/lib/graph";
import type { Comment, Gap, GapReason, GraphObject } from "@/lib/planner/types";
import { ask, itemsOf } from "./asking";
import { chatComment } from "./chat";
import { commentText } from "./commentText";
import { gap, gapReason } from "./gaps";
import { pack, type Packed } from "@/lib/repository/packed";
import { mentionedUserIds } from "./people";
import type { HeldTask } from "./taskReading";

/** What people wrote to a task, in its conversation and in its chat. */
export interface CommentReading {
  comments: { id: string; packed: Packed<Comment> }[];
  /** Ids and mail addresses of who wrote or is mentioned. */
  people: string[];
  addresses: string[];
  gaps: Gap[];
}

interface Post extends GraphObject {
  id: string;
  body?: { contentType?: string; content?: string };
  from?: Recipient;
  sender?: Recipient;
  createdDateTime?: string;
  receivedDateTime?: string;
  hasAttachments?: boolean;
}

interface Recipient {
  emailAddress?: { name?: string | null; address?: string | null };
}

/** Conversations are long: some are read and packed before more are asked for. */
const AT_ONCE = 100;

/**
 * The comments of tasks that have any: posts in a thread of the group's mailbox, and with `chat` the messages of the
 * task's chat too, which only beta shows, and to no application ("named": each is a gap).
 */
export async function readComments(graph: GraphApi, groupId: string, tasks: HeldTask[], chat: boolean | "named", onProgress: (done: number, total: number) => void): Promise<Map<string, CommentReading>> {
  const sources = tasks.flatMap((task) => [
    ...(task.threadId ? [{ task, isChat: false, request: { id: `thread ${task.id}`, url: threadPostsPath(groupId, task.threadId), list: true } }] : []),
    ...(chat === true && task.hasChat ? [{ task, isChat: true, request: { id: `chat ${task.id}`, url: taskMessagesPath(task.id), version: "beta" as const, list: true } }] : []),
  ]);
  const readings = new Map<string, CommentReading>();
  for (const { id, hasChat } of chat === "named" ? tasks : []) if (hasChat) readings.set(id, { comments: [], people: [], addresses: [], gaps: [gap("comments", id, "The chat of a task", "app_only", { taskId: id })] });
  for (let at = 0; at < sources.length; at += AT_ONCE) {
    const part = sources.slice(at, at + AT_ONCE);
    const answers = await ask(graph, part.map(({ request }) => request));
    for (const { task, isChat, request } of part) {
      const found = reading(() => itemsOf(answers.get(request.id)!), task, isChat);
      const other = readings.get(task.id);
      readings.set(task.id, other ? joined(other, found) : found);
    }
    onProgress(at + part.length, sources.length);
  }
  return readings;
}

function reading(items: () => GraphObject[], { id: taskId, threadId }: HeldTask, isChat: boolean): CommentReading {
  try {
    const found = items();
    const comments = found.flatMap((item) => (isChat ? (chatComment(item, taskId) ?? []) : commentOf(item as Post, taskId, threadId!)));
    return {
      comments: comments.map((comment) => ({ id: comment.id, packed: pack(comment) })),
      people: [...mentionedUserIds(comments)],
      addresses: comments.flatMap((comment) => comment.authorAddress?.toLowerCase() ?? []),
      gaps: found.filter(({ hasAttachments }) => hasAttachments === true).map(() => gap("comments", taskId, "A file of an e-mail in the conversation of a task", "mail_file", { taskId, permanent: true })),
    };
  } catch (error) {
    return { comments: [], people: [], addresses: [], gaps: [isChat ? chatGap(taskId, gapReason(error)) : threadGap(taskId, isWithoutMailbox(error) ? "thread_unreadable" : gapReason(error))] };
  }
}

/** A conversation that was deleted in Outlook is gone for Planner too: there is nothing left that could be saved. */
const threadGap = (taskId: string, reason: GapReason): Gap => gap("comments", taskId, "The comments of a task", reason, { taskId, permanent: reason === "not_found" });

/** Reading chats takes a permission that reading tasks does not: https://learn.microsoft.com/graph/api/plannertask-list-messages */
const chatGap = (taskId: string, reason: GapReason): Gap => gap("comments", taskId, "The chat of a task (reading it takes the permission Tasks.Read)", reason, { taskId });

function joined(a: CommentReading, b: CommentReading): CommentReading {
  return { comments: [...a.comments, ...b.comments], people: [...a.people, ...b.people], addresses: [...a.addresses, ...b.addresses], gaps: [...a.gaps, ...b.gaps] };
}

/**
 * Outlook answers 404 also to an account that has no Exchange Online mailbox: the conversation is there all the same.
 */
const WITHOUT_MAILBOX: ReadonlySet<unknown> = new Set(["MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI", "ErrorNonExistentMailbox"]);
const isWithoutMailbox = (error: unknown): boolean => isPlanbackError(error, "graph_not_found") && WITHOUT_MAILBOX.has(error.facts["code"]);

function commentOf(post: Post, taskId: string, threadId: string): Comment {
  const author = post.from?.emailAddress ?? post.sender?.emailAddress;
  const original = { contentType: post.body?.contentType ?? "text", content: post.body?.content ?? "" };
  return {
    id: post.id,
    taskId,
    threadId,
    authorName: author?.name ?? null,
    authorAddress: author?.address ?? null,
    createdDateTime: post.createdDateTime ?? post.receivedDateTime ?? "",
    text: commentText(original.contentType, original.content),
    original,
  };
}
