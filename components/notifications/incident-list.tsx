import Link from "next/link";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Time } from "@/components/ui/time";
import { OCCURRENCES } from "@/lib/workspaces/events";
import type { IncidentView } from "@/lib/workspaces/types";

const isOccurrence = (incident: IncidentView): boolean => (OCCURRENCES as readonly string[]).includes(incident.event);

export function IncidentList({ incidents }: { incidents: IncidentView[] }) {
  return (
    <Card aria-labelledby="alerts-title">
      <CardHeader id="alerts-title" title="Alerts">Each is told once when it begins, and once when it is over.</CardHeader>
      <ul className="divide-y divide-line">
        {incidents.map((incident) => (
          <li key={incident.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-5">
            <div className="min-w-0 flex-1 basis-64">
              <p className="[overflow-wrap:anywhere]"><span className="font-medium">{incident.title}.</span> {incident.closedAt ? null : incident.text}</p>
              <p className="text-[0.8125rem] text-muted">{incident.closedAt === null ? <>Since <Time value={incident.openedAt} /></> : isOccurrence(incident) ? <Time value={incident.openedAt} /> : <>From <Time value={incident.openedAt} /> to <Time value={incident.closedAt} /></>}</p>
            </div>
            {isOccurrence(incident) ? null : incident.closedAt ? <Badge icon={<CircleCheck aria-hidden />}>Over</Badge> : <Badge tone="warn" icon={<TriangleAlert aria-hidden />}>Open</Badge>}
            {(incident.closedAt && !isOccurrence(incident)) || incident.event === "channel.broken" ? null : <Button asChild size="small"><Link href={incident.href}>{incident.action}</Link></Button>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
