import type { GroupFacts, RequirementFacts, RequirementRow } from "./requirementFacts";
import { missingScopes, scopesOf, type Purpose } from "./scopes";

type Judged = Pick<RequirementRow, "state" | "evidence"> & Partial<Pick<RequirementRow, "remedy" | "stillWorks" | "items">>;

const STORED = "Snapshots that exist can be looked at, searched and verified.";
const BACKUP_GOES_ON = "Backups go on; they need none of this.";

const row = (purpose: Purpose, name: string, title: string, judged: Judged): RequirementRow => ({
  id: `${purpose}.${name}`,
  purpose,
  title,
  remedy: null,
  stillWorks: null,
  items: [],
  ...judged,
});

const count = (n: number, one: string, many: string): string => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/**
 * The requirements of a connection account for Backup and for Restore, one row each, in the order they are shown.
 * Pure: the same facts give the same rows.
 */
export function evaluateRequirements(facts: RequirementFacts): RequirementRow[] {
  return [...access(facts, "backup"), backupMembership(facts), ...access(facts, "restore"), restoreMembership(facts), restoreOwnership(facts), mailbox(facts)];
}

/** What both purposes need: consent, scopes, account, token, and the reach of the directory. */
function access(facts: RequirementFacts, purpose: Purpose): RequirementRow[] {
  const still = purpose === "backup" ? STORED : BACKUP_GOES_ON;
  return [consent(facts, purpose, still), scopes(facts, purpose, still), account(facts, purpose, still), token(facts, purpose, still), ...reach(facts, purpose, still)];
}

/** A restore signs in when it is wanted: before that its rows about tokens are not needed, not failed. */
const isAtRest = (facts: RequirementFacts, purpose: Purpose) => purpose === "restore" && facts.tokens.restore.state === "absent";
const AT_REST: Judged = { state: "not_needed", evidence: "Checked when the account signs in for a restore." };

const GRANT = "A Global, Privileged Role, Cloud Application or Application Administrator grants it on the Consent page, or through a link made there.";

function consent(facts: RequirementFacts, purpose: Purpose, stillWorks: string): RequirementRow {
  const title = "Consent is present";
  const { state, problem } = facts.tokens[purpose];
  if (isAtRest(facts, purpose)) return row(purpose, "consent", title, AT_REST);
  if (state === "alive") return row(purpose, "consent", title, { state: "met", evidence: "Microsoft issued a token under the consent of this Microsoft tenant." });
  if (state === "consent_missing") return row(purpose, "consent", title, { state: "unmet", evidence: problem, remedy: GRANT, stillWorks });
  return row(purpose, "consent", title, { state: "unknown", evidence: "No token could be got, so the consent could not be seen.", remedy: "Mend the sign-in first, then check again." });
}

function scopes(facts: RequirementFacts, purpose: Purpose, stillWorks: string): RequirementRow {
  const title = "All permissions are granted";
  const granted = facts.tokens[purpose].scopes;
  if (isAtRest(facts, purpose)) return row(purpose, "scopes", title, AT_REST);
  if (!granted) return row(purpose, "scopes", title, { state: "unknown", evidence: "No token showed the permissions.", remedy: "Mend consent and sign-in first, then check again." });
  const missing = missingScopes(granted, purpose);
  const all = scopesOf(purpose);
  if (missing.length === 0) return row(purpose, "scopes", title, { state: "met", evidence: `Granted: ${all.join(", ")}.` });
  const items = missing.map((name) => ({ label: name, detail: "Not granted" }));
  return row(purpose, "scopes", title, { state: "unmet", evidence: `${all.length - missing.length} of ${all.length} are granted.`, remedy: GRANT, stillWorks, items });
}

function account(facts: RequirementFacts, purpose: Purpose, stillWorks: string): RequirementRow {
  const title = "The account is enabled";
  if (facts.accountEnabled === true) return row(purpose, "account", title, { state: "met", evidence: `${facts.username} is enabled in Microsoft Entra ID.` });
  const remedy = "Microsoft Entra admin center: Users, the account, Edit properties, Account enabled.";
  if (facts.accountEnabled === false) return row(purpose, "account", title, { state: "unmet", evidence: `${facts.username} is disabled in Microsoft Entra ID.`, remedy, stillWorks });
  return row(purpose, "account", title, { state: "unknown", evidence: "Microsoft did not say whether the account is enabled.", remedy: "Mend the sign-in first, then check again." });
}

function token(facts: RequirementFacts, purpose: Purpose, stillWorks: string): RequirementRow {
  const title = "The sign-in is alive";
  const { state, problem } = facts.tokens[purpose];
  const again = "Choose “Connect account again” and sign in as the same account.";
  if (isAtRest(facts, purpose)) return row(purpose, "token", title, { state: "not_needed", evidence: "The sign-in for a restore is not kept for long. Sign in when you want to restore." });
  if (state === "alive") return row(purpose, "token", title, { state: "met", evidence: "A fresh token was got from Microsoft." });
  if (state === "unreachable") return row(purpose, "token", title, { state: "unknown", evidence: problem, remedy: "Check again in a few minutes." });
  if (state === "consent_missing") return row(purpose, "token", title, { state: "unknown", evidence: "Without consent Microsoft issues no token.", remedy: "Mend the consent first, then check again." });
  return row(purpose, "token", title, { state: "unmet", evidence: problem ?? "The account is not signed in.", remedy: again, stillWorks });
}

function reach(facts: RequirementFacts, purpose: Purpose, stillWorks: string): RequirementRow[] {
  const titles = { groups: "Reaches the Microsoft 365 groups", plans: "Reaches the plans", users: "Reaches the users" };
  const judged = (name: keyof typeof titles, found: number | null, evidence: string, none: string): RequirementRow => {
    if (isAtRest(facts, purpose)) return row(purpose, name, titles[name], AT_REST);
    if (found === null) return row(purpose, name, titles[name], { state: "unknown", evidence: facts.readProblem ?? "It could not be read.", remedy: "Check again. If it stays so, mend the rows above first." });
    return row(purpose, name, titles[name], found > 0 ? { state: "met", evidence } : { state: "unmet", evidence, remedy: none, stillWorks });
  };
  const groups = facts.groups;
  const members = groups?.filter((group) => group.isMember) ?? [];
  const unread = members.filter((group) => group.plans === null);
  const plans = groups === null ? null : members.reduce((sum, group) => sum + (group.plans ?? 0), 0);
  const planRow = judged("plans", plans, `${count(plans ?? 0, "plan", "plans")} in ${count(members.length - unread.length, "group", "groups")} that the account is a member of.`, "Add the account as a member to a group that has plans.");
  const noPlansYet = plans === 0 && members.length > 0 && unread.length === 0;
  return [
    judged("groups", groups?.length ?? null, `${count(groups?.length ?? 0, "Microsoft 365 group is", "Microsoft 365 groups are")} visible.`, "There is no Microsoft 365 group, or none is shown to this account. Ask an administrator."),
    unread.length > 0 && planRow.state !== "unknown" && planRow.state !== "not_needed" ? withUnreadPlans(planRow, unread) : noPlansYet && planRow.state === "unmet" ? { ...planRow, state: "met", remedy: null, stillWorks: null } : planRow,
    judged("users", facts.users, "The directory shows people.", "The directory shows nobody to this account. Ask an administrator about restrictions on reading users."),
  ];
}

function withUnreadPlans(planRow: RequirementRow, unread: GroupFacts[]): RequirementRow {
  const items = unread.map((group) => ({ label: group.name, detail: "Its plans could not be read" }));
  return { ...planRow, state: "unmet", remedy: "Check again; a membership that is new can take some minutes to count.", stillWorks: "Plans of the other groups can be backed up and restored.", items };
}

/** How to become a member, by kind of group: only who is in a private group knows it from inside. */
function howToAdd(group: GroupFacts, username: string, role: "member" | "owner"): string {
  const where = "Microsoft 365 admin center: Teams & groups, the group, Membership";
  if (role === "member" && group.isOwner) return `${username} is an owner, which is not enough. Add it as a member too (${where}).`;
  if (role === "member" && group.visibility === "Public") return `Public: join it as ${username} in Outlook or Teams, or let an owner add it (${where}).`;
  if (role === "member" && group.visibility === "HiddenMembership") return `Hidden membership: an owner must add ${username} (${where}).`;
  return `${group.visibility === "Public" ? "Public" : "Private"}: an owner of the group, or an administrator, adds ${username} as ${role} (${where}).`;
}

function backupMembership(facts: RequirementFacts): RequirementRow {
  const title = "Is a member of the groups to be backed up";
  if (!facts.groups) return row("backup", "membership", title, { state: "unknown", evidence: facts.readProblem ?? "The memberships could not be read.", remedy: "Mend the rows above first, then check again." });
  const outside = facts.groups.filter((group) => !group.isMember);
  const evidence = `Member of ${facts.groups.length - outside.length} of ${count(facts.groups.length, "group", "groups")}.`;
  if (outside.length === 0) return row("backup", "membership", title, { state: "met", evidence });
  const items = outside.map((group) => ({ label: group.name, detail: howToAdd(group, facts.username, "member") }));
  return row("backup", "membership", title, {
    state: "unmet", evidence, items,
    remedy: "Add the account as a member to each listed group that should be backed up, then check again. Groups that need no backup can stay as they are.",
    stillWorks: "Every group that the account is a member of can be selected and backed up.",
  });
}

function restoreMembership(facts: RequirementFacts): RequirementRow {
  const title = "Is a member or owner of the target groups";
  if (!facts.groups) return row("restore", "membership", title, { state: "unknown", evidence: facts.readProblem ?? "The memberships could not be read.", remedy: "Mend the rows above first, then check again." });
  const outside = facts.groups.filter((group) => !group.isMember && !group.isOwner);
  const evidence = `Member or owner of ${facts.groups.length - outside.length} of ${count(facts.groups.length, "group", "groups")}.`;
  if (outside.length === 0) return row("restore", "membership", title, { state: "met", evidence });
  const items = outside.map((group) => ({ label: group.name, detail: howToAdd(group, facts.username, "member") }));
  return row("restore", "membership", title, {
    state: "unmet", evidence, items,
    remedy: "Add the account to each listed group that should be restored into, then check again.",
    stillWorks: "Restores into all other groups work. " + BACKUP_GOES_ON,
  });
}

function restoreOwnership(facts: RequirementFacts): RequirementRow {
  const title = "Is member and owner of private target groups";
  if (!facts.groups) return row("restore", "ownership", title, { state: "unknown", evidence: facts.readProblem ?? "The ownerships could not be read.", remedy: "Mend the rows above first, then check again." });
  const closed = facts.groups.filter((group) => group.visibility !== "Public");
  if (closed.length === 0) return row("restore", "ownership", title, { state: "not_needed", evidence: "No private group is visible." });
  const lacking = closed.filter((group) => !group.isMember || !group.isOwner);
  const evidence = `Member and owner of ${closed.length - lacking.length} of ${count(closed.length, "private group", "private groups")}.`;
  if (lacking.length === 0) return row("restore", "ownership", title, { state: "met", evidence });
  const items = lacking.map((group) => ({ label: group.name, detail: howToAdd(group, facts.username, group.isMember ? "owner" : "member") + (group.isMember || group.isOwner ? "" : " Then add it as owner too.") }));
  return row("restore", "ownership", title, {
    state: "unmet", evidence, items,
    remedy: "Only an owner can add missing assignees to a private group. Make the account member and owner of each listed group that should be restored into.",
    stillWorks: "Restores into public groups work fully. In a private group where the account is only a member, everything comes back but assignees who are not members.",
  });
}

function mailbox(facts: RequirementFacts): RequirementRow {
  const title = "Has an Exchange Online licence";
  if (facts.comments === 0) return row("restore", "exchange", title, { state: "not_needed", evidence: "No snapshot of this Microsoft tenant holds comments." });
  const there = `Snapshots hold ${count(facts.comments, "comment", "comments")}.`;
  if (facts.hasMailbox === true) return row("restore", "exchange", title, { state: "met", evidence: `${facts.username} has a mailbox. ${there}` });
  if (facts.hasMailbox === false) {
    return row("restore", "exchange", title, {
      state: "unmet", evidence: `${facts.username} has no Exchange Online mailbox. ${there}`,
      remedy: "Microsoft 365 admin center: Users, the account, Licenses and apps: a licence with Exchange Online. It can take some minutes to count.",
      stillWorks: "Everything but comments can be restored. Backups read comments without this licence.",
    });
  }
  return row("restore", "exchange", title, { state: "unknown", evidence: `The licences could not be read. ${there}`, remedy: "Mend the rows above first, then check again." });
}
