"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import type { ActionResult } from "@/components/action-result";
import { useLive } from "@/components/live";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { Progress } from "@/components/ui/progress";
import { bytesText, plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { VerificationView } from "@/lib/workspaces/types";
import { isVerificationFinished, VerificationBadge } from "./states";

interface VerificationLiveProps { url: string; initial: VerificationView; plansHref: string; cancel: (() => Promise<ActionResult>) | null }

export function VerificationLive({ url, initial, plansHref, cancel }: VerificationLiveProps) {
  const router = useRouter();
  const wasRunning = !isVerificationFinished(initial.state);
  const { state: verification } = useLive(url, initial, wasRunning);
  const finished = isVerificationFinished(verification.state);
  useEffect(() => {
    // The button that starts the next one is rendered by the page.
    if (wasRunning && finished) router.refresh();
  }, [wasRunning, finished, router]);
  return (
    <Card aria-labelledby="latest-title">
      <CardHeader id="latest-title" title="Latest verification" actions={<VerificationBadge state={verification.state} />}>
        Started by {verification.startedBy} <Time value={verification.createdAt} relative />
      </CardHeader>
      <CardBody className="space-y-4">
        {finished ? null : (
          <>
            <div className="space-y-2">
              <p role="status" className="tabular-nums">{verification.state === "queued" ? "Waiting for a worker" : `${verification.done.toLocaleString("en")} of ${plural(verification.total, "object")} read`}</p>
              <Progress label="Verification" done={verification.done} total={verification.total} />
            </div>
            {cancel ? <ActionButton action={cancel}>Cancel</ActionButton> : null}
          </>
        )}
        {verification.problem ? <Notice tone="danger">{verification.problem}</Notice> : null}
        {verification.report ? <Report report={verification.report} plansHref={plansHref} /> : null}
      </CardBody>
    </Card>
  );
}

function Report({ report, plansHref }: { report: NonNullable<VerificationView["report"]>; plansHref: string }) {
  return (
    <>
      <p role="status">Read {plural(report.objects, "object")} ({bytesText(report.bytes)}) of {plural(report.snapshots, "snapshot")}. {report.damaged.length === 0 ? "Every one is there and unaltered." : `${plural(report.damaged.length, "object is", "objects are")} damaged.`}</p>
      {report.damaged.length > 0 ? (
        <>
          <ul className="divide-y divide-line rounded-lg border border-line">
            {report.damaged.map((damage) => (
              <li key={damage.objectId} className="px-3 py-2">
                <p className="font-medium">{{ manifest: "Manifest", page: "Page", segment: "Segment", file: "File" }[damage.type]} {damage.problem}</p>
                <p>{damage.affects}</p>
                <p className="font-mono text-[0.8125rem] text-muted [overflow-wrap:anywhere]">{damage.objectId}</p>
              </li>
            ))}
          </ul>
          <Notice title="What to do">Put the objects back from a copy of the storage, or back up the plans again now while they exist: a new snapshot stores what is missing.</Notice>
          <Button asChild><Link href={plansHref}>See the plans</Link></Button>
        </>
      ) : null}
    </>
  );
}
