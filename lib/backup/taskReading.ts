import { boardFormatPath, type BatchAnswer, type BatchRequest, type GraphApi, type WithEtag } from "@/lib/graph";
import type { Gap, GraphObject, PlannerTask, PlannerTaskDetails, TaskBoardFormats } from "@/lib/planner/types";
import { gap, gapReason } from "./gaps";

export interface TaskReading {
  task: WithEtag<PlannerTask>;
  details: WithEtag<PlannerTaskDetails> | null;
  formats: TaskBoardFormats;
  gaps: Gap[];
}

const FORMATS = ["assignedTo", "bucket", "progress"] as const;

export const detailsRequest = (taskId: string): BatchRequest => ({ id: `details ${taskId}`, url: `/planner/tasks/${encodeURIComponent(taskId)}/details` });

/** Details and the three board formats of tasks, four reads each, in batches. */
export async function readTasks(graph: GraphApi, tasks: WithEtag<PlannerTask>[], onProgress: (done: number) => void): Promise<Map<string, TaskReading>> {
  const requests = tasks.flatMap((task) => [
    detailsRequest(task.id),
    ...FORMATS.map((format) => ({ id: `${format} ${task.id}`, url: boardFormatPath(task.id, format) })),
  ]);
  const answers = await graph.batchGet(requests, (done) => onProgress(Math.floor(done / 4)));
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  return new Map(tasks.map((task) => [task.id, readingOf(task, byId)]));
}

function readingOf(task: WithEtag<PlannerTask>, answers: Map<string, BatchAnswer>): TaskReading {
  const reading: TaskReading = { task, details: null, formats: {}, gaps: [] };
  const details = answers.get(`details ${task.id}`)!;
  if (details.error) {
    reading.gaps.push(gap("task", task.id, "A task's description, checklist and attachments", gapReason(details.error), { taskId: task.id }));
  } else {
    reading.details = details.body as WithEtag<PlannerTaskDetails>;
  }
  for (const format of FORMATS) {
    const answer = answers.get(`${format} ${task.id}`)!;
    if (answer.error) {
      reading.gaps.push(gap("boardFormat", task.id, "A task's place on one of the boards", gapReason(answer.error), { taskId: task.id }));
    } else {
      reading.formats[format] = answer.body as GraphObject;
    }
  }
  return reading;
}
