import { expect, test } from "vitest";
import { AUDIT_ACTIONS } from "@/lib/workspaces/audit";
import { ACTION_GROUPS, actionText, detailTexts } from "./words";

test("every action of the log has its words, once", () => {
  expect(ACTION_GROUPS.flatMap((group) => Object.keys(group.actions)).sort()).toEqual([...AUDIT_ACTIONS].sort());
});

test("a sentence does not wait for a target that is gone", () => {
  expect(actionText("snapshot.opened", true)).toBe("opened a snapshot of");
  expect(actionText("snapshot.opened", false)).toBe("opened a snapshot");
  expect(actionText("plan.empty_accepted", false)).toBe("said that a plan is empty on purpose");
  for (const hasTarget of [true, false]) expect(actionText("session.started", hasTarget)).toBe("signed in");
});

test("details say what the action and its target do not", () => {
  const entry = { seq: 1, at: "", actor: "Olga", isPlanback: false, ip: null, outcome: "done" as const, target: { kind: "policy" as const, id: "p", name: "Daily" } };
  expect(detailTexts({ ...entry, action: "policy.changed", detail: { name: "Daily", changed: ["keepDays", "selection"] } })).toEqual(["days kept, plans"]);
  expect(detailTexts({ ...entry, action: "policy.changed", target: { ...entry.target, name: null }, detail: { name: "Daily", changed: [] } })).toEqual(["“Daily”", "nothing differs"]);
  expect(detailTexts({ ...entry, action: "member.role_changed", detail: { name: "Vic", from: "viewer", to: "admin" } })).toEqual(["“Vic”", "from viewer to admin"]);
  expect(detailTexts({ ...entry, action: "member.groups_changed", detail: { name: "Vic", groups: ["g"] } })).toEqual(["“Vic”", "1 group"]);
  expect(detailTexts({ ...entry, action: "member.groups_changed", detail: { name: "Vic", groups: "all" } })).toEqual(["“Vic”", "all groups"]);
  expect(detailTexts({ ...entry, action: "backup.started", detail: { policy: "p", trigger: "manual", apiKey: "id", apiKeyName: "Nightly" } })).toEqual(["by API key “Nightly”"]);
  expect(detailTexts({ ...entry, action: "snapshot.exported", detail: { plan: "p", format: "xlsx", tasks: 1200 } })).toEqual(["xlsx, 1,200 tasks"]);
});
