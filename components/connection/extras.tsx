import { CircleCheck, CircleDashed } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Badge } from "@/components/ui/badge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";

/** The switch for Microsoft's beta interface: what it brings, and what may become of it. */
export function Extras({ on, appOnly, change }: { on: boolean; appOnly: boolean; change: (() => Promise<ActionResult>) | null }) {
  return (
    <Card aria-labelledby="extras-title">
      <CardHeader
        id="extras-title"
        title="Microsoft’s beta interface"
        actions={
          <span className="flex flex-wrap items-center gap-2">
            <Badge tone={on ? "ok" : "neutral"} icon={on ? <CircleCheck aria-hidden /> : <CircleDashed aria-hidden />}>{on ? "On" : "Off"}</Badge>
            {change ? (
              <ActionButton
                action={change}
                done={on ? "The beta interface is off" : "The beta interface is on"}
                {...(on ? { question: { title: "Switch the beta interface off?", text: "The next backups hold what Microsoft’s stable interface shows. Snapshots that were taken with the beta interface keep everything.", confirm: "Switch off" } } : {})}
              >{on ? "Switch off…" : "Switch on"}</ActionButton>
            ) : null}
          </span>
        }
      >
        Backups of this connection’s plans also keep what only the beta interface shows: notes with their formatting, recurrence, whether a plan is archived, completion requirements{appOnly ? "" : ", and the chat of tasks"}. They also become faster, because it tells which tasks changed.
      </CardHeader>
      <CardBody className="space-y-1 text-muted">
        <p>Microsoft may change its beta interface at any time. When it does not answer, the stable interface is read instead and the snapshot names what it lacks.</p>
        <p>{appOnly ? "Microsoft shows the chat of tasks to signed-in accounts only: an app-only backup names tasks with a chat as gaps, so its snapshots of such plans are partial. To keep chats, protect these plans with a connection account." : "The chat of tasks takes one more permission, Tasks.Read. Without it, tasks with a chat are named as gaps."}</p>
      </CardBody>
    </Card>
  );
}
