/**
 * Brings the tasks of one column of a board into order: reads how they stand, moves as few as possible. Repeating it after
 * an interruption reads again and does only what is left.
 */
import { isPlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import { arrange, compareHints } from "@/lib/planner";
import type { GraphObject } from "@/lib/planner/types";
import { inParallel, inSlices } from "@/lib/repository/parallel";
import type { Results } from "./resolve";
import type { Sent } from "./send";
import type { OperationBodies } from "./types";

type Column = OperationBodies["update_board_format"];
type PathOf = (taskId: string, board: Column["board"]) => string;

/** More would only wait for the governor, and could not be called back when the person cancels. */
const AT_ONCE = 16;

export async function arrangeColumn(graph: GraphApi, column: Column, results: Results, pathOf: PathOf): Promise<Sent> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await arrangeOnce(graph, column, results, pathOf);
    const again = outcome.kind === "not_applied" && isPlanbackError(outcome.error, "graph_conflict") && tries < 4;
    if (!again) return outcome;
  }
}

async function arrangeOnce(graph: GraphApi, column: Column, results: Results, pathOf: PathOf): Promise<Sent> {
  const tasks = column.tasks.flatMap(({ id, move }) => {
    const known = results.of(id);
    return known === null ? [] : [{ id: known, move }];
  });
  const formats = new Map<string, { etag: string; hint: string | null }>();
  const errors: Error[] = [];
  await inSlices(tasks, async (slice) => {
    for (const { id, status, error, body } of await graph.batchGet(slice.map(({ id }) => ({ id, url: pathOf(id, column.board) })))) {
      if (status === 404) continue; // deleted since: nothing to put in order
      if (error) errors.push(error);
      else formats.set(id, { etag: String((body as GraphObject)["@odata.etag"] ?? ""), hint: hintOf(body as GraphObject, column) });
    }
  });
  if (errors.length > 0) return { kind: "not_applied", error: errors[0]! };
  const standing = tasks.flatMap(({ id, move }) => {
    const format = formats.get(id);
    return format ? [{ id, hint: format.hint, fixed: !move }] : [];
  });
  const moves = [...arrange(onePerHint(standing))];
  const outcomes = await inParallel(moves, AT_ONCE, ([id, hint]) =>
    graph.patch(pathOf(id, column.board), formats.get(id)?.etag ?? "", bodyOf(column, hint)));
  const bad = outcomes.find((outcome) => outcome.kind === "unknown") ?? outcomes.find((outcome) => outcome.kind === "not_applied");
  return bad ?? { kind: "done", remoteId: null, etag: null };
}

function hintOf(format: GraphObject, column: Column): string | null {
  const value = column.board !== "assignedTo" ? format.orderHint
    : column.column === "" ? format.unassignedOrderHint
      : (format.orderHintsByAssignee as Record<string, unknown> | null | undefined)?.[column.column];
  return typeof value === "string" && value !== "" ? value : null;
}

/** Of several tasks with one and the same hint only the first keeps it: equal hints say nothing about order. */
function onePerHint(standing: { id: string; hint: string | null; fixed: boolean }[]): { id: string; hint: string | null; fixed: boolean }[] {
  const seen = new Set<string>();
  return standing.map((item) => {
    if (item.hint === null || (!seen.has(item.hint) && compareHints(item.hint, "") > 0)) {
      if (item.hint !== null) seen.add(item.hint);
      return item;
    }
    return item.fixed ? item : { ...item, hint: null };
  });
}

function bodyOf({ board, column }: Column, hint: string): GraphObject {
  if (board !== "assignedTo") return { orderHint: hint };
  return column === "" ? { unassignedOrderHint: hint } : { orderHintsByAssignee: { [column]: hint } };
}
