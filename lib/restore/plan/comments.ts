import { cutTo } from "@/lib/planner";
import type { Comment, TaskRecord } from "@/lib/planner/types";
import { commentReference } from "../ids";
import type { Planning } from "./context";
import { type Place, ref, target } from "./draft";
import { asHtml, escapeHtml } from "./notes";

/** Characters of text in one comment that holds several. */
const MOST_CHARACTERS = 20_000;

/** "2026-03-02 14:05 UTC" */
function moment(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const authorOf = (comment: Comment): string => comment.authorName ?? comment.authorAddress ?? "Unknown person";
const signed = (html: string, reference: string): string => `${html}<p><small>Restored by Planback, ${reference}</small></p>`;
const quote = (comment: Comment): string =>
  `<p><b>${escapeHtml(authorOf(comment))}</b> wrote on ${escapeHtml(moment(comment.createdDateTime))}:</p><blockquote>${asHtml(comment.text)}</blockquote>`;

/** The comment as quoted text: who wrote it and when, the text, and the reference that finds it again. */
export const quotedComment = (comment: Comment, reference: string): string => signed(quote(comment), reference);

/** Comments of a task, of its conversation and its chat, oldest first. */
export function commentsOf(comments: readonly Comment[], taskId: string): Comment[] {
  return comments.filter((comment) => comment.taskId === taskId)
    .sort((a, b) => (a.createdDateTime < b.createdDateTime ? -1 : a.createdDateTime > b.createdDateTime ? 1 : a.id < b.id ? -1 : 1));
}

/** Comments as paragraphs of plain text, for the notes of a task. */
export function commentParagraphs(comments: readonly Comment[]): string[] {
  return comments.map((comment, index) => `${index === 0 ? "Comments (restored as text)\n\n" : ""}${authorOf(comment)}, ${moment(comment.createdDateTime)}:\n${comment.text}`);
}

/**
 * Posts a task's comments, oldest first, each as one or all in one. The first post starts a conversation in the group's
 * mailbox, which is then linked to the task. Returns the operations.
 * https://learn.microsoft.com/graph/api/group-post-threads
 */
export function addComments(planning: Planning, record: TaskRecord, task: Place): number[] {
  const { draft, group, restoreId, request, snapshot } = planning;
  const ordered = commentsOf(snapshot.comments, record.id);
  const posts = request.comments === "quoted" ? ordered.map((comment) => onePost(comment, restoreId, record)) : request.comments === "summary" ? summaries(ordered, restoreId, record) : [];
  const added: number[] = [];
  let thread: number | null = null;
  for (const { label, reference, html, shown } of posts) {
    const previous = added.at(-1);
    const seq: number = draft.add("post_comment", {
      source: record.id, label, after: [task.seq, thread], ...(previous === undefined ? {} : { afterSettled: [previous] }),
      changes: [{ field: "Comment", from: null, to: shown }],
      body: {
        groupId: group.id, reference, html, topic: cutTo(200, `Comments on task "${record.task.title}"`),
        ...(thread === null ? {} : { threadId: ref(thread, "threadId") }),
      },
    });
    added.push(seq);
    if (thread !== null) continue;
    thread = seq;
    added.unshift(draft.add("update_task", {
      source: record.id, label: `Link the comments to “${record.task.title}”`, after: [task.seq, seq], ...target(task),
      body: { conversationThreadId: ref(seq, "threadId") },
    }));
  }
  return added;
}

interface Post { label: string; reference: string; html: string; shown: string }

const excerpt = (text: string): string => (text.length > 200 ? `${cutTo(200, text)}…` : text);

function onePost(comment: Comment, restoreId: string, { task }: TaskRecord): Post {
  const reference = commentReference(restoreId, comment.id);
  return {
    label: `Write comment of ${comment.authorName ?? "an unknown person"} on “${task.title}” as quoted text`,
    reference, html: quotedComment(comment, reference), shown: excerpt(comment.text),
  };
}

/** As few comments as hold all; a long history takes several. */
function summaries(comments: Comment[], restoreId: string, { id, task }: TaskRecord): Post[] {
  const parts: Comment[][] = [];
  let length = Infinity;
  for (const comment of comments) {
    length += comment.text.length;
    if (length > MOST_CHARACTERS) {
      parts.push([]);
      length = comment.text.length;
    }
    parts.at(-1)?.push(comment);
  }
  return parts.map((part, index) => {
    const reference = commentReference(restoreId, `${id} summary ${index}`);
    const count = `${part.length} ${part.length === 1 ? "comment" : "comments"}`;
    return {
      label: `Write ${count} on “${task.title}” as one`, reference, html: signed(part.map(quote).join(""), reference),
      shown: `${count} of ${[...new Set(part.map(authorOf))].slice(0, 5).join(", ")}`,
    };
  });
}
