import { plural } from "@/components/ui/text";
import type { TimelineDay } from "@/lib/workspaces/types";

const STEP = 12;
const SIZE = 10;
const TOP = 14;
const monthName = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });
const dayName = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** The steps of colour: how much of a day's changes each stands for. */
function levelOf({ changes, snapshots }: TimelineDay): number {
  if (snapshots === 0) return 0;
  return changes === 0 ? 1 : changes < 5 ? 2 : changes < 25 ? 3 : 4;
}
const FILL = ["fill-subtle", "fill-line", "fill-accent/35", "fill-accent/65", "fill-accent"];

/** One path for all days of a colour: hundreds of elements would be most of the page. */
const square = (index: number): string => `M${Math.floor(index / 7) * STEP} ${TOP + (index % 7) * STEP}h${SIZE}v${SIZE}h-${SIZE}z`;
const dot = (index: number): string => `M${Math.floor(index / 7) * STEP + SIZE / 2 - 2.5} ${TOP + (index % 7) * STEP + SIZE / 2}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0`;

/** A year of days, a column for each week: how much changed on each, and a mark where tasks went. On a phone the sentence must do. */
export function Calendar({ days }: { days: TimelineDay[] }) {
  const weeks = Math.ceil(days.length / 7);
  const months = days.flatMap(({ day }, index) => (day.endsWith("-01") ? [{ x: Math.floor(index / 7) * STEP, name: monthName.format(new Date(day)) }] : []));
  return (
    <figure className="rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <figcaption className="mb-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-[0.8125rem] text-muted">
        <span>{summary(days)}</span>
        <span aria-hidden className="hidden items-center gap-1.5 sm:flex">
          <svg width={STEP * 5} height={SIZE} className="shrink-0">{FILL.slice(1).map((fill, index) => <rect key={fill} x={index * STEP} width={SIZE} height={SIZE} rx={2} className={fill} />)}</svg>
          fewer to more changes
          <svg width={SIZE} height={SIZE} className="ml-2 shrink-0"><rect width={SIZE} height={SIZE} rx={2} className="fill-line" /><circle cx={SIZE / 2} cy={SIZE / 2} r={2.5} className="fill-danger" /></svg>
          tasks went
        </span>
      </figcaption>
      <svg aria-hidden viewBox={`0 0 ${weeks * STEP} ${TOP + 7 * STEP}`} className="hidden w-full max-w-3xl sm:block">
        {months.map(({ x, name }) => <text key={`${name} ${x}`} x={x} y={9} className="fill-muted text-[9px]">{name}</text>)}
        {FILL.map((fill, level) => <path key={fill} className={fill} d={days.map((day, index) => (levelOf(day) === level ? square(index) : "")).join("")} />)}
        <path className="fill-danger stroke-surface" d={days.map(({ removed }, index) => (removed > 0 ? dot(index) : "")).join("")} />
      </svg>
    </figure>
  );
}

/** The picture in a sentence. */
function summary(days: TimelineDay[]): string {
  const changed = days.filter(({ changes }) => changes > 0);
  if (changed.length === 0) return "No changes within a year.";
  const busiest = changed.reduce((most, day) => (day.changes > most.changes ? day : most));
  const gone = days.filter(({ removed }) => removed > 0);
  return `Changes on ${plural(changed.length, "day")} within a year, most on ${dayName.format(new Date(busiest.day))} (${busiest.changes.toLocaleString("en")}).${gone.length > 0 ? ` Tasks went on ${plural(gone.length, "day")}, last on ${dayName.format(new Date(gone.at(-1)!.day))}.` : ""}`;
}
