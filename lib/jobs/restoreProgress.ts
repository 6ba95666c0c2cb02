import { Prisma } from "@/lib/generated/prisma/client";
import type { GraphEvents } from "@/lib/graph/types";
import type { RestoreProgress } from "@/lib/restore";
import { latest } from "./pace";
import { changeRestore, type RestoreRow } from "./restoreContext";

/** Writes to the row how far a restore is and what it waits for, and counts its requests. */
export function progressOf(row: RestoreRow) {
  const current = { done: row.done, total: row.total, phase: "reviewing", state: "running", waiting: null as { reason: string; until: string } | null };
  let requests = 0;
  const writer = latest<typeof current>(async ({ waiting, ...rest }) => {
    await changeRestore(row, ["running", "waiting"], { ...rest, waiting: waiting ?? Prisma.DbNull });
  });
  const push = (change: Partial<typeof current>) => {
    Object.assign(current, change);
    writer.push({ ...current, state: current.waiting ? "waiting" : "running" });
  };
  const waitingOf = (state: { reason: string; until: Date } | null) => state && { reason: state.reason, until: state.until.toISOString() };
  const events: GraphEvents = {
    request: () => void requests++,
    waiting: (state) => push({ waiting: waitingOf(state) }),
  };
  return {
    events,
    phase: (phase: "reviewing" | "saving") => push({ phase }),
    push: ({ done, total, phase, waiting }: RestoreProgress) => push({ done, total, phase, waiting: waitingOf(waiting) }),
    flush: () => writer.flush(),
    requests: () => requests,
  };
}
