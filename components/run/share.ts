import type { RunPlanView } from "@/lib/workspaces/types";

export const PHASES: Record<string, string> = { listing: "Reading the task list", details: "Reading tasks", comments: "Reading comments", files: "Reading files", checking: "Checking what moved meanwhile", storing: "Storing" };
/** Per cent of the bar that is full when a phase begins. The last one ends below 100: whole is what is stored. */
const STARTS: [phase: string, from: number][] = [["listing", 0], ["details", 5], ["comments", 60], ["files", 70], ["checking", 85], ["storing", 97], ["", 99]];

/** How much of the capture of a plan is behind it, in per cent. Pure. */
export function shareDone({ phase, done, total }: Pick<RunPlanView, "phase" | "done" | "total">): number {
  const place = STARTS.findIndex(([name]) => name === phase);
  if (place < 0) return 0;
  const [from, to] = [STARTS[place]![1], STARTS[place + 1]![1]];
  return Math.floor(from + (to - from) * (total > 0 ? Math.min(1, done / total) : 0));
}
