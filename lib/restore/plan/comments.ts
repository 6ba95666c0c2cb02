import type { Comment, TaskRecord } from "@/lib/planner/types";
import { commentReference } from "../ids";
import { type Draft, type Place, ref, target } from "./draft";

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** "2026-03-02 14:05 UTC" */
function moment(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The comment as quoted text: who wrote it and when, the text, and the reference that finds it again. */
export function quotedComment(comment: Comment, reference: string): string {
  const author = comment.authorName ?? comment.authorAddress ?? "Unknown person";
  const text = escape(comment.text).replace(/\r?\n/g, "<br>");
  return `<p><b>${escape(author)}</b> wrote on ${escape(moment(comment.createdDateTime))}:</p><blockquote>${text}</blockquote><p><small>Restored by Planback, ${reference}</small></p>`;
}

/**
 * Posts a task's comments, oldest first. The first one starts a conversation in the group's mailbox, which is then linked
 * to the task. https://learn.microsoft.com/graph/api/group-post-threads
 */
export function addComments(draft: Draft, groupId: string, restoreId: string, record: TaskRecord, comments: Comment[], task: Place): void {
  const ordered = comments.filter((comment) => comment.taskId === record.id)
    .sort((a, b) => (a.createdDateTime < b.createdDateTime ? -1 : a.createdDateTime > b.createdDateTime ? 1 : a.id < b.id ? -1 : 1));
  let thread: number | null = null;
  let previous: number | null = null;
  for (const comment of ordered) {
    const reference = commentReference(restoreId, comment.id);
    const seq: number = draft.add("post_comment", {
      source: record.id,
      label: `Write comment of ${comment.authorName ?? "an unknown person"} on “${record.task.title}” as quoted text`,
      after: [task.seq, thread],
      ...(previous === null ? {} : { afterSettled: [previous] }),
      body: {
        groupId, reference, html: quotedComment(comment, reference),
        topic: `Comments on task "${record.task.title}"`.slice(0, 200),
        ...(thread === null ? {} : { threadId: ref(thread, "threadId") }),
      },
    });
    if (thread === null) {
      thread = seq;
      draft.add("update_task", {
        source: record.id, label: `Link the comments to “${record.task.title}”`, after: [task.seq, seq], ...target(task),
        body: { conversationThreadId: ref(seq, "threadId") },
      });
    }
    previous = seq;
  }
}
