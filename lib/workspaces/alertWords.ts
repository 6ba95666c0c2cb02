/** Incidents in words, for the overview and for messages. Pure. */
import type { Change } from "@/lib/notify";
import type { Condition, ConditionEvent, DigestFacts, EventName, RestoreFinishedFacts } from "./events";

export interface Words {
  title: string;
  text: string;
  facts: { label: string; value: string }[];
  /** Below /w/{workspace}. */
  path: string;
  action: string;
}

/** The name of what an incident is about; null where messages may not name anything. */
export type Name = string | null;

const quoted = (what: string, name: Name): string => (name ? `${what} “${name}”` : `a ${what}`);
const quotedAn = (what: string, name: Name): string => (name ? `${what} “${name}”` : `an ${what}`);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const plural = (count: number, one: string): string => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

/** A span of hours as people say it: 25 minutes, 36 hours, 3 days. */
export function hoursText(hours: number): string {
  if (hours < 1) return plural(Math.max(1, Math.round(hours * 60)), "minute");
  return hours < 48 ? plural(Math.round(hours), "hour") : plural(Math.round(hours / 24), "day");
}
const everyText = (hours: number): string => (hours === 1 ? "every hour" : hours === 24 ? "daily" : hours === 168 ? "weekly" : hours === 31 * 24 ? "monthly" : `every ${hours} hours`);

/** What needs a person now. */
export function conditionWords(condition: Condition, name: Name, now: Date): Words {
  switch (condition.event) {
    case "backup.absent": {
      const { level, lastCompleteAt, everyHours, accountRemoved } = condition.facts;
      const age = lastCompleteAt && hoursText((now.getTime() - Date.parse(lastCompleteAt)) / 3600_000);
      const why = accountRemoved ? " Its connection account was removed." : "";
      return {
        title: `${capital(quoted("policy", name))} is ${level === "late" ? "late: its last complete backup is old" : "overdue: nothing is being backed up"}`,
        text: `Backups are due ${everyText(everyHours)}, but ${age ? `the last complete one is ${age} old` : "none was ever complete"}.${why}`,
        facts: [], path: `/policies/${condition.subjectId}`, action: "Open the policy",
      };
    }
    case "backup.failed":
      return { title: `The last backup of ${quoted("policy", name)} failed`, text: "Nothing that was backed up before is lost.", facts: [], path: `/runs/${condition.facts.runId}`, action: "See why" };
    case "backup.partial":
      return { title: `The last backup of ${quoted("policy", name)} is not complete`, text: "Some plans or parts of plans could not be read. The run names each of them.", facts: [], path: `/runs/${condition.facts.runId}`, action: "See what is missing" };
    case "plan.loss": {
      const { removed, usual, foundAt, lastAt, beforeId } = condition.facts;
      return {
        title: `${plural(removed, "task")} went from ${quoted("plan", name)} at once`,
        text: `${usual === null ? "That is a large part of the plan" : `Usually at most ${usual.toLocaleString("en")} ${usual === 1 ? "goes" : "go"} between two backups`}. Its snapshots are all kept until somebody says on the plan's page that it was looked at.`,
        facts: [{ label: "Still there", value: momentText(lastAt) }, { label: "Gone", value: momentText(foundAt) }],
        path: `/snapshots/${beforeId}/restore?damage=&where=in_place`, action: "Restore…",
      };
    }
    case "drill.absent": {
      const { lastAt, everyHours } = condition.facts;
      return {
        title: `A restore drill of ${quoted("policy", name)} was due and did not come`,
        text: `Drills are due ${everyText(everyHours)}, but ${lastAt ? `the last one ended ${hoursText((now.getTime() - Date.parse(lastAt)) / 3600_000)} ago` : "none has ended yet"}. Backups are not affected.`,
        facts: [], path: `/policies/${condition.subjectId}#drills`, action: "Open the policy",
      };
    }
    case "drill.failed":
      return {
        title: condition.facts.outcome === "different" ? `A restore drill of ${quoted("policy", name)} found differences` : `A restore drill of ${quoted("policy", name)} failed`,
        text: `So its plan is not proven to be restorable as it was. ${condition.facts.outcome === "different" ? "The report names each difference." : "The report says why."} The backup is unchanged.`,
        facts: [], path: `/restores/${condition.facts.restoreId}`, action: "Open the report",
      };
    case "drill.left":
      return {
        title: `The plan that a restore drill of ${quoted("plan", name)} made is still in its sandbox group`,
        text: "Removing it did not succeed. It is tried again every hour; the report says what stands in the way.",
        facts: [], path: `/restores/${condition.subjectId}`, action: "See why",
      };
    case "workspace.deletion":
      return { title: `This workspace will be deleted on ${momentText(condition.facts.deleteAt)}`, text: "An owner asked for it. Until then every owner can cancel it; from then on nobody can read its backups.", facts: [], path: "/members", action: "See the workspace" };
    case "access.lost":
      return condition.facts.what === "consent"
        ? { title: `The consent for backups of ${quoted("Microsoft tenant", name)} was removed`, text: "Its backups stand still until an administrator grants it again.", facts: [], path: "/consent", action: "Grant consent" }
        : { title: `${name ? `The connection account “${name}”` : "A connection account"} must sign in again`, text: "Its backups stand still until then.", facts: [], path: `/connections/${condition.subjectId}`, action: "Sign in again" };
    case "storage.damaged":
      return { title: `${plural(condition.facts.snapshots, "snapshot")} ${condition.facts.snapshots === 1 ? "is" : "are"} damaged in storage`, text: "What can still be read is shown. The next backup stores again what is missing, while it exists.", facts: [], path: "/storage", action: "See what is damaged" };
    case "channel.broken":
      return { title: `Messages to ${quoted("channel", name)} cannot be delivered`, text: "Whoever counts on it is not told of anything.", facts: [], path: "/notifications", action: "See the answer" };
    case "key.expiring":
      return { title: `${capital(quotedAn("API key", name))} expires on ${momentText(condition.facts.expiresAt)}`, text: "Programs that use it are refused from then on. Make a new key, give it to them, then revoke this one.", facts: [], path: "/api-keys", action: "Open API keys" };
  }
}

const momentText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

const OVER: Record<ConditionEvent, (name: Name) => string> = {
  "backup.absent": (name) => `${capital(quoted("policy", name))} is up to date again`,
  "backup.failed": (name) => `Backups of ${quoted("policy", name)} do not fail any more`,
  "backup.partial": (name) => `The last backup of ${quoted("policy", name)} is complete again`,
  "plan.loss": (name) => `The loss in ${quoted("plan", name)} was looked at`,
  "drill.absent": (name) => `Restore drills of ${quoted("policy", name)} come again`,
  "drill.failed": (name) => `Restore drills of ${quoted("policy", name)} prove its backups again`,
  "drill.left": (name) => `The plan that a restore drill of ${quoted("plan", name)} left is gone`,
  "workspace.deletion": () => "The workspace will not be deleted",
  "access.lost": (name) => (name ? `Access for “${name}” is back` : "Lost access is back"),
  "storage.damaged": () => "No snapshot is damaged in storage any more",
  "channel.broken": (name) => `Messages to ${quoted("channel", name)} are delivered again`,
  "key.expiring": (name) => `${capital(quotedAn("API key", name))} has ended`,
};

/** What does not need a person any more: because it is good again, or because nobody wants it watched (paused, removed). */
export function closedWords(event: ConditionEvent, name: Name, openedAt: Date, closedAt: Date, watched: boolean): Words {
  return {
    title: watched ? OVER[event](name) : `${capital(quoted(/^(backup\.|drill\.(absent|failed))/.test(event) ? "policy" : "thing that needed you", name))} is not watched any more`,
    text: event === "key.expiring" ? "It was revoked or has expired. A program that still uses it is refused." : watched ? "There is nothing to do." : "It was paused or removed, so this alert is closed.",
    facts: [{ label: "Lasted", value: hoursText((closedAt.getTime() - openedAt.getTime()) / 3600_000) }], path: "", action: "Open Planback",
  };
}

const RESTORE_ENDS: Record<string, string> = {
  verified: "is done: read back, and exactly as it was", different: "is done, with differences", failed: "failed", cancelled: "was cancelled",
};

export function restoreWords(restoreId: string, { state }: RestoreFinishedFacts, name: Name): Words {
  return {
    title: `The restore${name ? ` of “${name}”` : ""} ${RESTORE_ENDS[state] ?? "has ended"}`,
    text: state === "verified" ? "There is nothing to do." : "The report names everything that was written and everything that differs.",
    facts: [], path: `/restores/${restoreId}`, action: "Open the report",
  };
}

export function digestWords({ runs, restores, openIncidents, snapshots, anchor }: DigestFacts): Words {
  const all = runs.complete + runs.partial + runs.failed;
  return {
    title: openIncidents > 0 ? `This week: ${plural(openIncidents, "thing")} ${openIncidents === 1 ? "needs" : "need"} you` : all > 0 ? "This week: all is well" : "This week: no backups",
    text: all > 0 ? `${plural(all, "backup")} ended in the last seven days.` : "No backup ended in the last seven days.",
    facts: [
      { label: "Complete", value: runs.complete.toLocaleString("en") }, { label: "Not complete", value: runs.partial.toLocaleString("en") }, { label: "Failed", value: runs.failed.toLocaleString("en") },
      { label: "Restores", value: restores.toLocaleString("en") }, { label: "Snapshots kept", value: snapshots.toLocaleString("en") },
      ...(anchor ? [{ label: "End of the activity log", value: anchor }] : []),
    ],
    path: "", action: "Open the overview",
  };
}

/** What each event means, for the settings. */
export const EVENT_NAMES: Record<EventName, { name: string; hint: string }> = {
  "backup.absent": { name: "Nothing backed up", hint: "A policy has no complete backup for one and a half times its interval." },
  "backup.failed": { name: "Backup failed", hint: "Once, until a backup of the policy works again." },
  "backup.partial": { name: "Backup not complete", hint: "Some plans or parts of plans could not be read." },
  "plan.loss": { name: "Unusual loss", hint: "Far more tasks than usual are gone from a plan." },
  "drill.absent": { name: "Restore drill missing", hint: "No drill of a policy has ended for one and a half times its interval." },
  "drill.failed": { name: "Restore drill not passed", hint: "A backup came back with differences, or not at all." },
  "drill.left": { name: "Restore drill left a plan", hint: "The plan that it made could not be removed." },
  "workspace.deletion": { name: "Deletion of the workspace", hint: "An owner has asked for it, or cancelled it." },
  "access.lost": { name: "Access lost", hint: "An account must sign in again, or consent was removed." },
  "storage.damaged": { name: "Storage damaged", hint: "A verification found stored objects missing or altered." },
  "channel.broken": { name: "Another channel is broken", hint: "Its messages cannot be delivered." },
  "key.expiring": { name: "API key expires", hint: "Within a week, or when half of a shorter life is over." },
  "restore.finished": { name: "Restore finished", hint: "With how it ended." },
  "digest.weekly": { name: "Weekly digest", hint: "Mondays at 07:00 UTC: backups, restores and what is open." },
};

export const TEST_WORDS: Words = { title: "Test message from Planback", text: "If you read this, the channel works.", facts: [], path: "/notifications", action: "Open the settings" };

export const changeOf = (event: EventName, closed: boolean): Change => (event === "restore.finished" || event === "digest.weekly" ? "happened" : closed ? "closed" : "opened");
