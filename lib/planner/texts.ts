import { byTask } from "./by-task";
import { appliedLabels, labelName } from "./labels";
import { openEntries } from "./open-types";
import { peopleNames, peopleOf } from "./people";
import type { SnapshotContent, TaskRecord } from "./types";

/** Everything that a person can search for in a task, what people look for first at the front. */
export function textsOf(content: SnapshotContent): (record: TaskRecord) => string[] {
  const name = peopleNames(content);
  const comments = byTask(content.comments);
  const bucketOf = new Map(content.buckets.map((bucket) => [bucket.id, bucket.name]));
  return ({ id, task, details }) => [
    task.title, bucketOf.get(task.bucketId ?? "") ?? "", content.plan.title,
    ...appliedLabels(task.appliedCategories).map((category) => labelName(category, content.planDetails?.categoryDescriptions)), ...peopleOf(task).map(name),
    ...openEntries(details?.checklist).map(([, item]) => item.title ?? ""), ...openEntries(details?.references).map(([, reference]) => reference.alias ?? ""),
    details?.description ?? "", ...comments(id).flatMap((comment) => [comment.authorName ?? "", comment.text]),
  ];
}

/** Tasks in which each of the words stands somewhere; the title of the plan, which all of them share, does not count. */
export function tasksWith(content: SnapshotContent, words: readonly string[]): TaskRecord[] {
  const texts = textsOf({ ...content, plan: { ...content.plan, title: "" } });
  const wanted = words.map((word) => word.toLowerCase());
  return content.tasks.filter((record) => {
    const text = texts(record).join("\n").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
