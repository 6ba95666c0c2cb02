import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { Time } from "@/components/ui/time";
import { EVENT_NAMES } from "@/lib/workspaces/alertWords";
import type { DeliveryView } from "@/lib/workspaces/types";
import { answerText } from "./kinds";

const CHANGES: Record<DeliveryView["change"], string> = { opened: "begun", closed: "over", happened: "", test: "" };

const STATES = {
  queued: { tone: "info", label: "Under way", Icon: CircleDashed }, sent: { tone: "ok", label: "Delivered", Icon: CircleCheck }, failed: { tone: "danger", label: "Not delivered", Icon: CircleX },
} as const;

export function DeliveryList({ deliveries, names }: { deliveries: DeliveryView[]; names: ReadonlyMap<string, string> }) {
  return (
    <Card aria-labelledby="deliveries-title">
      <CardHeader id="deliveries-title" title="Last messages">What cannot be delivered is sent again for about three hours, ever less often.</CardHeader>
      <ul className="divide-y divide-line">
        {deliveries.map((delivery) => {
          const { tone, label, Icon } = STATES[delivery.state];
          const what = delivery.event === "test" ? "Test message" : [EVENT_NAMES[delivery.event].name, CHANGES[delivery.change]].filter(Boolean).join(": ");
          return (
            <li key={delivery.id} className="flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-3 sm:px-5">
              <div className="min-w-0 flex-1 basis-56">
                <p className="[overflow-wrap:anywhere]"><span className="font-medium">{what}</span> to {names.get(delivery.channelId) ?? "a channel"}</p>
                <p className="text-[0.8125rem] text-muted [overflow-wrap:anywhere]">
                  <Time value={delivery.createdAt} />{delivery.attempts > 1 ? `, ${delivery.attempts} attempts` : ""}
                  {delivery.triedAt && delivery.answer !== null ? <>. Answer: {answerText(delivery) || "nothing"}</> : null}
                </p>
              </div>
              <Badge tone={tone} icon={<Icon aria-hidden />}>{label}</Badge>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
