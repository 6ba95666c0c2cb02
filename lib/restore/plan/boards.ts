import { boardColumns, BOARDS, describeProgress } from "@/lib/planner";
import type { TaskRecord } from "@/lib/planner/types";
import type { Planning } from "./context";
import { ref } from "./draft";
import { BOARD_FIELDS } from "./fields";

/**
 * Board orders: one operation a column, which reads how the tasks stand now and moves as few as possible. New tasks get
 * hints from the service on every board, so each column with a new task is looked at; `moved` names other columns.
 */
export function arrangeBoards(planning: Planning, standing: TaskRecord[], moved: ReadonlySet<string> = new Set()): void {
  const movable = (board: (typeof BOARDS)[number], id: string) => planning.created.has(id) || (planning.wanted.has(id) && planning.choice.takes(id, BOARD_FIELDS[board]));
  let previous: number | null = null;
  for (const board of BOARDS) {
    for (const [column, records] of boardColumns(board, standing)) {
      const concerned = records.some(({ id }) => planning.created.has(id) || (movable(board, id) && moved.has(`${board} ${id}`)));
      if (records.length < 2 || !concerned) continue;
      const places = records.flatMap(({ id }) => {
        const place = planning.tasks.get(id);
        return place ? [{ place, move: movable(board, id) }] : [];
      });
      // A task has one set of hints for all its assignees: columns of that board are done one after the other.
      const chain = board === "assignedTo" && previous !== null ? [previous] : [];
      const seq: number = planning.draft.add("update_board_format", {
        source: column || "unassigned", label: columnLabel(planning, board, column), afterSettled: [...places.flatMap(({ place }) => place.seq ?? []), ...chain],
        body: { board, column, tasks: places.map(({ place, move }) => ({ id: place.seq === null ? place.id : ref(place.seq), move })) },
        changes: [{ field: "Order", from: null, to: `${records.length} tasks as in the snapshot` }],
      });
      if (board === "assignedTo") previous = seq;
    }
  }
}

function columnLabel({ snapshot, assignees }: Planning, board: (typeof BOARDS)[number], column: string): string {
  if (board === "bucket") return `Put the tasks of bucket “${snapshot.buckets.find(({ id }) => id === column)?.name ?? "No bucket"}” in order`;
  if (board === "progress") return `Put the tasks in order on the board by progress (${describeProgress(column === "completed" ? 100 : column === "inProgress" ? 50 : 0)})`;
  return `Put the tasks in order on the board by person (${column === "" ? "Unassigned" : assignees.nameOf(column)})`;
}
