import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrange, compareHints, hintsForList, liesInGap, placeBetween, sortByHint } from "./order-hints";

/** Resolves an expression as the page of Microsoft says: some value of the service's own strictly inside the gap. */
function resolve(expression: string, pick: number): string {
  const [, previous, next] = /^([^ !]*) ([^ !]*)!$/.exec(expression) ?? [];
  if (previous === undefined || next === undefined) throw new Error(`not an order hint expression: ${JSON.stringify(expression)}`);
  for (let length = 1; length < 40; length += 1) {
    const tail = String.fromCharCode(34 + (pick % 90)).repeat(length);
    for (let keep = Math.min(previous.length, next === "" ? 1e9 : next.length); keep <= Math.max(previous.length, next.length); keep += 1) {
      for (const base of [previous, next.slice(0, keep)]) {
        for (const value of [base + tail, `${base}"`, `${base}""`, `${base}P`]) {
          if (value > previous && (next === "" || value < next)) return value;
        }
      }
    }
  }
  throw new Error(`no room in ${expression}`);
}

const picks = fc.infiniteStream(fc.nat(1000));
const hint = fc.stringMatching(/^[#-}]{1,12}$/);

describe("order hints", () => {
  it("keep the order of a new list, whatever the service picks and in whatever order the requests arrive", () => {
    fc.assert(fc.property(fc.nat(300), picks, (count, pick) => {
      const resolved = hintsForList(count).map((expression) => resolve(expression, pick.next().value ?? 0));
      expect([...resolved].sort(compareHints)).toEqual(resolved);
      expect(new Set(resolved).size).toBe(count);
    }));
  });

  it("keep the order of items put between two that exist", () => {
    fc.assert(fc.property(hint, hint, fc.integer({ min: 1, max: 60 }), picks, (a, b, count, pick) => {
      fc.pre(a !== b && !`${a}`.endsWith("#") && !`${b}`.endsWith("#"));
      const [low, high] = a < b ? [a, b] : [b, a];
      const resolved = hintsForList(count, low, high).map((expression) => resolve(expression, pick.next().value ?? 0));
      const all = [low, ...resolved, high];
      expect([...all].sort(compareHints)).toEqual(all);
      expect(new Set(all).size).toBe(count + 2);
    }));
  });

  it("keep the order of items put behind the last or before the first", () => {
    fc.assert(fc.property(hint, fc.integer({ min: 1, max: 60 }), picks, (end, count, pick) => {
      fc.pre(!end.endsWith("#"));
      const behind = hintsForList(count, end, null).map((expression) => resolve(expression, pick.next().value ?? 0));
      expect([...behind].sort(compareHints)).toEqual(behind);
      expect(behind.every((value) => value > end)).toBe(true);
      const before = hintsForList(count, null, end).map((expression) => resolve(expression, pick.next().value ?? 0));
      expect([...before].sort(compareHints)).toEqual(before);
      expect(before.every((value) => value < end)).toBe(true);
    }));
  });

  it("are expressions of the grammar: never a value of the service, only characters 32..126, blank and ! as separators", () => {
    fc.assert(fc.property(fc.nat(200), fc.option(hint), fc.option(hint), (count, a, b) => {
      const [low, high] = a !== null && b !== null && a > b ? [b, a] : [a, b];
      fc.pre(low === null || low !== high);
      for (const expression of hintsForList(count, low, high)) expect(expression).toMatch(/^[#-~]* [#-~]*!$/);
    }));
  });

  it("an empty list starts with ` !`, and expressions name both neighbours", () => {
    expect(placeBetween(null, null)).toBe(" !");
    expect(placeBetween("adhg", null)).toBe("adhg !");
    expect(placeBetween(null, "5637")).toBe(" 5637!");
    expect(placeBetween("5637", "adhg")).toBe("5637 adhg!");
  });

  it("tell which item we sent from where the service put it", () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 100 }), picks, (count, pick) => {
      const expressions = hintsForList(count);
      expressions.forEach((expression, index) => {
        const value = resolve(expression, pick.next().value ?? 0);
        expressions.forEach((other, at) => expect(liesInGap(other, value)).toBe(at === index));
      });
    }), { numRuns: 20 });
  });

  it("bring a list into order around items that must not be moved, and move nothing that stands right", () => {
    const lists = fc.uniqueArray(fc.integer({ min: 100, max: 999 }), { minLength: 1, maxLength: 12 }).chain((hints) => fc.tuple(fc.constant(hints.map((one) => `${one}P`)), fc.array(fc.constantFrom("fixed", "free", "new"), { minLength: hints.length, maxLength: hints.length })));
    fc.assert(fc.property(lists, picks, ([hints, kinds], pick) => {
      const fixed = hints.filter((_, index) => kinds[index] === "fixed").sort(compareHints);
      const items = hints.map((own, index) => {
        const kind = kinds[index];
        return { id: String(index), hint: kind === "new" ? null : kind === "fixed" ? (fixed.shift() ?? "") : own, fixed: kind === "fixed" };
      });
      const placed = arrange(items);
      const after = items.map(({ id, hint: own }) => (placed.has(id) ? resolve(placed.get(id)!, pick.next().value ?? 0) : own ?? ""));
      expect([...after].sort(compareHints)).toEqual(after);
      expect(items.filter((item) => item.fixed && placed.has(item.id))).toEqual([]);
      expect(arrange(items.map((item, index) => ({ ...item, hint: after[index]! }))).size).toBe(0);
    }));
  });

  it("sort ordinally, a prefix first, missing hints first, ties by id", () => {
    const items = [{ id: "b", h: "5" }, { id: "a", h: "5" }, { id: "c", h: "56" }, { id: "d", h: "A" }, { id: "e", h: "a" }, { id: "f", h: undefined }];
    expect(sortByHint(items, (item) => item.h, (item) => item.id).map((item) => item.id)).toEqual(["f", "a", "b", "c", "d", "e"]);
  });
});
