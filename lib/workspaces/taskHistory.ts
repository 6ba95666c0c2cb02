/** What happened to one task: first seen, each change, when it went. Read from the snapshots, only where the task lies. */
import { isPlanbackError } from "@/lib/errors";
import { diffParts, type FieldChange } from "@/lib/planner/diff";
import type { SnapshotRecord } from "@/lib/planner/types";
import { inOrder } from "@/lib/repository/parallel";
import type { Repository } from "@/lib/repository/types";
import { recordReading } from "./audit";
import { checkId, inWorkspace, notFound } from "./authorise";
import { contentOf } from "./compare";
import { openSummary, readTask } from "./history";
import { findPlan, toSummary } from "./plans";
import { repositoryOf } from "./repository";
import { statesOf, stepOf, stopsOf, type Moment, type State } from "./taskLife";
import type { Actor, SnapshotDrift, TaskEvent, TaskHistoryView } from "./types";

/** Events on one page, and so many snapshots are looked at for them. */
const PAGE = 20;
const EXAMINED = 1_000;
const PARALLEL = 8;

type Kept = Moment & { manifestId: string };

/**
 * A page of the life of a task, newest first; `before`: the `next` of the page before. Throws `not_found` when no kept
 * snapshot of the plan has it.
 */
export async function getTaskHistory(actor: Actor, workspaceId: string, planId: string, taskId: string, before: string | null = null): Promise<TaskHistoryView> {
  const id = checkId(planId, "plan");
  const found = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    const plan = await findPlan(tx, me.workspaceId, id);
    const rows = await tx.snapshot.findMany({
      where: { workspaceId: me.workspaceId, planId: id, state: { not: "open" } }, orderBy: [{ takenAt: "desc" }, { id: "desc" }],
      select: { id: true, takenAt: true, state: true, drift: true, manifestId: true, removedAt: true, runId: true },
    });
    const task = await readTask(tx, me.workspaceId, id, taskId.slice(0, 64));
    await recordReading(tx, me.workspaceId, actor, { action: "plan.history_opened", target: { kind: "plan", id } });
    return { workspaceId: me.workspaceId, plan, rows, task };
  });
  const moments = found.rows.map((row): Kept => ({
    id: row.id, takenAt: row.takenAt, isComplete: row.state === "complete", isBackup: row.runId !== null, isKept: row.removedAt === null, drift: row.drift as SnapshotDrift | null, manifestId: row.manifestId ?? "",
  }));
  const stops = stopsOf(moments);
  const from = Math.max(0, stops.findIndex((stop) => stop.id === before));
  const looked = stops.slice(from, from + EXAMINED);
  const repository = await repositoryOf(found.workspaceId);
  const traced = await repository.traceTask(looked.map(({ manifestId }) => manifestId), taskId);
  const states = statesOf(looked, traced);
  const firstAt = found.task && Date.parse(found.task.trace.firstAt);
  const isEnd = from + looked.length === stops.length;
  const steps = states.flatMap((newer, index): Step[] => {
    const older = states[index + 1] ?? null;
    const kind = older || isEnd ? stepOf(older, newer) : "none";
    return kind === "none" ? [] : [{ newer, older, kind, wasBefore: older !== null && (states.slice(index + 1).some(({ task }) => task !== null) || (!isEnd && firstAt !== null && firstAt < newer.moment.takenAt.getTime())) }];
  });

  const kept = moments.filter(({ isKept }) => isKept);
  const events: TaskEvent[] = [];
  // The newer side of the pair that the next page begins with.
  let next: string | null = isEnd ? null : (states.at(-1)?.moment ?? looked.at(-1)!).id;
  if (next !== null && next === before) next = looked.at(-1)!.id; // nothing was certain in all of them
  for await (const { step, fields } of inOrder(steps, PARALLEL, async (one) => ({ step: one, fields: one.kind === "perhaps" ? await changesOf(repository, one, taskId) : [] }))) {
    if (step.kind === "perhaps" && fields?.length === 0) continue;
    if (events.length === PAGE) {
      next = step.newer.moment.id;
      break;
    }
    events.push(eventOf(step, fields, kept, stops));
  }
  const summary = found.task && (await openSummary(found.workspaceId, id, found.task));
  const title = summary?.title ?? states.find(({ task }) => task)?.task?.task.title ?? null;
  if (title === null && from === 0 && isEnd) throw notFound("task");
  return {
    plan: await toSummary(found.plan), taskId, title, trace: found.task && summary && { ...found.task.trace, ...summary }, events, next,
    until: looked.at(-1)?.takenAt.toISOString() ?? null, damaged: traced.filter((one) => one === null).length,
  };
}

interface Step { newer: State<Kept>; older: State<Kept> | null; kind: "came" | "gone" | "perhaps"; /** An earlier snapshot has the task. */ wasBefore: boolean }

function eventOf({ newer, older, kind, wasBefore }: Step, fields: FieldChange[] | null, kept: readonly Kept[], stops: readonly Kept[]): TaskEvent {
  const at = (moment: Kept) => moment.takenAt.toISOString();
  const previous = older?.task ? lastLike(older.moment, newer.moment, kept, stops) : null;
  return {
    kind: kind === "came" ? (wasBefore ? "back" : "first") : kind === "gone" ? "gone" : "changed",
    snapshotId: newer.moment.id, at: at(newer.moment), before: previous && { id: previous.id, at: at(previous) }, fields,
  };
}

/** The newest kept snapshot before `newer` that holds the same as `older`. */
function lastLike(older: Kept, newer: Kept, kept: readonly Kept[], stops: readonly Kept[]): Kept {
  const end = stops[stops.indexOf(older) - 1] ?? newer;
  return kept[kept.indexOf(end) + 1] ?? older;
}

/** Field by field, as a comparison of the two snapshots says it; null where the storage is damaged. */
async function changesOf(repository: Repository, { older, newer }: Step, taskId: string): Promise<FieldChange[] | null> {
  if (!older?.task || !newer.task) return [];
  const [was, is] = [older.moment.manifestId, newer.moment.manifestId];
  try {
    const { added, removed, changed } = older.behind === newer.behind ? { added: [], removed: [], changed: [] } : await repository.diffSnapshots(was, is, ["comment", "attachment"]);
    const ofTask = (records: SnapshotRecord[]) => records.filter((record) => (record.kind === "comment" ? record.comment.taskId : record.kind === "attachment" ? record.attachment.taskId : null) === taskId);
    const behind = [ofTask([...removed, ...changed.map((pair) => pair.before)]), ofTask([...added, ...changed.map((pair) => pair.after)])] as const;
    if (behind[0].length + behind[1].length === 0 && JSON.stringify(older.task) === JSON.stringify(newer.task)) return [];
    const [before, after] = await Promise.all([contentOf(repository, was, [older.task, ...behind[0]]), contentOf(repository, is, [newer.task, ...behind[1]])]);
    return diffParts(before, after).tasks.find(({ id }) => id === taskId)?.fields ?? [];
  } catch (error) {
    if (isPlanbackError(error, "repository_damaged")) return null;
    throw error;
  }
}
