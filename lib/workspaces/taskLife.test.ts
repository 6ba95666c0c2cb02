import { expect, test } from "vitest";
import type { TaskRecord } from "@/lib/planner/types";
import { statesOf, stepOf, stopsOf, type Moment, type State } from "./taskLife";

const drift = (changed: number) => ({ added: 0, removed: 0, changed });
const moment = (id: string, more: Partial<Moment> = {}): Moment => ({ id, takenAt: new Date(0), isComplete: true, isBackup: true, isKept: true, drift: drift(0), ...more });
const stops = (...newestFirst: Moment[]) => stopsOf(newestFirst).map(({ id }) => id);

test("only kept snapshots at which something may differ are looked at", () => {
  expect(stops(moment("d"), moment("c", { drift: drift(2) }), moment("b"), moment("a", { drift: null }))).toEqual(["c", "a"]);
  expect(stops()).toEqual([]);
});

test("what happened in one that retention took away is seen at the next kept one", () => {
  expect(stops(moment("d"), moment("c"), moment("b", { drift: drift(1), isKept: false }), moment("a", { drift: null }))).toEqual(["c", "a"]);
});

test("after a partial one, and after one taken before a restore, numbers are not relied on", () => {
  expect(stops(moment("d"), moment("c"), moment("b", { isComplete: false }), moment("a"))).toEqual(["c", "a"]);
  expect(stops(moment("c"), moment("b", { isBackup: false }), moment("a"))).toEqual(["c", "a"]);
});

const task = (title: string): TaskRecord => ({ kind: "task", id: "t", task: { id: "t", title }, details: null, formats: {} });

test("a partial snapshot without the task and a damaged one say nothing", () => {
  const moments = [moment("d"), moment("c", { isComplete: false }), moment("b", { isComplete: false }), moment("a")];
  expect(statesOf(moments, [null, { task: null, behind: "" }, { task: task("x"), behind: "" }, { task: null, behind: "" }]).map((state) => [state.moment.id, state.task !== null])).toEqual([["b", true], ["a", false]]);
});

test("from one state to the next", () => {
  const state = (record: TaskRecord | null, behind = ""): State<Moment> => ({ moment: moment("m"), task: record, behind });
  expect([stepOf(null, state(task("x"))), stepOf(state(null), state(task("x"))), stepOf(state(task("x")), state(null)), stepOf(null, state(null)), stepOf(state(null), state(null))]).toEqual(["came", "came", "gone", "none", "none"]);
  expect([stepOf(state(task("x")), state(task("x"))), stepOf(state(task("x")), state(task("y"))), stepOf(state(task("x")), state(task("x"), "comment"))]).toEqual(["none", "perhaps", "perhaps"]);
});
