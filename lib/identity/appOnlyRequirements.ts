import type { RequirementRow } from "./requirementFacts";
import { APP_ONLY_ROLES, missingScopes } from "./scopes";

/** Everything that the requirement rows of an app-only connection are judged by. null always means: could not be found out. */
export interface AppOnlyFacts {
  tid: string;
  /** refused: Microsoft does not take the certificate, or the registration is not usable. unreachable: Microsoft did not answer. */
  token: { state: "alive" | "consent_missing" | "refused" | "unreachable"; roles: string[] | null; problem: string | null };
  certificateEnd: Date | null;
  now: Date;
  groups: { name: string; plans: number | null }[] | null;
  /** People that the directory shows (a sample is enough: more than none). */
  users: number | null;
  /** Why groups or users could not be read, in one sentence. */
  readProblem: string | null;
  /** Connection accounts of this Microsoft tenant: who could restore. */
  accounts: string[];
  /** Comments in the snapshots of this Microsoft tenant. */
  comments: number;
}

type Judged = Pick<RequirementRow, "state" | "evidence"> & Partial<Pick<RequirementRow, "remedy" | "stillWorks" | "items">>;

const row = (name: string, title: string, judged: Judged): RequirementRow => ({ id: `backup.${name}`, purpose: "backup", title, remedy: null, stillWorks: null, items: [], ...judged });

const STORED = "Snapshots that exist can be looked at, searched and verified.";
const GRANT = "A Global Administrator or Privileged Role Administrator grants it on the Consent page, or through a link made there.";
const FIRST = "Mend the rows above first, then check again.";
const SOON_MS = 30 * 24 * 3600_000;
const count = (n: number, one: string, many: string): string => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
const day = (date: Date): string => date.toISOString().slice(0, 10);

/** The requirements of an app-only connection, one row each, in the order they are shown. Pure: the same facts give the same rows. */
export function evaluateAppOnly(facts: AppOnlyFacts): RequirementRow[] {
  return [certificate(facts), consent(facts), roles(facts), token(facts), groups(facts), plans(facts), users(facts), ...notNeeded(), writer(facts)];
}

function certificate({ certificateEnd: end, now, token: { state, problem } }: AppOnlyFacts): RequirementRow {
  const title = "The certificate is valid";
  const renew = "The operator of this installation renews it: a new certificate at the app-only registration and in the file that APP_ONLY_CLIENT_CERTIFICATE_FILE names.";
  if (end && end <= now) return row("certificate", title, { state: "unmet", evidence: `It ended on ${day(end)}.`, remedy: renew, stillWorks: STORED });
  if (state === "refused") return row("certificate", title, { state: "unmet", evidence: problem, remedy: renew, stillWorks: STORED });
  if (!end) return row("certificate", title, { state: "unknown", evidence: "The certificate could not be read.", remedy: renew });
  const evidence = `It is valid until ${day(end)}.`;
  if (end.getTime() - now.getTime() < SOON_MS) return row("certificate", title, { state: "unmet", evidence, remedy: renew, stillWorks: "Backups, until that day." });
  return row("certificate", title, { state: "met", evidence });
}

function consent({ token: { state, problem } }: AppOnlyFacts): RequirementRow {
  const title = "Consent is present";
  if (state === "alive") return row("consent", title, { state: "met", evidence: "Microsoft issued a token to the application for this Microsoft tenant." });
  if (state === "consent_missing") return row("consent", title, { state: "unmet", evidence: problem, remedy: GRANT, stillWorks: STORED });
  return row("consent", title, { state: "unknown", evidence: "No token could be got, so the consent could not be seen.", remedy: state === "refused" ? FIRST : "Check again in a few minutes." });
}

function roles({ token }: AppOnlyFacts): RequirementRow {
  const title = "All application permissions are granted";
  if (!token.roles) return row("scopes", title, { state: "unknown", evidence: "No token showed the permissions.", remedy: FIRST });
  const missing = missingScopes(token.roles, "app_only");
  if (missing.length === 0) return row("scopes", title, { state: "met", evidence: `Granted: ${APP_ONLY_ROLES.join(", ")}.` });
  return row("scopes", title, {
    state: "unmet", evidence: `${APP_ONLY_ROLES.length - missing.length} of ${APP_ONLY_ROLES.length} are granted. Backups stand still, because they would be incomplete.`,
    remedy: GRANT, stillWorks: STORED, items: missing.map((name) => ({ label: name, detail: "Not granted" })),
  });
}

function token({ token: { state, problem }, tid }: AppOnlyFacts): RequirementRow {
  const title = "Microsoft issues tokens for this tenant";
  if (state === "alive") return row("token", title, { state: "met", evidence: `A fresh token was got; it names the Microsoft tenant ${tid}.` });
  if (state === "unreachable") return row("token", title, { state: "unknown", evidence: problem, remedy: "Check again in a few minutes." });
  return row("token", title, { state: "unknown", evidence: state === "refused" ? "Without a valid certificate Microsoft issues no token." : "Without consent Microsoft issues no token.", remedy: FIRST });
}

const unread = ({ readProblem }: AppOnlyFacts): Judged => ({ state: "unknown", evidence: readProblem ?? "It could not be read.", remedy: FIRST });

function groups(facts: AppOnlyFacts): RequirementRow {
  const title = "Reaches the Microsoft 365 groups";
  if (!facts.groups) return row("groups", title, unread(facts));
  const evidence = `${count(facts.groups.length, "Microsoft 365 group", "Microsoft 365 groups")} in the whole Microsoft tenant.`;
  return row("groups", title, facts.groups.length > 0 ? { state: "met", evidence } : { state: "unmet", evidence, remedy: "There is no Microsoft 365 group, or none is shown. Ask an administrator.", stillWorks: STORED });
}

function plans(facts: AppOnlyFacts): RequirementRow {
  const title = "Reaches the plans";
  if (!facts.groups) return row("plans", title, unread(facts));
  const closed = facts.groups.filter((group) => group.plans === null);
  const found = facts.groups.reduce((sum, group) => sum + (group.plans ?? 0), 0);
  const evidence = `${count(found, "plan", "plans")} in ${count(facts.groups.length - closed.length, "group", "groups")}.`;
  if (closed.length === 0) return row("plans", title, { state: "met", evidence });
  return row("plans", title, {
    state: "unmet", evidence, remedy: "Check again; a group that is new can take some minutes to count.", stillWorks: "Plans of the other groups can be backed up.",
    items: closed.map(({ name }) => ({ label: name, detail: "Its plans could not be read" })),
  });
}

function users(facts: AppOnlyFacts): RequirementRow {
  const title = "Reaches the users";
  if (facts.users === null) return row("users", title, unread(facts));
  if (facts.users > 0) return row("users", title, { state: "met", evidence: "The directory shows people." });
  return row("users", title, { state: "unmet", evidence: "The directory shows nobody.", remedy: "Ask an administrator about restrictions on reading users.", stillWorks: "Everything but the names of people." });
}

function notNeeded(): RequirementRow[] {
  return [
    row("membership", "Is a member of the groups to be backed up", { state: "not_needed", evidence: "An application reads every group without being a member of it." }),
    row("exchange", "Has an Exchange Online licence", { state: "not_needed", evidence: "Nobody signs in, so there is no licence. Comments are read without one." }),
  ];
}

/** An application cannot write comments, and this one may write nothing at all. */
function writer({ accounts, comments }: AppOnlyFacts): RequirementRow {
  const title = "An account is there to restore with";
  const base = { ...row("account", title, { state: "met", evidence: null }), id: "restore.account", purpose: "restore" as const };
  if (accounts.length > 0) return { ...base, evidence: `An app-only connection only reads. ${accounts.join(", ")} can sign in for restores.` };
  const also = comments > 0 ? ` Snapshots hold ${count(comments, "comment", "comments")}, which Microsoft lets only a signed-in account write.` : "";
  return {
    ...base, state: "unmet", evidence: `An app-only connection only reads, and no account of this Microsoft tenant is connected.${also}`,
    remedy: "Connect an account on the Connections page. It needs its write access only while somebody restores.", stillWorks: "Backups, search and export need no account.",
  };
}
