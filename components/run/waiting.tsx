import { Hourglass } from "lucide-react";
import { Time } from "@/components/ui/time";

/** Why nothing moves right now. */
export function Waiting({ waiting, children }: { waiting: { reason: string; until: string | null }; children?: React.ReactNode }) {
  return <p className="mt-1.5 flex items-start gap-1.5 text-[0.8125rem] text-warn"><Hourglass aria-hidden className="mt-0.5 size-3.5 shrink-0" /><span>{waiting.reason}{waiting.until ? <> Goes on <Time value={waiting.until} relative />.</> : null}{children}</span></p>;
}
