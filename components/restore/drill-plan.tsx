"use client";

import { ActionButton } from "@/components/ui/action-button";
import { Notice } from "@/components/ui/notice";
import type { ActionResult } from "@/components/action-result";
import type { RestoreView } from "@/lib/workspaces/types";
import type { ShownPlan } from "./view";

/** What becomes of the one plan that a drill makes. */
export function DrillPlan({ drill, plan, finished, remove }: { drill: NonNullable<RestoreView["drill"]>; plan: ShownPlan | null; finished: boolean; remove: (() => Promise<ActionResult>) | null }) {
  const where = plan?.targetGroupName ? ` in ${plan.targetGroupName}` : "";
  const named = plan ? `“${plan.targetPlanTitle}”${where}` : "a plan";
  if (!finished) return <Notice title="One plan is made and removed again">The drill makes {named}, compares it with the backup and removes it. Members of the group may see it meanwhile; nobody is assigned, and nothing else is touched.</Notice>;
  if (drill.plan === "removed") return <Notice>The plan that the drill made, {named}, was removed. Nothing else was touched.</Notice>;
  if (drill.plan === "none") return null;
  return (
    <Notice tone="warn" title="The plan of the drill is still there" actions={remove ? <ActionButton action={remove} done="Asked to remove it; look again in a moment." doneShown>Remove it now</ActionButton> : undefined}>
      {named}. {drill.problem}
    </Notice>
  );
}
