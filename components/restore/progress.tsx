"use client";

import Link from "next/link";
import { Waiting } from "@/components/run/waiting";
import { Progress } from "@/components/ui/progress";
import { useTimeLeft } from "@/components/ui/time-left";
import type { ShownRestore } from "./view";

const TEXTS: Partial<Record<ShownRestore["state"], string>> = {
  planning: "Reading the target and computing what would happen. Nothing is written.",
  running: "Writing to Microsoft 365",
  waiting: "Waiting",
  verifying: "Reading back and comparing with the snapshot",
};
const PHASES: Record<string, string> = {
  turn: "Waiting for another restore into this plan",
  reviewing: "Checking that nothing moved since the preview",
  saving: "Capturing the plan as it is now, so that this restore can be undone",
  restoring: "Writing to Microsoft 365",
  looking: "Looking for what was written without an answer",
  verifying: "Reading back and comparing with the snapshot",
  removing: "Removing the plan of the drill",
};
/** The bar counts operations; before and after them nothing is counted. */
const COUNTED = new Set(["restoring", "looking"]);

/** Phase, n of m, and why nothing moves. */
export function RestoreProgress({ restore, base, connected }: { restore: ShownRestore; base: string; connected: boolean }) {
  const text = (restore.phase && PHASES[restore.phase]) || TEXTS[restore.state];
  const counted = TEXTS[restore.state] !== undefined && restore.total > 0 && (restore.phase === null ? restore.state !== "planning" : COUNTED.has(restore.phase));
  const total = counted ? restore.total : 0;
  const left = useTimeLeft(restore.done, total);
  if (!TEXTS[restore.state] || !text) return null;
  return (
    <section aria-label="Progress" className="rounded-lg border border-line bg-surface px-4 py-4 sm:px-5">
      <div className="mb-2 flex flex-wrap justify-between gap-2">
        <p role="status" className="font-medium">{text}</p>
        {counted ? <p className="text-muted tabular-nums">{restore.done.toLocaleString("en")} of {restore.total.toLocaleString("en")}{left && !restore.waiting ? `, ${left}` : ""}</p> : null}
      </div>
      <Progress label="Restore progress" done={restore.done} total={total} text={counted ? `${text}: ${restore.done} of ${restore.total}` : text} />
      {restore.waiting ? <Waiting waiting={restore.waiting}>{restore.waiting.restoreId ? <> <Link href={`${base}/restores/${restore.waiting.restoreId}`} className="underline underline-offset-2">Look at that restore</Link></> : null}</Waiting> : null}
      {connected ? null : <p className="mt-2 text-warn">Connection lost. Trying again; the restore goes on.</p>}
    </section>
  );
}
