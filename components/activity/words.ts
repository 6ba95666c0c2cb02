/** Entries of the activity log in words. */
import { plural } from "@/components/ui/text";
import type { AuditAction } from "@/lib/workspaces/audit";
import type { ActivityEntry } from "@/lib/workspaces/types";

/** What happened, said of the person whose name stands before it; what follows a bar leads to the name of the target. In groups, as the filter shows them. */
export const ACTION_GROUPS: { title: string; actions: Partial<Record<AuditAction, string>> }[] = [
  { title: "Backups", actions: { "backup.started": "started a backup| of", "backup.cancelled": "cancelled a backup| of", "policy.created": "made a policy|:", "policy.changed": "changed a policy|:", "policy.enabled": "switched a policy on|:", "policy.disabled": "paused a policy|:", "policy.removed": "removed a policy|:", "plan.empty_accepted": "said that a plan is empty on purpose|:", "plan.hold_released": "released the hold after a loss| in" } },
  { title: "Looking", actions: { "plan.history_opened": "looked at the history| of", "snapshot.opened": "opened a snapshot| of", "snapshot.compared": "compared a snapshot| of", "plan.read_live": "read a plan as it is now|:", "snapshot.exported": "exported a snapshot| of", "search.made": "searched", "search.rebuilt": "had the search built anew", "file.downloaded": "downloaded a file" } },
  { title: "Restores", actions: { "restore.previewed": "previewed a restore| of", "restore.started": "started a restore| of", "restore.resumed": "resumed a restore| of", "restore.undone": "undid a restore| of", "restore.cancelled": "cancelled a restore| of", "drill.changed": "changed the restore drills| of", "drill.started": "started a restore drill| of", "drill.plan_removed": "removed the plan of a restore drill| of", "drill.removal_asked": "asked to remove the plan of a restore drill| of" } },
  { title: "Microsoft 365", actions: { "consent.granted": "granted consent| in", "consent.lost": "noticed that consent was removed| in", "consent.link_created": "made a link for an administrator", "consent.link_withdrawn": "withdrew a link for an administrator", "connection.connected": "connected an account|:", "connection.checked": "checked an account|:", "connection.removed": "removed an account|:", "connection.write_removed": "took write access away| from", "connection.extras_on": "switched beta extras on| for", "connection.extras_off": "switched beta extras off| for" } },
  { title: "People", actions: { "session.started": "signed in", "member.joined": "joined the workspace", "member.role_changed": "changed a role|:", "member.groups_changed": "chose the groups seen| by", "member.ownership_transferred": "handed the workspace over| to", "member.removed": "removed a member|:", "invitation.created": "made an invitation", "invitation.withdrawn": "withdrew an invitation", "access.refused": "was refused" } },
  { title: "Workspace", actions: { "workspace.created": "made the workspace", "workspace.renamed": "renamed the workspace", "workspace.deletion_asked": "asked to delete the workspace", "workspace.deletion_cancelled": "cancelled the deletion of the workspace", "workspace.keys_rotated": "rotated the keys of the workspace", "workspace.recovered": "brought the workspace back from its storage", "storage.verification_started": "started to verify the storage", "storage.verification_cancelled": "cancelled a verification", "key.created": "made an API key|:", "key.revoked": "revoked an API key|:", "storage.move_started": "started to move the storage", "storage.move_cancelled": "cancelled the move of the storage", "storage.moved": "moved the storage", "storage.old_removal_asked": "asked to remove the old copies of the storage", "storage.old_removed": "removed the old copies of the storage", "storage.own_added": "added a storage of the workspace's own", "storage.own_changed": "changed the keys of a storage of its own", "storage.own_removed": "removed a storage of its own", "channel.created": "added a channel|:", "channel.changed": "changed a channel|:", "channel.removed": "removed a channel|:", "channel.tested": "sent a test message| to", "messages.names_changed": "changed what messages may name", "audit.verified": "verified this log", "audit.exported": "exported this log" } },
];

const ACTIONS: Partial<Record<string, string>> = Object.assign({}, ...ACTION_GROUPS.map((group) => group.actions)) as Record<string, string>;

/** `hasTarget`: the name of the target follows. */
export function actionText(action: string, hasTarget: boolean): string {
  const [words, toTarget = ""] = (ACTIONS[action] ?? action).split("|");
  return words + (hasTarget ? toTarget : "");
}

/** Details that say more than the action and its target, each as one short phrase. */
export function detailTexts({ detail, action, target }: ActivityEntry): string[] {
  const text = (name: string) => (typeof detail[name] === "string" ? (detail[name] as string) : null);
  const list = (name: string) => (Array.isArray(detail[name]) ? (detail[name] as string[]) : []);
  const changed = list("changed").map((name) => FIELDS[name] ?? name);
  return [
    text("name") && text("name") !== target?.name ? `“${text("name")}”` : null,
    text("username"),
    text("from") && text("to") ? `from ${text("from")} to ${text("to")}` : text("role") ? `as ${text("role")}` : null,
    action === "member.groups_changed" || list("groups").length > 0 ? (list("groups").length > 0 ? plural(list("groups").length, "group") : "all groups") : null,
    text("purpose") ? `for ${text("purpose")!.replace("_", "-")}${text("purpose") === "app_only" ? " backup" : ""}` : null,
    text("schedule"),
    action === "snapshot.exported" ? [text("format"), typeof detail.tasks === "number" ? plural(detail.tasks, "task") : null].filter(Boolean).join(", ") : null,
    action === "policy.changed" ? (changed.length > 0 ? changed.join(", ") : "nothing differs") : null,
    detail.trigger === "schedule" ? "on its schedule" : null,
    text("into") ? INTO[text("into")!] ?? null : null,
    text("permission") ? `asked for ${text("permission")}` : null,
    typeof detail.allowed === "boolean" ? (detail.allowed ? "names are allowed" : "names are left out") : null,
    typeof detail.entries === "number" ? plural(detail.entries, "entry", "entries") : null,
    action === "plan.hold_released" && typeof detail.removed === "number" ? plural(detail.removed, "task") : null,
    action === "workspace.deletion_asked" && text("at") ? `on ${text("at")!.slice(0, 10)}` : null,
    list("scopes").join(" ") || null,
    detail.mailed === true ? "by e-mail" : null,
    text("apiKeyName") ? `by API key “${text("apiKeyName")}”` : null,
    text("problem") ? "not as it was written" : null,
  ].filter((one): one is string => one !== null);
}

const FIELDS: Record<string, string> = { name: "name", connectionId: "account", selection: "plans", schedule: "schedule", keepCount: "number of snapshots", keepDays: "days kept", keepDaily: "daily snapshots", keepWeekly: "weekly snapshots", keepMonthly: "monthly snapshots", keepYearly: "yearly snapshots" };
const INTO: Record<string, string> = { in_place: "in place", new_plan: "to a new plan", existing_plan: "into another plan", new_group: "to a new group" };

/** Where the target is shown, below the workspace. */
export function targetPath(target: NonNullable<ActivityEntry["target"]>): string | null {
  if (target.name === null) return null;
  switch (target.kind) {
    case "policy":
    case "connection":
      return `/${target.kind === "policy" ? "policies" : "connections"}/${target.id}`;
    case "plan":
    case "run":
    case "snapshot":
    case "restore":
      return `/${target.kind}s/${target.id}`;
    case "member":
      return "/members";
    case "channel":
      return "/notifications";
    case "key":
      return "/api-keys";
    default:
      return null;
  }
}
