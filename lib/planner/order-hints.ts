/**
 * Order hints: how Planner keeps order. A hint is a string of the characters 32..126 that sorts ordinally. A client never
 * chooses a hint; it sends an expression `<previous> <next>!` and the service answers with a short value of its own that
 * lies between the two. A value that the service returned is refused when it is sent back as it is.
 * https://learn.microsoft.com/graph/api/resources/planner-order-hint-format
 *
 * Creating a list in the documented way (each item after the hint of the one before) costs one round trip after the other.
 * Here a whole list gets its expressions at once: the gap that the list may use is cut into as many gaps as there are
 * items, at boundaries of our own making. Whatever the service picks inside each gap, in whatever order the requests
 * arrive, the result sorts as wanted. Boundaries hold neither blank nor `!`, the two characters of the grammar.
 */

const LOWEST = 35; // '#'; blank and '!' belong to the grammar, '"' is left out so that there is always room below
const HIGHEST = 126;

/** Ordinal comparison, as Planner compares; a prefix sorts before the longer string. */
export function compareHints(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The expression that asks for a place between two hints; `null` = open end. */
export function placeBetween(previous: string | null, next: string | null): string {
  return `${previous ?? ""} ${next ?? ""}!`;
}

/** Sorts a copy by hint, ties and missing hints by `id`, so that the order never depends on how a list was read. */
export function sortByHint<T>(items: Iterable<T>, hint: (item: T) => string | null | undefined, id: (item: T) => string): T[] {
  const keyed = Array.from(items, (item) => ({ item, hint: hint(item) ?? "", id: id(item) }));
  return keyed.sort((a, b) => compareHints(a.hint, b.hint) || compareHints(a.id, b.id)).map(({ item }) => item);
}

/**
 * Expressions for `count` items that shall stand in this order between `previous` and `next` (`null` = open end).
 * With both ends open the values start with `9`: they sort behind those that the service makes itself (decimal, 85...),
 * so what people add later appears on top as they are used to.
 */
export function hintsForList(count: number, previous: string | null = null, next: string | null = null): string[] {
  const bounds = splitGap(count, previous, next);
  // No room between two neighbours that differ by the lowest character only: all share the gap, the service decides.
  if (!bounds) return Array.from({ length: count }, () => placeBetween(previous, next));
  return Array.from({ length: count }, (_, index) => placeBetween(bounds[index] ?? null, bounds[index + 1] ?? null));
}

/**
 * Brings items into the given order with as few moves as possible. `hint`: where an item stands now, null = it does not
 * exist yet. Returns the expressions for new items and for those that have to move; the others stay untouched. Items that
 * must not be moved (`fixed`) are what the others are put between; those that stand in the wrong place are left there.
 */
export function arrange(wanted: readonly { id: string; hint: string | null; fixed?: boolean }[]): Map<string, string> {
  const staying = stayingOf(wanted.flatMap(({ id, hint, fixed = false }) => (hint === null ? [] : [{ id, hint, fixed }])));
  const placed = new Map<string, string>();
  let previous: string | null = null;
  let run: string[] = [];
  const place = (next: string | null) => {
    hintsForList(run.length, previous, next).forEach((expression, index) => placed.set(run[index] ?? "", expression));
    run = [];
  };
  for (const item of wanted) {
    if (staying.has(item.id)) {
      place(item.hint);
      previous = item.hint;
    } else if (!item.fixed) run.push(item.id);
  }
  place(null);
  return placed;
}

/** The ids that keep their place: as many of the fixed as are in order, and between them as many of the others as possible. */
function stayingOf(present: readonly { id: string; hint: string; fixed: boolean }[]): Set<string> {
  const fixed = present.filter((item) => item.fixed);
  const inOrder = longestRising(fixed.map(({ hint }) => hint));
  const staying = new Set(fixed.filter((_, index) => inOrder.has(index)).map(({ id }) => id));
  let low: string | null = null;
  let between: { id: string; hint: string }[] = [];
  const close = (high: string | null) => {
    const fitting = between.filter(({ hint }) => (low === null || hint > low) && (high === null || hint < high));
    const rising = longestRising(fitting.map(({ hint }) => hint));
    for (const { id } of fitting.filter((_, index) => rising.has(index))) staying.add(id);
    between = [];
  };
  for (const item of present) {
    if (!item.fixed) between.push(item);
    else if (staying.has(item.id)) {
      close(item.hint);
      low = item.hint;
    }
  }
  close(null);
  return staying;
}

/** Indexes of a longest strictly rising run of values (not necessarily adjacent), by ordinal comparison. */
export function longestRising<T extends string | number>(values: readonly T[]): Set<number> {
  const tails: number[] = [];
  const before = new Array<number>(values.length).fill(-1);
  const at = (index: number | undefined) => values[index ?? 0] as T;
  values.forEach((value, index) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(tails[middle]) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = index;
  });
  const run = new Set<number>();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) run.add(index);
  return run;
}

/** True when a resolved hint lies in the gap that `expression` (not nested) asked for: it identifies the item we sent. */
export function liesInGap(expression: string, resolved: string): boolean {
  const parts = /^([^ !]*) ([^ !]*)!$/.exec(expression);
  if (!parts) return false;
  const [, previous = "", next = ""] = parts;
  return compareHints(previous, resolved) < 0 && (next === "" || compareHints(resolved, next) < 0);
}

/** `count` + 1 boundaries, the outer two being the given ends (or made ones where an end is open); null: no room. */
function splitGap(count: number, previous: string | null, next: string | null): string[] | null {
  if (next === null) {
    const width = String(count).length;
    const prefix = previous ?? "9";
    const made = Array.from({ length: count }, (_, index) => prefix + String(index + 1).padStart(width, "0"));
    return [prefix, ...made];
  }
  const bounds: string[] = [previous ?? ""];
  if (!cut(previous ?? "", next, count - 1, bounds)) return null;
  bounds.push(next);
  return bounds;
}

/** Appends `count` strings between `low` and `high`, ascending; false when there is no room for them. */
function cut(low: string, high: string, count: number, into: string[]): boolean {
  if (count <= 0) return true;
  const middle = between(low, high);
  if (middle === null) return false;
  const before = Math.floor((count - 1) / 2);
  if (!cut(low, middle, before, into)) return false;
  into.push(middle);
  return cut(middle, high, count - 1 - before, into);
}

/** A short string strictly between two others (`low` < `high`), or null when there is none without blank or `!`. */
function between(low: string, high: string): string | null {
  let at = 0;
  while (at < low.length && low[at] === high[at]) at += 1;
  const prefix = low.slice(0, at);
  if (at === low.length) {
    const below = belowSuffix(high.slice(at));
    return below === null ? null : prefix + below;
  }
  const from = low.charCodeAt(at);
  const to = high.charCodeAt(at);
  if (to - from > 1) return prefix + String.fromCharCode(Math.floor((from + to) / 2));
  // Neighbouring characters: everything that starts with `low` is still below `high`.
  return prefix + low[at] + aboveSuffix(low.slice(at + 1));
}

/** A string s with "" < s < suffix, without blank, `!` or `"` at its front. */
function belowSuffix(suffix: string): string | null {
  const first = suffix.charCodeAt(0);
  if (Number.isNaN(first) || first < LOWEST) return null;
  const middle = String.fromCharCode(Math.floor((LOWEST + first) / 2));
  if (first > LOWEST + 1) return middle;
  if (first > LOWEST) return `${middle}P`;
  const rest = belowSuffix(suffix.slice(1));
  if (rest !== null) return String.fromCharCode(first) + rest;
  return suffix.length > 1 ? String.fromCharCode(first) : null;
}

/** A string above `suffix`, about half way to the end of the alphabet. */
function aboveSuffix(suffix: string): string {
  const first = suffix === "" ? LOWEST : suffix.charCodeAt(0);
  if (HIGHEST - first > 1) return String.fromCharCode(Math.ceil((first + HIGHEST) / 2));
  return (suffix[0] ?? "~") + aboveSuffix(suffix.slice(1));
}
