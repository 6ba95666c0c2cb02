"use client";

import Link from "next/link";
import { ArchiveRestore, Printer, RotateCw } from "lucide-react";
import { isRestoreFinished } from "@/components/run/states";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { plural } from "@/components/ui/text";
import type { RestoreLiveProps } from "./restore-live";
import { actionText, amountOf, type ShownPlan, type ShownRestore } from "./view";

interface RestoreActionsProps { restore: ShownRestore; plan: ShownPlan | null; base: string; actions: RestoreLiveProps["actions"] }

/** What can be done with the restore in its state: one main action, and the way to another preview. */
export function RestoreActions({ restore, plan, base, actions }: RestoreActionsProps) {
  const form = (words: string) => (restore.undoOf || restore.drill ? null : <Button asChild><Link href={`${base}/snapshots/${restore.snapshotId}/restore?from=${restore.id}`}>{words}</Link></Button>);
  const resume = actions && restore.resume.possible
    ? <ActionButton variant="primary" action={actions.resume} done="The restore goes on"><RotateCw aria-hidden />Resume</ActionButton> : null;
  if (isRestoreFinished(restore.state)) {
    return <>{form("Restore again…")}{restore.report ? <Button onClick={() => window.print()}><Printer aria-hidden />Print</Button> : null}{resume}</>;
  }
  if (restore.state === "blocked") return form("Change…");
  if (restore.state === "planned" && plan) return <>{form("Change…")}{actions?.run && plan.operations.length > 0 ? <Confirm plan={plan} run={actions.run} /> : null}</>;
  if (!actions) return null;
  return (
    <>
      <ActionButton disabled={restore.cancelRequested} action={actions.cancel} question={restore.drill
        ? { title: "Cancel this drill?", text: "The plan that it made is removed. It proves nothing then; the backup is unchanged.", confirm: "Cancel drill", keep: "Go on" }
        : { title: "Cancel this restore?", text: "What was written stays, and the report names it. Nothing is deleted. It can be resumed afterwards, or undone.", confirm: "Cancel restore", keep: "Go on" }}>{restore.cancelRequested ? "Cancelling…" : "Cancel…"}</ActionButton>
      {resume}
    </>
  );
}

/** The button that acts says how much. What deletes must be typed first. */
function Confirm({ plan, run }: { plan: ShownPlan; run: () => Promise<Awaited<ReturnType<NonNullable<NonNullable<RestoreLiveProps["actions"]>["run"]>>>> }) {
  const amount = amountOf(plan);
  const words = actionText(amount);
  if (amount.deleted === 0) return <ActionButton variant="primary" action={run}><ArchiveRestore aria-hidden />{words}</ActionButton>;
  return (
    <ActionButton
      variant="danger"
      action={run}
      question={{
        title: `Delete ${plural(amount.deleted, "item")} in ${plan.targetPlanTitle}?`,
        text: "They are named at the top of the preview. Planner has no recycle bin. The plan is captured before, so that this restore can be undone.",
        confirm: words, keep: "Do not delete", typed: `delete ${amount.deleted}`,
      }}
    ><ArchiveRestore aria-hidden />{words}</ActionButton>
  );
}
