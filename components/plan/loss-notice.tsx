import Link from "next/link";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { LossView } from "@/lib/workspaces/types";

/** Far more tasks than usual went: what happened, what is held because of it, and the two ways on. */
export function LossNotice({ loss, base, mayRestore, release }: { loss: LossView; base: string; mayRestore: boolean; release: (() => Promise<ActionResult>) | null }) {
  return (
    <Notice
      tone="danger" className="mb-4" title={`${plural(loss.removed, "task")} went at once`}
      actions={
        <>
          <Button asChild variant={mayRestore ? "primary" : undefined}>
            {mayRestore ? <Link href={`${base}/snapshots/${loss.beforeId}/restore?damage=&where=in_place`}>Restore them…</Link> : <Link href={`${base}/snapshots/${loss.beforeId}`}>Open the last snapshot with them</Link>}
          </Button>
          {release ? <ActionButton action={release} done="Released" question={{ title: "Have you looked at this loss?", text: "Retention goes on for this plan, and a loss of this size counts as usual for it from now on. Nothing is deleted or restored by this.", confirm: "Release the hold", keep: "Keep the hold" }}>Release the hold…</ActionButton> : null}
        </>
      }
    >
      Between <Time value={loss.lastAt} /> and <Time value={loss.foundAt} />. {loss.usual === null ? "That is a large part of the plan, which has too few backups yet to know what is usual." : `Usually at most ${loss.usual.toLocaleString("en")} ${loss.usual === 1 ? "goes" : "go"} between two backups.`} All snapshots of this plan are kept, whatever its policies say, until somebody releases the hold.
    </Notice>
  );
}
