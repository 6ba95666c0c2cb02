import { decodeReferenceKey } from "@/lib/planner/references";
import { peopleNames, personIn } from "@/lib/planner/people";
import { sortByHint } from "@/lib/planner/order-hints";
import { describePriority, describeProgress } from "@/lib/planner/words";
import type { Gap, SnapshotContent } from "@/lib/planner/types";
import { shownTitle, withoutTowers } from "@/components/ui/text";
import { assigneeNames, labelsOf } from "./make-model";
import type { LabelModel } from "./model";
import { safeHref } from "./safe-href";

/** Everything the snapshot holds of one task. */
export interface PanelModel {
  id: string;
  title: string;
  /** Where the title is only its beginning. */
  wholeTitle: string | null;
  bucket: string | null;
  progress: string;
  priority: string;
  start: string | null;
  due: string | null;
  labels: LabelModel[];
  assignees: string[];
  description: string | null;
  checklist: { id: string; title: string; done: boolean }[];
  links: {
    key: string;
    name: string;
    /** Null: not an address that may be followed. */
    href: string | null;
    address: string;
    type: string | null;
    file: { id: string; name: string; size: number } | null;
  }[];
  comments: { id: string; author: string; at: string; text: string }[];
  facts: { name: string; value: string; isTime: boolean }[];
  gaps: string[];
}

/** Null when the snapshot has no such task. */
export function panelModel(content: SnapshotContent, gaps: readonly Gap[], taskId: string): PanelModel | null {
  const record = content.tasks.find((task) => task.id === taskId);
  if (!record) return null;
  const { task, details } = record;
  const names = peopleNames(content);
  const title = shownTitle(task.title);
  const checklist = Object.entries(details?.checklist ?? {}).filter(([key]) => !key.includes("@"));
  return {
    id: record.id,
    title,
    wholeTitle: title === task.title ? null : withoutTowers(task.title),
    bucket: content.buckets.find((bucket) => bucket.id === task.bucketId)?.name ?? null,
    progress: describeProgress(task.percentComplete),
    priority: describePriority(task.priority),
    start: task.startDateTime ?? null,
    due: task.dueDateTime ?? null,
    labels: labelsOf(record, content.planDetails),
    assignees: assigneeNames(record, names),
    description: details?.description ? withoutTowers(details.description) : null,
    checklist: sortByHint(checklist, ([, item]) => item.orderHint, ([id]) => id).map(([id, item]) => ({ id, title: withoutTowers(item.title ?? ""), done: item.isChecked === true })),
    links: links(content, record),
    comments: content.comments
      .filter((comment) => comment.taskId === taskId)
      .sort((a, b) => (a.createdDateTime < b.createdDateTime ? -1 : 1))
      .map((comment) => ({ id: comment.id, author: comment.authorName ?? comment.authorAddress ?? "Unknown author", at: comment.createdDateTime, text: withoutTowers(comment.text) })),
    facts: facts(task, names),
    gaps: gaps.filter((gap) => gap.taskId === taskId || gap.id === taskId).map((gap) => gap.detail),
  };
}

function links(content: SnapshotContent, record: SnapshotContent["tasks"][number]): PanelModel["links"] {
  const references = Object.entries(record.details?.references ?? {}).filter(([key]) => !key.startsWith("@"));
  return sortByHint(references, ([, reference]) => reference.previewPriority, ([key]) => key).map(([key, reference]) => {
    const file = content.attachments.find((attachment) => attachment.taskId === record.id && attachment.referenceKey === key);
    const address = decodeReferenceKey(key);
    return {
      key,
      name: reference.alias || file?.name || address,
      href: safeHref(key),
      address,
      type: reference.type ?? null,
      file: file ? { id: file.id, name: file.name, size: file.size } : null,
    };
  });
}

function facts(task: SnapshotContent["tasks"][number]["task"], names: (id: string) => string): PanelModel["facts"] {
  const person = (identity: unknown): string | null => {
    const id = personIn(identity);
    return id ? names(id) : null;
  };
  const rows: [string, unknown, boolean][] = [
    ["Created", task.createdDateTime, true],
    ["Created by", person(task["createdBy"]), false],
    ["Completed", task.completedDateTime, true],
    ["Completed by", person(task["completedBy"]), false],
    ["Task id", task.id, false],
  ];
  return rows.flatMap(([name, value, isTime]) => (typeof value === "string" && value ? [{ name, value, isTime }] : []));
}
