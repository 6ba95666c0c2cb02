import { isPlanbackError } from "@/lib/errors";
import { threadPostsPath, type BatchAnswer, type GraphApi } from "@/lib/graph";
import type { Comment, Gap, GraphObject, PlannerTask } from "@/lib/planner/types";
import { commentText } from "./commentText";
import { gap, gapReason } from "./gaps";

export interface CommentReading {
  comments: Comment[];
  gaps: Gap[];
}

interface Post extends GraphObject {
  id: string;
  body?: { contentType?: string; content?: string };
  from?: Recipient;
  sender?: Recipient;
  createdDateTime?: string;
  receivedDateTime?: string;
}

interface Recipient {
  emailAddress?: { name?: string | null; address?: string | null };
}

/** The comments of tasks that have any: they live as posts in a thread of the group's mailbox. */
export async function readComments(
  graph: GraphApi,
  groupId: string,
  tasks: PlannerTask[],
  onProgress: (done: number, total: number) => void,
): Promise<Map<string, CommentReading>> {
  const withThread = tasks.filter((task) => task.conversationThreadId);
  const requests = withThread.map((task) => ({ id: task.id, url: threadPostsPath(groupId, task.conversationThreadId!) }));
  const answers = await graph.batchGet(requests, onProgress);
  const readings = new Map<string, CommentReading>();
  for (const [i, task] of withThread.entries()) readings.set(task.id, await readThread(graph, groupId, task, answers[i]!));
  return readings;
}

async function readThread(graph: GraphApi, groupId: string, task: PlannerTask, answer: BatchAnswer): Promise<CommentReading> {
  const threadId = task.conversationThreadId!;
  try {
    if (answer.error) throw answer.error;
    const page = answer.body as { value?: Post[]; "@odata.nextLink"?: string };
    const posts = page["@odata.nextLink"] ? ((await graph.threadPosts(groupId, threadId)) as Post[]) : (page.value ?? []);
    return { comments: posts.map((post) => commentOf(post, task.id, threadId)), gaps: [] };
  } catch (error) {
    const reason = isWithoutMailbox(error) ? "thread_unreadable" : gapReason(error);
    // A conversation that was deleted in Outlook is gone for Planner too: there is nothing left that could be saved.
    return { comments: [], gaps: [gap("comments", task.id, "The comments of a task", reason, { taskId: task.id, permanent: reason === "not_found" })] };
  }
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
