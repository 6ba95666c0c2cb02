import { isDeepStrictEqual } from "node:util";
import type { GraphObject, PlannerTask } from "@/lib/planner/types";
import type { BatchAnswer, ExpandSupport, GraphApi, GraphVersion, Shown } from "./types";

const FORMATS = ["assignedToTaskBoardFormat", "bucketTaskBoardFormat", "progressTaskBoardFormat"];
const DETAILS = ["details"];
const PARTS = new Set([...DETAILS, ...FORMATS]);
const SAMPLE = 5;

/** Asks for more with a list of tasks or with one task. */
export function expandQuery({ details, formats }: Shown): string {
  const parts = [...(details ? ["details"] : []), ...(formats ? FORMATS : [])];
  return parts.length > 0 ? `?$expand=${parts.join(",")}` : "";
}

/**
 * Finds out whether a plan's list of tasks, or one task, truly shows with `$expand` what is behind: details, and the three
 * board formats. Microsoft documents neither, and `$expand` was seen to be ignored, so up to five tasks are compared
 * with direct reads: every field and the etag must be the same. Null when this plan's tasks cannot tell.
 * https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/800
 */
export async function expandSupport(graph: Pick<GraphApi, "batchGet">, planId: string, version: GraphVersion = "v1.0"): Promise<ExpandSupport | null> {
  const list = `/planner/plans/${encodeURIComponent(planId)}/tasks`;
  const lists = ["", expandQuery({ details: true, formats: false }), expandQuery({ details: false, formats: true })].map((query) => list + query);
  const [plain, withDetails, withFormats] = (await graph.batchGet(lists.map((url) => ({ id: url, url, version })))).map(tasksOf);
  const sample = tellingTasks([...plain!.values()]);
  if (sample.length === 0) return null;
  const read = await readDirectly(graph, sample, version);
  const agree = (tasks: Map<string, GraphObject>, parts: string[]) => sample.every((id) => parts.every((part) => isSame(tasks.get(id)?.[part], read.get(`${id} ${part}`)!)));
  const singles = new Map(sample.map((id) => [id, bodyOf(read.get(id)!)]));
  // One that shows its details is kept in place of the list's, so it must be the same too.
  const isWhole = sample.every((id) => isDeepStrictEqual(itself(singles.get(id)!), itself(plain!.get(id)!)));
  return {
    details: agree(withDetails!, DETAILS), formats: agree(withFormats!, FORMATS),
    single: { details: isWhole && agree(singles, DETAILS), formats: agree(singles, FORMATS) }, probedAt: new Date().toISOString(),
  };
}

function tasksOf({ body }: BatchAnswer): Map<string, PlannerTask> {
  return new Map(((body as { value?: PlannerTask[] } | null)?.value ?? []).map((task) => [task.id, task]));
}

/** Those with the most behind them: empty details look the same whether they are hollow, old or true. */
function tellingTasks(tasks: PlannerTask[]): string[] {
  const weight = (task: PlannerTask) => Number(task.hasDescription ?? false) + Number(task.checklistItemCount ?? 0) + Number(task.referenceCount ?? 0);
  return tasks.filter((task) => weight(task) > 0).sort((a, b) => weight(b) - weight(a)).slice(0, SAMPLE).map((task) => task.id);
}

async function readDirectly(graph: Pick<GraphApi, "batchGet">, taskIds: string[], version: GraphVersion): Promise<Map<string, BatchAnswer>> {
  const requests = taskIds.flatMap((id) => {
    const url = `/planner/tasks/${encodeURIComponent(id)}`;
    return [{ id, url: url + expandQuery({ details: true, formats: true }), version }, ...[...DETAILS, ...FORMATS].map((part) => ({ id: `${id} ${part}`, url: `${url}/${part}`, version }))];
  });
  return new Map((await graph.batchGet(requests)).map((answer) => [answer.id, answer]));
}

function isSame(shown: unknown, answer: BatchAnswer): boolean {
  const read = itself(bodyOf(answer));
  return typeof read["@odata.etag"] === "string" && isDeepStrictEqual(shown, read);
}

const bodyOf = ({ error, body }: BatchAnswer): GraphObject => (error ? {} : ((body ?? {}) as GraphObject));

/** Without what is behind it, and without what depends on the address that was asked. */
function itself(object: GraphObject): GraphObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !PARTS.has(name) && !name.endsWith("@odata.context")));
}
