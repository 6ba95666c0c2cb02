/** Messages of a task's chat (beta). https://learn.microsoft.com/graph/api/resources/plannertaskchatmessage */
import type { Comment, GraphObject, Person } from "@/lib/planner/types";
import { withoutAnnotations } from "./annotations";
import { commentText } from "./commentText";

interface Message extends GraphObject {
  id?: string;
  content?: string | null;
  messageType?: string;
  createdBy?: { user?: { id?: string | null } | null } | null;
  createdDateTime?: string;
  mentions?: { mentioned?: unknown; position?: number }[] | null;
}

/** Both of Microsoft's names for the moment at which its author deleted a message. */
const DELETED = ["deletedTime", "deletedDateTime"];

/** The message as a comment, names still to be filled in; null for one that was deleted: what it said was taken back. */
export function chatComment(sent: GraphObject, taskId: string): Comment | null {
  const message = withoutAnnotations(sent as Message);
  if (message["isDeleted"] === true || DELETED.some((name) => message[name])) return null;
  return {
    id: message.id ?? "",
    taskId,
    channel: "chat",
    threadId: "",
    authorName: null,
    authorAddress: null,
    createdDateTime: message.createdDateTime ?? "",
    text: "",
    original: { contentType: message.messageType === "plainText" ? "text" : "html", content: message.content ?? "" },
    verbatim: message,
  };
}

/** A mention is an empty element that names its place in the list of mentions. */
const MENTION = /<span\b[^>]*\bitemid="(\d+)"[^>]*>\s*<\/span>/gi;

/** A message of a chat with the names of its author and of those it mentions; other comments as they are. */
export function withNames(comment: Comment, people: ReadonlyMap<string, Person>): Comment {
  if (comment.channel !== "chat") return comment;
  const message = comment.verbatim as Message;
  const author = people.get(message.createdBy?.user?.id ?? "");
  const { contentType, content } = comment.original;
  const named = content.replace(MENTION, (whole, position: string) => {
    const mention = message.mentions?.find((one, index) => (one.position ?? index) === Number(position));
    return `@${people.get(String(mention?.mentioned))?.displayName ?? "someone"}`;
  });
  return { ...comment, authorName: author?.displayName ?? null, authorAddress: author?.mail ?? author?.userPrincipalName ?? null, text: commentText(contentType, named) };
}
