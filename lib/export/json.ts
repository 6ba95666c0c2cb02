import { peopleOf } from "@/lib/planner";
import { byTask } from "@/lib/planner/by-task";
import { chosenTasks } from "./rows";
import type { ExportSource } from "./types";

/** Everything the snapshot holds of the chosen tasks, as Microsoft sent it; comments, files and gaps beside them. */
export async function* json(source: ExportSource): AsyncGenerator<Uint8Array> {
  const { content, chosen } = source;
  const tasks = chosenTasks(source);
  const comments = byTask(content.comments);
  const attachments = byTask(content.attachments);
  const named = new Set(tasks.flatMap(({ task }) => peopleOf(task)));
  const head = {
    format: "planback-export/1", plan: source.planTitle, group: source.groupName, takenAt: source.takenAt, exportedAt: source.exportedAt, state: source.state,
    tasksInSnapshot: content.tasks.length, tasksInExport: tasks.length,
  };
  yield text(`${JSON.stringify(head).slice(0, -1)},\n`);
  yield* list("plans", [{ plan: content.plan, details: content.planDetails, group: chosen ? null : content.group }]);
  yield* list("buckets", content.buckets);
  yield* list("tasks", tasks.map(({ id, task, details, formats }) => ({ id, task, details, formats })));
  yield* list("comments", tasks.flatMap(({ id }) => comments(id)));
  yield* list("attachments", tasks.flatMap(({ id }) => attachments(id)).map(({ fileId: _ours, ...attachment }) => attachment));
  yield* list("people", content.people.filter(({ id }) => !chosen || named.has(id)));
  yield* list("gaps", source.gaps);
  yield* list("damaged", source.damaged, "}\n");
}

function* list(name: string, items: readonly unknown[], end = ",\n"): Generator<Uint8Array> {
  yield text(`${JSON.stringify(name)}:[`);
  for (const [at, item] of items.entries()) yield text(`${at > 0 ? "," : ""}\n${JSON.stringify(item)}`);
  yield text(`]${end}`);
}

const text = (value: string): Uint8Array => Buffer.from(value);
