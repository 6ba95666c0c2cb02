import { describe, expect, it } from "vitest";
import { HintClock, resolveHint } from "./hints";

/** https://learn.microsoft.com/graph/api/resources/planner-order-hint-format */
describe("order hints", () => {
  it("puts the only item of an empty list anywhere: ' !'", () => {
    expect(resolveHint(" !")).toMatch(/^[\x22-\x7e]+$/);
  });

  it("puts an item before, after and between others, compared ordinally", () => {
    expect(resolveHint(" 5637!")! < "5637").toBe(true);
    expect(resolveHint("5637 !")! > "5637").toBe(true);
    const middle = resolveHint("5637 adhg!")!;
    expect("5637" < middle && middle < "adhg").toBe(true);
  });

  it("understands the nested expressions of the documentation", () => {
    const first = resolveHint(" 5637!")!;
    const between = resolveHint(" 5637! 5637!")!;
    expect(first < between && between < "5637").toBe(true);
    expect(resolveHint(" 5637! 5637 adhg!!")).not.toBeNull();
    const chained = ["5637 !", "5637 ! !", "5637 ! ! !"].map((expression) => resolveHint(expression)!);
    expect(chained).toEqual([...chained].sort());
  });

  it.each(["", "5637", "8585371316800245114P\\", "!", "5637!", " ", "a b", "a b! c", "adhg 5637!", "same same!", " é!", "a\tb!", "a  b!x", "  !"])("refuses %j", (expression) => {
    expect(resolveHint(expression)).toBeNull();
  });

  it("always finds a value in the gap, and a short one, wherever random inserts go (seed 42)", () => {
    let state = 42;
    const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    const list: string[] = [new HintClock(() => 1_780_000_000_000).next()];
    for (let round = 0; round < 500; round += 1) {
      const at = Math.floor(random() * (list.length + 1));
      const resolved = resolveHint(`${list[at - 1] ?? ""} ${list[at] ?? ""}!`)!;
      list.splice(at, 0, resolved);
      expect(resolved.length).toBeLessThan(60);
    }
    expect(list).toEqual([...list].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(list).size).toBe(list.length);
  });

  it("makes hints that fall with the clock, so that the newest object sorts first, even within one millisecond", () => {
    const clock = new HintClock(() => 1_780_000_000_000);
    const made = [clock.next(), clock.next(), clock.next()];
    expect(made).toEqual([...made].sort().reverse());
    expect(made[0]).toMatch(/^\d{19}\D{2}$/);
  });
});
