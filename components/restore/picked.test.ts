import fc from "fast-check";
import { expect, it } from "vitest";
import { decodePicked, encodePicked } from "./picked";

it("gives back exactly the tasks that were picked, in whatever order they are listed", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { maxLength: 300 }), fc.infiniteStream(fc.boolean()), (ids, toss) => {
    const picked = new Set(ids.filter(() => toss.next().value));
    const word = encodePicked(ids, picked);
    expect(word).toMatch(/^[\w.-]+$/);
    expect(decodePicked(ids.toReversed(), word)).toEqual(picked);
    expect(decodePicked([...ids, `${ids.join()} one more`], word)).toBeNull();
  }));
});

it("9,000 tasks fit into an address; what nobody made is refused", () => {
  const ids = Array.from({ length: 9000 }, (_, at) => `task ${at}`);
  expect(encodePicked(ids, new Set(ids)).length).toBeLessThan(1600);
  for (const word of ["", "9000", "9000.!", "9000.A", "x.AAAA", "."]) expect(decodePicked(ids, word), word).toBeNull();
});
