"use client";

import Link from "next/link";
import { useState } from "react";
import { Undo2 } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import type { ShownRestore } from "./view";

interface UndoProps { restore: ShownRestore; base: string; undo: ((requestKey: string) => Promise<ActionResult<unknown>>) | null }

/** The way back: a restore of the plan as it was before, limited to what this restore did. */
export function Undo({ restore, base, undo }: UndoProps) {
  const [requestKey] = useState(() => crypto.randomUUID());
  const { possible, why, restoreId } = restore.undo;
  const before = restore.beforeSnapshotId ? `${base}/snapshots/${restore.beforeSnapshotId}` : null;
  return (
    <Card aria-labelledby="undo-title" className="print:hidden">
      <CardHeader id="undo-title" title="The way back" />
      <CardBody className="space-y-3">
        <p>
          {possible ? "This restore can be undone: what it made is removed, what it changed is set back, what it deleted is made again. Later work of others stays. You see a preview first." : why}
          {before ? <> The plan was captured before: <Link href={before} className="underline underline-offset-2">as it was before this restore</Link>.</> : null}
        </p>
        <div className="flex flex-wrap gap-2 empty:hidden">
          {restoreId ? <Button asChild><Link href={`${base}/restores/${restoreId}`}>See the undo</Link></Button>
            : possible && undo ? <ActionButton action={() => undo(requestKey)}><Undo2 aria-hidden />Undo this restore…</ActionButton> : null}
        </div>
      </CardBody>
    </Card>
  );
}
