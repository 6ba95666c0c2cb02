import { describe, expect, test } from "vitest";
import type { Policy } from "@/lib/generated/prisma/client";
import { conditionWords, digestWords, hoursText } from "./alertWords";
import { conditionsOf, intervalHours, type PolicyFacts, type WorkspaceFacts } from "./conditions";
import { healthOf } from "./policyHealth";
import { digestDue } from "./watch";

const now = new Date("2026-11-25T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3600_000);
const policy = (change: Partial<PolicyFacts> = {}): PolicyFacts => ({
  id: "p", connectionId: "c", schedule: { kind: "daily", at: "02:00", timeZone: "UTC" }, enabled: true, dueSince: hoursAgo(1000), accountRemoved: false, lastCompleteAt: hoursAgo(1), lastRun: { id: "r", state: "complete" },
  drill: { schedule: { kind: "manual" }, since: hoursAgo(1000), lastEndedAt: null, unproven: null }, ...change,
});
const facts = (change: Partial<WorkspaceFacts> = {}): WorkspaceFacts => ({
  policies: [policy()], connections: [{ id: "c", microsoftTenantId: "t", backupState: "active" }], tenants: [{ id: "t", backupLostAt: null }], deleteAt: null, losses: [], leftPlans: [], damagedSnapshots: 0, brokenChannels: [], keys: [], ...change,
});
const found = (change: Partial<WorkspaceFacts>) => conditionsOf("w", facts(change), now).map(({ event, subjectId }) => `${event} ${subjectId}`);
const level = (change: Partial<PolicyFacts>) => conditionsOf("w", facts({ policies: [policy(change)] }), now).flatMap((condition) => (condition.event === "backup.absent" ? [condition.facts.level] : []))[0] ?? "in time";

describe("drills", () => {
  const weekly = { kind: "weekly", day: 6, at: "03:00", timeZone: "UTC" } as const;
  const monthly = { kind: "monthly", day: 1, at: "03:00", timeZone: "UTC" } as const;
  const drills = (drill: Partial<PolicyFacts["drill"]>, change: Partial<PolicyFacts> = {}) => found({ policies: [policy({ ...change, drill: { ...policy().drill, since: hoursAgo(10_000), ...drill } })] });

  test.each([
    [weekly, 10.4, []], [weekly, 10.5, ["drill.absent p"]], [monthly, 46, []], [monthly, 46.5, ["drill.absent p"]], [{ kind: "manual" } as const, 1000, []],
  ])("%j: one that ended %d days ago", (schedule, days, expected) => expect(drills({ schedule, lastEndedAt: hoursAgo(days * 24) })).toEqual(expected));

  test("a schedule that is new has its time; a paused policy owes no drill", () => {
    expect(drills({ schedule: weekly, since: hoursAgo(24) })).toEqual([]);
    expect(drills({ schedule: weekly })).toEqual(["drill.absent p"]);
    expect(drills({ schedule: weekly }, { enabled: false })).toEqual([]);
  });

  test("one that did not prove its plan, and one that left its plan, say so in words", () => {
    const [failed, left] = conditionsOf("w", facts({ policies: [policy({ drill: { ...policy().drill, unproven: { restoreId: "d", outcome: "failed" } } })], leftPlans: [{ restoreId: "e", endedAt: hoursAgo(1) }] }), now);
    expect(conditionWords(failed!, "Daily", now)).toMatchObject({ title: "A restore drill of policy “Daily” failed", path: "/restores/d" });
    expect(conditionWords(left!, null, now)).toMatchObject({ title: "The plan that a restore drill of a plan made is still in its sandbox group", path: "/restores/e" });
    const [absent] = conditionsOf("w", facts({ policies: [policy({ drill: { ...policy().drill, schedule: monthly, since: hoursAgo(10_000) } })] }), now);
    expect(conditionWords(absent!, null, now).text).toBe("Drills are due monthly, but none has ended yet. Backups are not affected.");
  });
});

test("a workspace where all is well has nothing", () => expect(found({})).toEqual([]));

describe("absence of backups", () => {
  test.each([
    [35.9, "in time"], [36, "late"], [47.9, "late"], [48, "overdue"], [1000, "overdue"],
  ])("a daily policy whose last complete backup is %d hours old is %s", (age, expected) => expect(level({ lastCompleteAt: hoursAgo(age) })).toBe(expected));

  test("each schedule has its own measure", () => {
    expect(level({ schedule: { kind: "hours", every: 1 }, lastCompleteAt: hoursAgo(1.6) })).toBe("late");
    expect(level({ schedule: { kind: "weekly", day: 1, at: "02:00", timeZone: "UTC" }, lastCompleteAt: hoursAgo(24 * 10) })).toBe("in time");
    expect(level({ schedule: { kind: "weekly", day: 1, at: "02:00", timeZone: "UTC" }, lastCompleteAt: hoursAgo(24 * 14) })).toBe("overdue");
    expect(level({ schedule: { kind: "manual" }, lastCompleteAt: null })).toBe("in time");
    expect(intervalHours({ kind: "manual" })).toBeNull();
  });

  test("a policy that is new, changed or switched on again has its interval from then; one that never had a backup is measured too", () => {
    expect(level({ dueSince: hoursAgo(1), lastCompleteAt: hoursAgo(1000) })).toBe("in time");
    expect(level({ dueSince: hoursAgo(1), lastCompleteAt: null })).toBe("in time");
    expect(level({ dueSince: hoursAgo(40), lastCompleteAt: null })).toBe("late");
  });

  test("paused by a person: nothing is owed. Standing still because the account was removed: it is", () => {
    expect(level({ enabled: false, lastCompleteAt: hoursAgo(1000) })).toBe("in time");
    expect(level({ enabled: false, accountRemoved: true, lastCompleteAt: hoursAgo(1000) })).toBe("overdue");
  });

  test("runs that are not complete do not count", () => {
    expect(found({ policies: [policy({ lastCompleteAt: hoursAgo(50), lastRun: { id: "r", state: "partial" } })] })).toEqual(["backup.absent p", "backup.partial p"]);
  });
});

describe("other things that need a person", () => {
  test("lost access is told once, and not again as failed backups", () => {
    const failed = [policy({ lastRun: { id: "r", state: "failed" } })];
    expect(found({ policies: failed })).toEqual(["backup.failed p"]);
    expect(found({ policies: failed, connections: [{ id: "c", microsoftTenantId: "t", backupState: "needs_sign_in" }] })).toEqual(["access.lost c"]);
    expect(found({ policies: failed, connections: [{ id: "c", microsoftTenantId: "t", backupState: "needs_sign_in" }], tenants: [{ id: "t", backupLostAt: hoursAgo(1) }] })).toEqual(["access.lost t"]);
  });

  test("an account that no policy needs may be signed out", () => {
    expect(found({ connections: [{ id: "c", microsoftTenantId: "t", backupState: "active" }, { id: "only-for-restore", microsoftTenantId: "u", backupState: "needs_sign_in" }], tenants: [{ id: "u", backupLostAt: hoursAgo(1) }] })).toEqual([]);
  });

  test("a policy whose connection has no access is not on time, and nothing of it is next", () => {
    const row = { id: "p", name: "All", connectionId: "c", enabled: true, schedule: { kind: "daily", at: "02:00", timeZone: "UTC" } } as unknown as Policy;
    const health = (change: Partial<WorkspaceFacts>) => healthOf([row], facts(change), now).map(({ state, nextRunAt }) => [state, nextRunAt]);
    expect(health({})).toEqual([["ok", "2026-11-26T02:00:00.000Z"]]);
    expect(health({ tenants: [{ id: "t", backupLostAt: hoursAgo(1) }] })).toEqual([["stopped", null]]);
    expect(health({ connections: [{ id: "c", microsoftTenantId: "t", backupState: "needs_sign_in" }] })).toEqual([["stopped", null]]);
    expect(health({ tenants: [{ id: "t", backupLostAt: hoursAgo(1) }], policies: [policy({ lastCompleteAt: hoursAgo(90) })] })).toEqual([["overdue", null]]);
  });

  test("damage and broken channels", () => {
    expect(found({ damagedSnapshots: 2, brokenChannels: [{ id: "ch", failedAt: hoursAgo(1) }] })).toEqual(["storage.damaged w", "channel.broken ch"]);
  });
});

test.each([
  [365, 7.1, []], [365, 6.9, ["key.expiring k"]], [365, 0, []], [7, 3.6, []], [7, 3.4, ["key.expiring k"]], [1, 0.4, ["key.expiring k"]],
])("an API key for %d days that has %d left", (days, left, expected) => {
  const expiresAt = hoursAgo(-left * 24);
  expect(found({ keys: [{ id: "k", createdAt: new Date(expiresAt.getTime() - days * 24 * 3600_000), expiresAt }] })).toEqual(expected);
});

describe("words", () => {
  const absent = { event: "backup.absent" as const, subjectId: "p", facts: { level: "overdue" as const, lastCompleteAt: hoursAgo(72).toISOString(), everyHours: 24, accountRemoved: false } };
  test("name things only where names are allowed", () => {
    expect(conditionWords(absent, "Marketing", now)).toMatchObject({ title: "Policy “Marketing” is overdue: nothing is being backed up", text: "Backups are due daily, but the last complete one is 3 days old." });
    expect(conditionWords(absent, null, now).title).toBe("A policy is overdue: nothing is being backed up");
  });
  test("spans of time are rounded as people do", () => expect([0.2, 1, 36, 60, 24 * 30].map(hoursText)).toEqual(["12 minutes", "1 hour", "36 hours", "3 days", "30 days"]));
  test("a digest says whether all is well", () => {
    const digest = { since: "", runs: { complete: 7, partial: 0, failed: 0 }, restores: 1, openIncidents: 0, snapshots: 70, anchor: "5:ab" };
    expect(digestWords(digest)).toMatchObject({ title: "This week: all is well", text: "7 backups ended in the last seven days." });
    expect(digestWords({ ...digest, openIncidents: 1 }).title).toBe("This week: 1 thing needs you");
    expect(digestWords({ ...digest, runs: { complete: 0, partial: 0, failed: 0 } }).title).toBe("This week: no backups");
  });
});

test.each([
  ["2026-11-23T06:59:00Z", "2026-11-23T07:00:00Z", true], // a Monday
  ["2026-11-23T07:00:00Z", "2026-11-30T06:59:00Z", false],
  ["2026-11-25T12:00:00Z", "2026-11-29T23:00:00Z", false],
  ["2026-11-25T12:00:00Z", "2026-11-30T07:01:00Z", true],
  ["2026-09-01T12:00:00Z", "2026-11-25T12:00:00Z", true],
])("a digest of %s is followed by one at %s: %s", (last, at, due) => expect(digestDue(new Date(last), new Date(at))).toBe(due));
