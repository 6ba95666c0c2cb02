import { describe, expect, test } from "vitest";
import { CALENDAR_DAYS, changesAround, daysOf, isChange, PAGE, pageOf, snapshotAt, timelineOf } from "./timeline";
import type { SnapshotDrift, TimelineSnapshot } from "./types";

const NOTHING: SnapshotDrift = { added: 0, removed: 0, changed: 0, fields: 0, completed: 0, other: 0 };
const at = (id: string, takenAt: string, more: Partial<TimelineSnapshot> = {}): TimelineSnapshot =>
  ({ id, takenAt, state: "complete", tasks: 3, gaps: 0, damaged: false, lost: null, newBytes: 0, drift: NOTHING, beforeRestore: false, ...more });
const shape = (snapshots: TimelineSnapshot[]) => timelineOf(snapshots).map((entry) => (entry.kind === "snapshot" ? `${entry.snapshot.id}<${entry.before}` : entry.snapshots.map(({ id }) => id).join()));

describe("folding", () => {
  test("what did not change between two that did is one entry; the newest and the first stand alone", () => {
    const list = ["g", "f", "e", "d", "c", "b"].map((id) => at(id, "2026-01-01T00:00:00Z", id === "d" ? { drift: { ...NOTHING, removed: 1 } } : {}));
    expect(shape([...list, at("a", "2026-01-01T00:00:00Z", { drift: null })])).toEqual(["g<f", "f,e", "d<c", "c,b", "a<null"]);
  });

  test("nothing out of the ordinary is folded", () => {
    const odd: Partial<TimelineSnapshot>[] = [{ state: "partial" }, { damaged: true }, { beforeRestore: true }, { drift: null }, { drift: { ...NOTHING, other: 1 } }, { drift: { added: 0, removed: 0, changed: 1 } }];
    const list = [at("new", ""), ...odd.map((more, index) => at(String(index), "", more)), at("plain", ""), at("first", "")];
    expect(shape(list)).toEqual(["new<0", "0<1", "1<2", "2<3", "3<4", "4<5", "5<plain", "plain", "first<null"]);
    expect(timelineOf(list).filter(isChange)).toHaveLength(3); // two with changes, and the first
  });

  test("a snapshot is found on its page, folded or not", () => {
    const list = Array.from({ length: 1_000 }, (_, index) => at(String(index), "", index % 4 === 0 ? { drift: { ...NOTHING, added: 1 } } : {}));
    const entries = timelineOf(list);
    expect(entries).toHaveLength(501);
    expect([pageOf(entries, "0"), pageOf(entries, "1"), pageOf(entries, String(PAGE * 2)), pageOf(entries, "999"), pageOf(entries, "none")]).toEqual([1, 1, 2, 13, null]);
  });
});

test("a day leads to the last snapshot taken by its end, or to the first there is", () => {
  const list = [at("c", "2026-03-03T09:00:00Z"), at("b", "2026-03-01T23:59:59Z"), at("a", "2026-03-01T01:00:00Z")];
  expect(["2026-03-04", "2026-03-03", "2026-03-02", "2026-03-01", "2026-02-01", "rubbish"].map((day) => snapshotAt(list, day))).toEqual(["c", "c", "b", "b", "a", null]);
  expect(snapshotAt([], "2026-03-01")).toBeNull();
});

test("before and after a snapshot, changed or not, stand those that changed something; the first counts as a change", () => {
  const list = ["g", "f", "e", "d", "c", "b", "a"].map((id) => at(id, "", ["e", "c"].includes(id) ? { drift: { ...NOTHING, changed: 1 } } : {}));
  const around = (id: string) => Object.values(changesAround(list, id));
  expect(["g", "f", "e", "d", "c", "b", "a", "none"].map(around)).toEqual([["e", null], ["e", null], ["c", null], ["c", "e"], ["a", "e"], ["a", "c"], [null, "c"], [null, null]]);
});

test("the calendar begins on a Monday, ends today, and adds up what a day's snapshots found", () => {
  const days = daysOf([
    at("c", "2026-03-05T09:00:00Z", { drift: { ...NOTHING, removed: 2, changed: 1, other: 1 } }), at("b", "2026-03-05T01:00:00Z", { drift: { ...NOTHING, added: 3 } }), at("old", "2020-01-01T00:00:00Z"),
  ], new Date("2026-03-05T12:00:00Z"));
  expect(days.at(-1)).toEqual({ day: "2026-03-05", snapshots: 2, changes: 7, removed: 2 });
  expect(new Date(`${days[0]!.day}T00:00:00Z`).getUTCDay()).toBe(1);
  expect(days.length).toBe(CALENDAR_DAYS - 3);
  expect(days.reduce((sum, { snapshots }) => sum + snapshots, 0)).toBe(2);
});
