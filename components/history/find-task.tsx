import { CalendarSearch, Search } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";

interface FindTaskProps { base: string; planId: string; /** The address of the history. */ here: string; item: string | null; day: string | null }

/** The two ways into a long history: a task by its words, and a day. Plain forms: they work before any script does. */
export function FindTask({ base, planId, here, item, day }: FindTaskProps) {
  return (
    <div className="flex flex-wrap gap-3">
      <form method="get" action={`${base}/search`} role="search" aria-label="In this plan" className="flex gap-1.5">
        <input type="hidden" name="plan" value={planId} />
        <Input name="q" type="search" required maxLength={500} aria-label="Find a task in this plan's backups" placeholder="Find a task, also a gone one" className="h-8 w-56" />
        <Button type="submit" size="icon" className="size-8" aria-label="Find"><Search aria-hidden /></Button>
      </form>
      <form method="get" action={here} aria-label="Go to a day" className="flex gap-1.5">
        {item ? <input type="hidden" name="item" value={item} /> : null}
        <Input name="day" type="date" required defaultValue={day ?? undefined} aria-label="Day (UTC)" className="h-8 w-36" />
        <Button type="submit" size="icon" className="size-8" aria-label="Go to this day"><CalendarSearch aria-hidden /></Button>
      </form>
    </div>
  );
}
