import { describe, expect, test } from "vitest";
import { inOrder, inParallel, inSlices } from "./parallel";

const later = () => new Promise<void>(setImmediate);

/** Numbers doubled at their own pace; 3 fails while others run. */
function doubling() {
  const state = { running: 0, most: 0, begun: [] as number[] };
  const double = async (n: number) => {
    state.begun.push(n);
    state.most = Math.max(state.most, ++state.running);
    try {
      for (let turns = n === 3 ? 1 : 10 - (n % 5); turns > 0; turns--) await later();
      if (n === 3) throw new Error("three");
      return 2 * n;
    } finally {
      state.running--;
    }
  };
  return { state, double };
}

const taken = (items: number[], limit: number, action: (n: number) => Promise<number>) => Array.fromAsync(inOrder(items, limit, action));

describe.each([["inParallel", inParallel<number, number>], ["inOrder", taken]] as const)("%s", (_name, all) => {
  test("results in the items' order, never more than allowed at a time", async () => {
    const { state, double } = doubling();
    const items = Array.from({ length: 20 }, (_, n) => n + 4);
    expect(await all(items, 4, double)).toEqual(items.map((n) => 2 * n));
    expect(state.most).toBe(4);
    expect(await all([], 4, double)).toEqual([]);
  });

  test("an error is thrown when what runs has ended; nothing begins after it", async () => {
    const { state, double } = doubling();
    await expect(all([3, 4, 5, 6, 7, 8], 3, double)).rejects.toThrow("three");
    expect(state.running).toBe(0);
    expect(state.begun).toEqual([3, 4, 5]);
    await later();
    expect(state.begun).toEqual([3, 4, 5]);
  });
});

test("who stops taking waits for what runs", async () => {
  const { state, double } = doubling();
  for await (const first of inOrder([4, 5, 6, 7, 8], 3, double)) {
    expect(first).toBe(8);
    break;
  }
  expect(state).toMatchObject({ running: 0, begun: [4, 5, 6] });
});

test("slices keep the order, and the last is what is left", async () => {
  const items = Array.from({ length: 250 }, (_, n) => n);
  expect((await inSlices(items, async (slice) => slice)).map((slice) => slice.length)).toEqual([100, 100, 50]);
  expect((await inSlices(items, async (slice) => slice)).flat()).toEqual(items);
});
