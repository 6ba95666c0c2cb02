import { plural } from "@/components/ui/text";
import type { StripDay } from "@/lib/workspaces/types";

const WIDTH = 11;
const STEP = 14;
const HEIGHT = 20;
const dayName = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

type Look = "missed" | "failed" | "partial" | "running" | "complete" | "cancelled" | "none";

/** What most needs to be seen of a day comes first. */
const lookOf = (day: StripDay): Look => (["missed", "failed", "partial", "running", "complete", "cancelled"] as const).find((look) => day[look] > 0) ?? "none";

const WORDS: Record<Exclude<Look, "none">, string> = { missed: "missed", failed: "failed", partial: "partial", running: "running", complete: "complete", cancelled: "cancelled" };

/** A month of days: each outcome has a shape of its own, and a backup that was due and never came is an empty frame. */
export function Strip({ days, label }: { days: StripDay[]; label: string }) {
  return (
    <>
      <svg aria-hidden viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`} className="h-5 w-full max-w-[26.25rem]" preserveAspectRatio="xMinYMid meet">
        {days.map((day, index) => (
          <g key={day.day} transform={`translate(${index * STEP} 0)`}>
            <rect width={STEP} height={HEIGHT} className="fill-transparent" />
            <Mark look={lookOf(day)} />
            <title>{dayText(day)}</title>
          </g>
        ))}
      </svg>
      <p className="sr-only">{label}: {summary(days)}</p>
    </>
  );
}

function Mark({ look }: { look: Look }) {
  switch (look) {
    case "complete":
      return <rect width={WIDTH} height={HEIGHT} rx={2} className="fill-ok" />;
    case "partial":
      return <><rect width={WIDTH} height={HEIGHT} rx={2} className="fill-warn/25" /><rect y={HEIGHT / 2} width={WIDTH} height={HEIGHT / 2} rx={2} className="fill-warn" /></>;
    case "failed":
      return <><rect width={WIDTH} height={HEIGHT} rx={2} className="fill-danger" /><path d="M3 7l5 6M8 7l-5 6" className="stroke-danger-ink" strokeWidth={1.5} /></>;
    case "missed":
      return <rect x={0.75} y={0.75} width={WIDTH - 1.5} height={HEIGHT - 1.5} rx={2} strokeWidth={1.5} strokeDasharray="3 2" className="fill-none stroke-danger" />;
    case "running":
      return <rect width={WIDTH} height={HEIGHT} rx={2} className="fill-info" />;
    case "cancelled":
      return <rect y={HEIGHT / 2 - 2} width={WIDTH} height={4} rx={2} className="fill-muted" />;
    case "none":
      return <rect y={HEIGHT - 3} width={WIDTH} height={3} rx={1.5} className="fill-line" />;
  }
}

function dayText(day: StripDay): string {
  const parts = (Object.keys(WORDS) as Exclude<Look, "none">[]).filter((look) => day[look] > 0).map((look) => `${day[look].toLocaleString("en")} ${WORDS[look]}`);
  return `${dayName.format(new Date(day.day))}: ${parts.length > 0 ? parts.join(", ") : "no backup"}`;
}

/** The strip in words: how many, and on which days something is wrong. */
export function summary(days: readonly StripDay[]): string {
  const sum = (look: Exclude<Look, "none">) => days.reduce((total, day) => total + day[look], 0);
  const total = sum("complete") + sum("partial") + sum("failed") + sum("cancelled") + sum("running");
  const bad = (["missed", "failed", "partial"] as const).flatMap((look) => (sum(look) > 0 ? [`${sum(look).toLocaleString("en")} ${WORDS[look]} (${onDays(days.filter((day) => day[look] > 0))})`] : []));
  return `${plural(total, "backup")} in ${days.length} days, ${sum("complete").toLocaleString("en")} complete${bad.length > 0 ? `, ${bad.join(", ")}` : ""}.`;
}

const NAMED = 5;
function onDays(days: readonly StripDay[]): string {
  const names = days.slice(-NAMED).map(({ day }) => dayName.format(new Date(day)));
  return `${names.join(", ")}${days.length > NAMED ? ` and ${plural(days.length - NAMED, "earlier day")}` : ""}`;
}

/** What the shapes mean. */
export function StripLegend() {
  return (
    <ul aria-label="Marks" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {(["complete", "partial", "failed", "missed", "running", "cancelled", "none"] as const).map((look) => (
        <li key={look} className="inline-flex items-center gap-1.5"><svg aria-hidden viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-4"><Mark look={look} /></svg>{look === "missed" ? "due, never came" : look === "none" ? "no backup" : WORDS[look]}</li>
      ))}
    </ul>
  );
}
