import { Hourglass } from "lucide-react";
import { Time } from "@/components/ui/time";

/** Why nothing moves right now. */
export function Waiting({ waiting }: { waiting: { reason: string; until: string | null } }) {
  return <p className="mt-1.5 flex items-start gap-1.5 text-[0.8125rem] text-warn"><Hourglass aria-hidden className="mt-0.5 size-3.5 shrink-0" /><span>{waiting.reason}{waiting.until ? <> Goes on <Time value={waiting.until} relative />.</> : null}</span></p>;
}
