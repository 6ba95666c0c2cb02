import { afterEach, expect, test, vi } from "vitest";
import type { Manifest, Repository } from "@/lib/repository/types";
import { keptWhole, openedParts } from "./opened";

type Parts = Awaited<ReturnType<Repository["readSnapshotParts"]>>;
const WS = "workspace";
let number = 0;
const fresh = () => `manifest ${number++}`;
const parts = (records: number, damage = 0): Parts => ({ manifest: {} as Manifest, records: new Array(records), damaged: new Array(damage), segments: new Map([[`segment of ${records}`, []]]) });

/** Opens, and says how often it was read in all. */
function reader(result: () => Promise<Parts>) {
  const read = vi.fn(result);
  return { open: async (manifest: string, ws = WS) => { await openedParts("whole", ws, manifest, read).catch(() => undefined); return read.mock.calls.length; } };
}

afterEach(() => vi.useRealTimers());

test("what was opened is read once for a workspace, also by those who come at the same time, and never for another", async () => {
  const [id, { open }] = [fresh(), reader(() => Promise.resolve(parts(5)))];
  expect(await Promise.all([open(id), open(id)])).toEqual([1, 1]);
  expect(await open(id)).toBe(1);
  expect(await open(id, "another")).toBe(2);
});

test("what the workspace has open is known to whoever opens its next snapshot; what failed, and other workspaces' is not", async () => {
  const known: string[][] = [];
  const open = (workspace: string, result: () => Promise<Parts>) => openedParts("whole", workspace, fresh(), (segments) => {
    known.push(segments.flatMap((each) => [...each.keys()]));
    return result();
  }).catch(() => undefined);
  await open("mine", async () => parts(3));
  await open("mine", () => Promise.reject(new Error("no")));
  await open("theirs", async () => parts(4));
  await open("mine", async () => parts(5));
  expect(known).toEqual([[], ["segment of 3"], [], ["segment of 3"]]);
});

test("after two minutes it is out of memory, however often it was used", async () => {
  vi.useFakeTimers();
  const [id, { open }] = [fresh(), reader(() => Promise.resolve(parts(5)))];
  await open(id);
  vi.advanceTimersByTime(119_000);
  expect(await open(id)).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(await open(id)).toBe(2);
});

test("outlines are kept apart from whole snapshots, and know only each other's segments", async () => {
  const id = fresh();
  await openedParts("whole", "shapes", id, async () => parts(3));
  const known: number[] = [];
  await openedParts("outline", "shapes", id, async (segments) => { known.push(segments.length); return parts(4); });
  await openedParts("outline", "shapes", fresh(), async (segments) => { known.push(segments.length); return parts(5); });
  expect(known).toEqual([0, 1]);
  expect((await keptWhole("shapes", id))?.records.length).toBe(3);
  expect(keptWhole("others", id)).toBeUndefined();
});

test("what failed or is damaged is read again", async () => {
  const [id, other] = [fresh(), fresh()];
  const failing = reader(() => Promise.reject(new Error("no")));
  expect([await failing.open(id), await failing.open(id)]).toEqual([1, 2]);
  const damaged = reader(() => Promise.resolve(parts(5, 1)));
  expect([await damaged.open(other), await damaged.open(other)]).toEqual([1, 2]);
});

test("large ones push out the longest kept, and one that is too large is not kept", async () => {
  const [a, b, c, huge] = [fresh(), fresh(), fresh(), fresh()];
  const large = reader(() => Promise.resolve(parts(12_000)));
  for (const id of [a, b, c]) await large.open(id);
  expect(await large.open(c)).toBe(3);
  expect(await large.open(b)).toBe(3);
  expect(await large.open(a)).toBe(4);
  const tooLarge = reader(() => Promise.resolve(parts(40_000)));
  expect([await tooLarge.open(huge), await tooLarge.open(huge)]).toEqual([1, 2]);
});
