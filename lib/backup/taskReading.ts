import { boardFormatPath, expandQuery, type BatchAnswer, type BatchRequest, type GraphApi, type GraphVersion, type Shown, type WithEtag } from "@/lib/graph";
import type { Gap, GraphObject, PlannerTask, PlannerTaskDetails, TaskBoardFormats, TaskRecord } from "@/lib/planner/types";
import { pack, type Packed } from "@/lib/repository/packed";
import { inSlices } from "@/lib/repository/parallel";
import { withoutAnnotations } from "./annotations";
import { ask, isRefusal, type Answers } from "./asking";
import { gap, gapReason } from "./gaps";
import { FORMAT_NAMES, unfold, type ListedTask } from "./listing";
import { mentionedUserIds } from "./people";

/** What tells whether a task is still as it was read; null: not known. */
export interface Signs {
  task: string;
  /** Beta: the time of the last change of the task or anything of it. */
  modified: string | null;
  details: string | null;
  formats: string | null;
}

/** A task as it was read, kept small. */
export interface HeldTask {
  id: string;
  signs: Signs;
  record: Packed<TaskRecord>;
  /** Details and board places come from the snapshot before. */
  takenOver: boolean;
  threadId: string | null;
  hasChat: boolean;
  /** Keys of its references, encoded. */
  references: string[];
  /** Ids of everybody it names. */
  people: string[];
  gaps: Gap[];
}

export const detailsRequest = (taskId: string, version: GraphVersion): BatchRequest => ({ id: `details ${taskId}`, url: `/planner/tasks/${encodeURIComponent(taskId)}/details`, version });

export const NOTHING: Shown = { details: false, formats: false };

/** Details and the three board formats of tasks, as far as the list has not shown them, in batches; `single` of them in one request a task. */
export async function readTasks(graph: GraphApi, tasks: ListedTask[], version: GraphVersion, single: Shown, held: (task: HeldTask) => void): Promise<void> {
  await inSlices(tasks, async (slice) => {
    const first = await ask(graph, slice.flatMap((listed) => [...singleRequests(listed, version, single), ...requestsFor(listed, version, single)]));
    const shown = slice.map((listed) => withShown(listed, first.get(`single ${listed.task.id}`)));
    const requests = shown.flatMap((listed) => requestsFor(listed, version));
    const rest = await ask(graph, requests.filter(({ id }) => !first.has(id)));
    const answers = new Map([...first, ...rest]);
    const plain = version === "beta" ? await askPlain(graph, requests, answers) : new Map();
    for (const listed of shown) held(holdAnswers(listed, answers, plain));
  });
}

function singleRequests({ task: { id } }: ListedTask, version: GraphVersion, single: Shown): BatchRequest[] {
  const query = expandQuery(single);
  return query ? [{ id: `single ${id}`, url: `/planner/tasks/${encodeURIComponent(id)}${query}`, version }] : [];
}

/** With the details that one answer shows goes the task that it shows: they were like that at one moment. */
function withShown(listed: ListedTask, answer: BatchAnswer | undefined): ListedTask {
  if (!answer?.body) return listed;
  const shown = unfold(answer.body as WithEtag<PlannerTask>);
  const { task, details } = shown.details ? shown : listed;
  return { task, details, formats: listed.formats ?? shown.formats };
}

/** Direct reads of what a list has not shown, and `single` will not show. */
function requestsFor({ task, details, formats }: ListedTask, version: GraphVersion, single = NOTHING): BatchRequest[] {
  return [
    ...(details || single.details ? [] : [detailsRequest(task.id, version)]),
    ...(formats || single.formats ? [] : FORMAT_NAMES.map((format) => ({ id: `${format} ${task.id}`, url: boardFormatPath(task.id, format), version }))),
  ];
}

/** Beta is not supported in production: what it refuses, v1.0 may still give. */
async function askPlain(graph: GraphApi, requests: BatchRequest[], answers: Answers): Promise<Answers> {
  const refused = requests.filter(({ id }) => isRefusal(answers.get(id)!.error));
  return refused.length === 0 ? new Map() : ask(graph, refused.map(({ id, url }) => ({ id, url })));
}

function holdAnswers(listed: ListedTask, answers: Answers, plain: Answers): HeldTask {
  const { id } = listed.task;
  const gaps: Gap[] = [];
  const partOf = (name: string, kind: "task" | "boardFormat", what: string): WithEtag<GraphObject> | null => {
    const answer = plain.get(`${name} ${id}`) ?? answers.get(`${name} ${id}`)!;
    if (answer.error) gaps.push(gap(kind, id, what, gapReason(answer.error), { taskId: id }));
    return answer.error ? null : (answer.body as WithEtag<GraphObject>);
  };
  const details = listed.details ?? (partOf("details", "task", "A task's description, checklist and attachments") as WithEtag<PlannerTaskDetails> | null);
  const formats: TaskBoardFormats = listed.formats ?? {};
  if (!listed.formats) {
    for (const format of FORMAT_NAMES) {
      const found = partOf(format, "boardFormat", "A task's place on one of the boards");
      if (found) formats[format] = found;
    }
  }
  const refusal = answers.get(`details ${id}`)?.error;
  if (details && refusal) gaps.push(gap("task", id, "What only Microsoft's beta interface shows of a task", gapReason(refusal), { taskId: id }));
  return hold(listed, { details, formats, gaps, takenOver: false });
}

/** A task of the list with what is behind it, taken from the snapshot before as far as the list does not show it. */
export function holdTakenOver(listed: ListedTask, before: Pick<TaskRecord, "details" | "formats">): HeldTask {
  return hold(listed, { details: listed.details ?? before.details, formats: listed.formats ?? before.formats, gaps: [], takenOver: true });
}

function hold(listed: ListedTask, { details, formats, gaps, takenOver }: { details: PlannerTaskDetails | null; formats: TaskBoardFormats; gaps: Gap[]; takenOver: boolean }): HeldTask {
  const { task } = listed;
  const record: TaskRecord = withoutAnnotations({ kind: "task", id: task.id, task, details, formats });
  return {
    id: task.id,
    signs: signsOf(task, details, formats),
    record: pack(record),
    takenOver,
    threadId: task.conversationThreadId || null,
    hasChat: task.hasChat === true,
    references: Object.keys(details?.references ?? {}).filter((key) => !key.includes("@odata.")),
    people: [...mentionedUserIds(record)],
    gaps,
  };
}

/** The signs of a task that a list shows. */
export const signsOfListed = ({ task, details, formats }: ListedTask): Signs => signsOf(task, details, formats ?? {});

function signsOf(task: WithEtag<PlannerTask>, details: GraphObject | null, formats: TaskBoardFormats): Signs {
  const etags = FORMAT_NAMES.map((format) => etagOf(formats[format]));
  return {
    task: task["@odata.etag"],
    modified: task.lastModifiedDateTime ?? null,
    details: etagOf(details),
    formats: etags.includes(null) ? null : etags.join(" "),
  };
}

export function etagOf(object: unknown): string | null {
  const etag = (object as { "@odata.etag"?: unknown } | null | undefined)?.["@odata.etag"];
  return typeof etag === "string" ? etag : null;
}

/** True when any sign that both sides know differs. */
export function differ(a: Signs, b: Signs): boolean {
  return (Object.keys(a) as (keyof Signs)[]).some((sign) => a[sign] !== null && b[sign] !== null && a[sign] !== b[sign]);
}
