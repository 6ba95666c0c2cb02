"use client";

import { useState, useTransition } from "react";
import { Send } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { useLive } from "@/components/live";
import { settled } from "@/components/settled";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { EVENT_NAMES } from "@/lib/workspaces/alertWords";
import { EVENTS } from "@/lib/workspaces/events";
import type { ChannelView, DeliveryView } from "@/lib/workspaces/types";
import { ChannelDialog, type SaveChannel } from "./channel-dialog";
import { answerText, KINDS } from "./kinds";

interface ChannelRowProps {
  channel: ChannelView;
  last: DeliveryView | null;
  /** null: only shown. */
  manage: { canSendEmail: boolean; eventsUrl: string; save: SaveChannel; test: () => Promise<ActionResult<DeliveryView>>; remove: () => Promise<ActionResult> } | null;
}

export function ChannelRow({ channel, last, manage }: ChannelRowProps) {
  const [editing, setEditing] = useState(false);
  const [result, setResult] = useState<ActionResult<DeliveryView> | null>(null);
  const [pending, start] = useTransition();
  const { Icon, name } = KINDS[channel.kind];
  const told = channel.events.length === EVENTS.length ? "everything" : channel.events.length === 0 ? "nothing" : channel.events.map((event) => EVENT_NAMES[event].name.toLowerCase()).join(", ");
  return (
    <li className="px-4 py-4 sm:px-5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <span className="flex size-9 shrink-0 items-center justify-center rounded-md bg-subtle text-muted"><Icon aria-hidden className="size-4" /></span>
        <div className="min-w-0 flex-1 basis-56">
          <h3 className="font-medium [overflow-wrap:anywhere]">{channel.name}</h3>
          <p className="text-muted [overflow-wrap:anywhere]">{name}: {channel.address}</p>
          <p className="text-[0.8125rem] text-muted">Is told: {told}.</p>
          {last?.state === "failed" && !result ? <p className="mt-1 text-[0.8125rem] text-danger">The last message was not delivered: {answerText(last) || "the worker was interrupted."}</p> : null}
        </div>
        {manage ? (
          <div className="flex flex-wrap gap-2">
            <Button size="small" disabled={pending} aria-busy={pending || undefined} aria-label={`Send test to ${channel.name}`} onClick={() => start(async () => setResult(await settled(manage.test())))}><Send aria-hidden />Send test</Button>
            <Button size="small" aria-label={`Change ${channel.name}`} onClick={() => setEditing(true)}>Change…</Button>
            <ActionButton size="small" variant="ghost" aria-label={`Remove ${channel.name}`} action={manage.remove} question={{ title: `Remove “${channel.name}”?`, text: "Nobody is told through it any more, and its deliveries are forgotten.", confirm: "Remove channel" }}>Remove…</ActionButton>
          </div>
        ) : null}
      </div>
      {result && manage ? <div className="mt-3">{result.ok ? <TestAnswer key={result.value.id} url={`${manage.eventsUrl}/${result.value.id}/events`} initial={result.value} /> : <Notice tone="danger" live>{result.message}</Notice>}</div> : null}
      {editing && manage ? <ChannelDialog channel={channel} canSendEmail={manage.canSendEmail} save={manage.save} onClose={() => setEditing(false)} /> : null}
    </li>
  );
}

/** What the other side really answered. */
function TestAnswer({ url, initial }: { url: string; initial: DeliveryView }) {
  const { state: delivery } = useLive(url, initial);
  const answer = answerText(delivery);
  switch (delivery.state) {
    case "queued":
      return <p role="status" className="text-muted">Sending the test message…</p>;
    case "sent":
      return <Notice tone="ok" live title="Delivered">The other side answered: {answer || "nothing more"}</Notice>;
    case "failed":
      return <Notice tone="danger" live title="Not delivered">{answer || "The worker was interrupted. Send the test again."}</Notice>;
  }
}
