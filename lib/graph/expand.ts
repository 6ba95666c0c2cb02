import { isDeepStrictEqual } from "node:util";
import type { GraphObject, PlannerTask } from "@/lib/planner/types";
import type { BatchAnswer, ExpandSupport, GraphApi, GraphVersion } from "./types";

const FORMATS = ["assignedToTaskBoardFormat", "bucketTaskBoardFormat", "progressTaskBoardFormat"];
const SAMPLE = 5;

/**
 * Finds out whether a plan's list of tasks truly shows, with `$expand`, what is behind the tasks: details, and the three
 * board formats. Microsoft documents neither, and `$expand` was seen to be ignored, so up to five tasks are compared
 * with direct reads: every field and the etag must be the same. Null when this plan's tasks cannot tell.
 * https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/800
 */
export async function expandSupport(graph: Pick<GraphApi, "batchGet">, planId: string, version: GraphVersion = "v1.0"): Promise<ExpandSupport | null> {
  const list = `/planner/plans/${encodeURIComponent(planId)}/tasks`;
  const [plain, ...expanded] = await graph.batchGet([list, `${list}?$expand=details`, `${list}?$expand=${FORMATS.join(",")}`].map((url) => ({ id: url, url, version })));
  const sample = tellingTasks(tasksOf(plain!));
  if (sample.length === 0) return null;
  const [withDetails, withFormats] = expanded.map((answer) => new Map(tasksOf(answer).map((task) => [task.id, task])));
  const direct = await readDirectly(graph, sample, version);
  const agrees = (listed: Map<string, GraphObject>, parts: string[]) =>
    sample.every((id) => parts.every((part) => isSame(listed.get(id)?.[part], direct.get(`${id} ${part}`)!)));
  return { details: agrees(withDetails!, ["details"]), formats: agrees(withFormats!, FORMATS), probedAt: new Date().toISOString() };
}

function tasksOf({ body }: BatchAnswer): PlannerTask[] {
  return (body as { value?: PlannerTask[] } | null)?.value ?? [];
}

/** Those with the most behind them: empty details look the same whether they are hollow, old or true. */
function tellingTasks(tasks: PlannerTask[]): string[] {
  const weight = (task: PlannerTask) => Number(task.hasDescription ?? false) + Number(task.checklistItemCount ?? 0) + Number(task.referenceCount ?? 0);
  return tasks.filter((task) => weight(task) > 0).sort((a, b) => weight(b) - weight(a)).slice(0, SAMPLE).map((task) => task.id);
}

async function readDirectly(graph: Pick<GraphApi, "batchGet">, taskIds: string[], version: GraphVersion): Promise<Map<string, BatchAnswer>> {
  const requests = taskIds.flatMap((id) => ["details", ...FORMATS].map((part) => ({ id: `${id} ${part}`, url: `/planner/tasks/${encodeURIComponent(id)}/${part}`, version })));
  return new Map((await graph.batchGet(requests)).map((answer) => [answer.id, answer]));
}

function isSame(shown: unknown, { error, body }: BatchAnswer): boolean {
  const read = { ...(body as GraphObject | null) };
  delete read["@odata.context"];
  return error === null && typeof read["@odata.etag"] === "string" && isDeepStrictEqual(shown, read);
}
