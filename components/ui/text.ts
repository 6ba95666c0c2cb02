/** 1536 -> "1.5 KB". Decimal places only where they say something. */
export function bytesText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** Planner takes no title longer than 255, but a snapshot keeps whatever came. */
const LONGEST_TITLE = 300;

/** A title or name as lists show it: its beginning, when it is longer than any should be. The panel of a task has the whole. */
export function shownTitle(text: string, longest = LONGEST_TITLE): string {
  return text.length > longest ? `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** Browsers take minutes to lay out a letter with 100,000 combining marks. Where there are more than any language writes, the circle on which marks stand alone bears the next ones. */
export function withoutTowers(text: string): string {
  return text.replace(/\p{M}{30}(?=\p{M})/gu, "$&\u25cc");
}

/** plural(1, "task") -> "1 task"; plural(3, "task") -> "3 tasks". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Planner keeps due dates as a day (10:00 UTC of it); the viewer's zone must not move it. */
export function dayText(iso: string): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(iso));
}

/** How finely a moment has to be told. */
export type Fineness = "minute" | "second" | "millisecond";

/** So finely that no other of the moments (ISO) reads the same. */
export function finenessAmong(moments: readonly string[]): (moment: string) => Fineness {
  const [MINUTE, SECOND] = ["2026-11-28T12:00".length, "2026-11-28T12:00:00".length];
  const [minutes, seconds] = [MINUTE, SECOND].map((length) => Map.groupBy(new Set(moments), (moment) => moment.slice(0, length))) as [Map<string, string[]>, Map<string, string[]>];
  const isAlone = (groups: Map<string, string[]>, key: string) => (groups.get(key)?.length ?? 0) < 2;
  return (moment) => (isAlone(minutes, moment.slice(0, MINUTE)) ? "minute" : isAlone(seconds, moment.slice(0, SECOND)) ? "second" : "millisecond");
}
