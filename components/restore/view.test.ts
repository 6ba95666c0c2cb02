import { expect, test } from "vitest";
import type { RestoreView } from "@/lib/workspaces/types";
import { groupsOf, shownRestore, type ShownOperation } from "./view";

test("what the browser gets of a restore has no text that it could not show", () => {
  const label = `Create task “${"\u0301".repeat(100_000)}”`;
  const operation = { seq: 1, kind: "create_task", source: "t1", label, changes: [{ field: "Title", from: null, to: label }], body: {} };
  const plan = { newMembers: [], droppedAssignments: [], inexact: [], warnings: [label], blockers: [], targetPlanTitle: "P", targetGroupName: null, people: [], operations: [operation] };
  const report = { verdict: "exact", created: [{ kind: "task", source: "t1", id: "new", label }], uncertain: [label], failed: [], requests: 3 };
  const shown = shownRestore({ id: "r", plan, report } as unknown as RestoreView);
  expect(JSON.stringify(shown).length).toBeLessThan(5_000);
  expect(shown.plan!.operations[0]).toEqual({ seq: 1, kind: "create_task", source: "t1", label: `${label.slice(0, 600)}…`, changes: [{ field: "Title", from: null, to: `${label.slice(0, 600)}…` }] });
  expect(shown.report).toMatchObject({ verdict: "exact", requests: 3, created: [{ kind: "task", id: "new" }] });
});

const operation = (seq: number, kind: ShownOperation["kind"], source: string): ShownOperation => ({ seq, kind, source, label: `${kind} ${source}`, changes: [] });

test("counts a task as changed only when it was there before; deletions come first", () => {
  const groups = groupsOf([operation(0, "create_task", "new"), operation(1, "update_task", "new"), operation(2, "update_task", "old"), operation(3, "delete_task", "gone")]);
  expect(groups.map(({ one, deletes, operations }) => [one, deletes, operations.map(({ seq }) => seq)])).toEqual([
    ["task deleted", true, [3]], ["task created", false, [0]], ["task changed", false, [2]], ["further change of a new task", false, [1]],
  ]);
});
