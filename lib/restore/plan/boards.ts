import { type Board, boardColumns, boardHint, BOARDS, describeProgress, type Steps } from "@/lib/planner";
import type { TaskRecord } from "@/lib/planner/types";
import type { Planning } from "./context";
import { ref } from "./draft";
import { BOARD_FIELDS } from "./fields";

/**
 * Board orders: one operation a column, which reads how the tasks stand now and moves as few as possible. New tasks get
 * hints from the service on every board, so each column with a new task is looked at; `moved` names others that have to
 * move ("board id"). The rest holds its place, and so do tasks that are nobody's business between them.
 */
export function* arrangeBoards(planning: Planning, standing: TaskRecord[], moved: ReadonlySet<string> = new Set()): Steps<void> {
  const { created, wanted, choice, live } = planning;
  const now = new Map((live.plan?.content.tasks ?? []).map((record) => [record.id, record]));
  const may = (board: Board, id: string) => created.has(id) || (wanted.has(id) && choice.takes(id, BOARD_FIELDS[board]));
  // A task without a place of its own on a board stands there by its place in the list: it needs one before others move.
  const placeless = (board: Board, column: string, id: string) => now.has(id) && boardHint(board, now.get(id)!, column) === null;
  let previous: number | null = null;
  for (const board of BOARDS) {
    yield;
    for (const [column, records] of boardColumns(board, standing)) {
      const leaving = records.filter(({ id }) => created.has(id) || moved.has(`${board} ${id}`));
      // Where one that would have to move must not, the others move around it.
      const around = leaving.some(({ id }) => !may(board, id));
      const places = records.flatMap(({ id }) => {
        const place = planning.tasks.get(id);
        return place ? [{ place, move: may(board, id) && (around || created.has(id) || moved.has(`${board} ${id}`) || placeless(board, column, id)) }] : [];
      });
      if (records.length < 2 || leaving.length === 0 || !places.some(({ move }) => move)) continue;
      // A task has one set of hints for all its assignees: columns of that board are done one after the other.
      const chain = board === "assignedTo" ? [previous ?? [], planning.assignees.joinsOf([column])].flat() : [];
      const seq: number = planning.draft.add("update_board_format", {
        source: column || "unassigned", label: columnLabel(planning, board, column), afterSettled: [...places.flatMap(({ place }) => place.seq ?? []), ...chain],
        body: { board, column, tasks: places.map(({ place, move }) => ({ id: place.seq === null ? place.id : ref(place.seq), move })) },
        changes: [{ field: "Order", from: null, to: records.length === 1 ? "1 task as in the snapshot" : `${records.length} tasks as in the snapshot` }],
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
