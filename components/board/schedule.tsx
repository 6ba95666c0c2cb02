"use client";

import { useMemo, useState } from "react";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { dayText, plural } from "@/components/ui/text";
import { addDays, addMonths, barsOf, spanOf, weeksOf, type Bar } from "./calendar";
import { cardId, type CardContext } from "./card";
import { isLate, type CardModel } from "./model";
import { ProgressMark } from "./marks";

/** Lines of a week that are shown before somebody asks for more. */
const LINES = 4;
const UNDATED = 60;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const monthText = (month: string) => new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${month}-01`));

interface ScheduleProps { cards: CardModel[]; context: CardContext; month: string | null; onMonth: (month: string | null) => void }

/** Planner's schedule: a month of tasks from start to due date, and those without a date. On a phone a list of the days. */
export function Schedule({ cards, context, month, onMonth }: ScheduleProps) {
  const { takenOn } = context.board;
  const shown = month && /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? month : takenOn.slice(0, 7);
  const go = (to: string) => onMonth(to === takenOn.slice(0, 7) ? null : to);
  const dated = useMemo(() => cards.filter((card) => spanOf(card) !== null), [cards]);
  const undated = useMemo(() => cards.filter((card) => spanOf(card) === null), [cards]);
  const weeks = useMemo(() => weeksOf(shown).map((monday) => ({ monday, bars: barsOf(dated, monday) })), [dated, shown]);
  const inMonth = new Set(weeks.flatMap(({ bars }) => bars.map(({ card }) => card.id))).size;
  return (
    <div>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Button size="icon" aria-label={`Month before: ${monthText(addMonths(shown, -1))}`} onClick={() => go(addMonths(shown, -1))}><ChevronLeft aria-hidden /></Button>
        <Button size="icon" aria-label={`Next month: ${monthText(addMonths(shown, 1))}`} onClick={() => go(addMonths(shown, 1))}><ChevronRight aria-hidden /></Button>
        <h2 className="text-base font-semibold" aria-live="polite">{monthText(shown)} <span className="font-normal text-muted tabular-nums">{plural(inMonth, "task")}</span></h2>
        {shown !== takenOn.slice(0, 7) ? <Button size="small" variant="ghost" onClick={() => onMonth(null)}>Month of the snapshot</Button> : null}
      </div>
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        <div aria-hidden className="hidden grid-cols-7 border-b border-line text-[0.8125rem] text-muted md:grid">{DAYS.map((day) => <div key={day} className="px-2 py-1">{day}</div>)}</div>
        <ol className="divide-y divide-line">{weeks.map(({ monday, bars }) => <Week key={monday} monday={monday} bars={bars} month={shown} context={context} />)}</ol>
      </div>
      {undated.length > 0 ? (
        <section aria-label="Without dates" className="mt-6">
          <h2 className="mb-2 font-semibold">Without dates <span className="font-normal text-muted tabular-nums">{undated.length.toLocaleString("en")}</span></h2>
          <ul className="grid grid-cols-1 gap-1.5 sm:grid-cols-2 lg:grid-cols-3">{undated.slice(0, UNDATED).map((card) => <li key={card.id}><TaskLine card={card} context={context} /></li>)}</ul>
          {undated.length > UNDATED ? <p className="mt-2 text-muted">{plural(undated.length - UNDATED, "more task")}: filter, or see them in the grid.</p> : null}
        </section>
      ) : null}
    </div>
  );
}

function Week({ monday, bars, month, context }: { monday: string; bars: Bar[]; month: string; context: CardContext }) {
  const [all, setAll] = useState(false);
  const visible = all ? bars : bars.filter(({ lane }) => lane < LINES);
  const hidden = bars.length - visible.length;
  const days = Array.from({ length: 7 }, (_, day) => addDays(monday, day));
  const rows = Math.max(1, ...visible.map(({ lane }) => lane + 1));
  return (
    <li aria-label={`Week of ${dayText(monday)}, ${plural(bars.length, "task")}`} className="max-md:px-3 max-md:py-2">
      <p aria-hidden className="mb-1 text-[0.8125rem] text-muted md:hidden">Week of {dayText(monday)}</p>
      <div className="hidden grid-cols-7 text-[0.8125rem] md:grid">
        {days.map((day) => (
          <div key={day} aria-hidden className={cn("border-l border-line px-2 pt-1 tabular-nums first:border-l-0", day.slice(0, 7) === month ? "" : "text-muted")}>
            <span className={cn(day === context.board.takenOn && "rounded bg-accent px-1 font-semibold text-accent-ink")}>{Number(day.slice(8))}</span>
          </div>
        ))}
      </div>
      <ul className="gap-y-1 pb-2 max-md:space-y-1 md:grid md:grid-cols-7 md:pt-1" style={{ gridTemplateRows: `repeat(${rows}, auto)` }}>
        {visible.map((bar) => (
          <li key={bar.card.id} className="min-w-0 md:px-0.5" style={{ gridColumn: `${bar.from + 1} / ${bar.to + 2}`, gridRow: bar.lane + 1 }}>
            <TaskLine card={bar.card} context={context} className={cn(!bar.begins && "md:rounded-l-none md:border-l-0", !bar.ends && "md:rounded-r-none md:border-r-0")} />
          </li>
        ))}
        {bars.length === 0 ? <li className="px-2 py-1 text-[0.8125rem] text-muted md:invisible">No tasks</li> : null}
      </ul>
      {hidden > 0 || all ? <p className="px-2 pb-2"><Button size="small" variant="ghost" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Show fewer" : `${plural(hidden, "more task")} in this week`}</Button></p> : null}
    </li>
  );
}

function TaskLine({ card, context, className }: { card: CardModel; context: CardContext; className?: string }) {
  const span = spanOf(card);
  const late = isLate(card, context.board.takenOn);
  return (
    <button
      type="button"
      id={cardId(card.id)}
      onClick={() => context.onOpen(card.id)}
      title={card.title}
      className={cn("flex min-h-7 w-full min-w-0 items-center gap-1.5 rounded border border-line bg-canvas px-1.5 text-left text-[0.8125rem] hover:border-line-strong", late && "border-danger text-danger", className)}
    >
      <ProgressMark progress={card.progress} />
      <span className={cn("min-w-0 flex-1 truncate", card.progress === "completed" && "text-muted line-through")}>{card.title}</span>
      {span ? <span className="text-muted md:sr-only">{late ? "Late: " : ""}{span[0] === span[1] ? dayText(span[1]) : `${dayText(span[0])} to ${dayText(span[1])}`}</span> : null}
    </button>
  );
}
