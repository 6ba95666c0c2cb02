/** Checks what a connection account can do, row by row, and reads everything it can see. */
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import { evaluateRequirements, hasMailboxPlan, missingScopes, type RequirementFacts, type RequirementRow, type TokenFacts } from "@/lib/identity";
import type { Catalogue, Purpose } from "@/lib/workspaces/types";
import { readCatalogue } from "./catalogue";
import { appOnlyCheck } from "./appOnlyCheck";
import { findLiveConnection, readsExtras, type ConnectionWithTenant } from "./connectionRow";
import { graphWith, scopesInToken, tokensFor } from "./graphFor";
import { countComments, markChecking, storeCatalogue, storeRow, storeToken } from "./requirementRows";
import type { Jobs } from "./types";

/** Rows that can be judged after each step; what a later step judges is still shown as being checked. */
const STEPS = {
  tokens: ["consent", "scopes", "token"],
  account: ["account"],
  directory: ["groups", "plans", "users", "membership", "ownership"],
  mailbox: ["exchange"],
} as const;

export async function connectionCheck({ workspaceId, connectionId }: Jobs["connection-check"], { signal }: JobContext): Promise<void> {
  const connection = await withWorkspace(workspaceId, (tx) => findLiveConnection(tx, workspaceId, connectionId));
  if (!connection) return;
  if (connection.kind === "app_only") return appOnlyCheck(connection, signal);
  const facts = nothingKnown(connection.username);
  await markChecking(connection, evaluateRequirements(facts));

  const tokens = { backup: await tryToken(connection, "backup"), restore: await tryToken(connection, "restore") };
  facts.tokens = { backup: tokens.backup.facts, restore: tokens.restore.facts };
  await storeToken(connection, "backup", facts.tokens.backup, missing(facts, "backup"));
  await storeToken(connection, "restore", facts.tokens.restore, missing(facts, "restore"));
  await storeStep(connection, facts, "tokens");

  const purpose: Purpose = tokens.backup.source ? "backup" : "restore";
  const source = tokens[purpose].source;
  const graph = source && graphWith(connection, purpose, source, { signal, urgent: true });
  facts.accountEnabled = tokens.backup.disabled || tokens.restore.disabled ? false : graph ? await isEnabled(graph) : null;
  await storeStep(connection, facts, "account");

  const catalogue = graph ? await readDirectory(graph, facts, readsExtras(connection)) : null;
  await storeStep(connection, facts, "directory");

  facts.comments = await countComments(connection);
  facts.hasMailbox = graph ? await hasMailbox(graph) : null;
  await storeStep(connection, facts, "mailbox");
  await storeCatalogue(connection, catalogue, graph ? await tenantName(graph) : null);
}

function nothingKnown(username: string): RequirementFacts {
  const absent: TokenFacts = { state: "unreachable", scopes: null, problem: null };
  return { username, accountEnabled: null, tokens: { backup: absent, restore: absent }, groups: null, users: null, readProblem: null, hasMailbox: null, comments: 0 };
}

interface TriedToken { facts: TokenFacts; source: Awaited<ReturnType<typeof tokensFor>> | null; disabled: boolean }

/** Gets a new token, not one that is held: only that shows whether consent and sign-in are still there. */
async function tryToken(connection: ConnectionWithTenant, purpose: Purpose): Promise<TriedToken> {
  if (purpose === "restore" && connection.restoreState === "none") return { facts: { state: "absent", scopes: null, problem: null }, source: null, disabled: false };
  try {
    const source = await tokensFor(connection, purpose);
    const token = await source({ forceRefresh: true });
    return { facts: { state: "alive", scopes: scopesInToken(token), problem: null }, source, disabled: false };
  } catch (error) {
    if (!(error instanceof PlanbackError) || error.code === "keys_unavailable") throw error;
    const state = error.code === "needs_sign_in" || error.code === "consent_missing" ? error.code : "unreachable";
    return { facts: { state, scopes: null, problem: error.message }, source: null, disabled: error.facts.aadsts === ACCOUNT_DISABLED };
  }
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const ACCOUNT_DISABLED = 50057;

/** A disabled account gets no token: when Graph does not say, the new token has. */
async function isEnabled(graph: GraphApi): Promise<boolean | null> {
  const me = await unlessRefused(graph.me());
  return me && (me.accountEnabled ?? true);
}

async function readDirectory(graph: GraphApi, facts: RequirementFacts, extras: boolean): Promise<Catalogue | null> {
  try {
    const catalogue = await readCatalogue(graph, facts.username, extras);
    facts.groups = catalogue.groups.map((group) => ({
      id: group.id, name: group.name, visibility: group.visibility, isMember: group.isMember, isOwner: group.isOwner,
      plans: group.isMember && group.unreachable ? null : group.plans.length,
    }));
    facts.users = (await graph.searchUsers(5)).length;
    return catalogue;
  } catch (error) {
    if (!(error instanceof PlanbackError) || error.code === "lease_lost" || error.code === "keys_unavailable") throw error;
    facts.readProblem = error.message;
    return null;
  }
}

async function hasMailbox(graph: GraphApi): Promise<boolean | null> {
  const plans = await unlessRefused(graph.myLicences());
  return plans && hasMailboxPlan(plans);
}

async function tenantName(graph: GraphApi): Promise<string | null> {
  return (await unlessRefused(graph.organization()))?.displayName ?? null;
}

/** null when Microsoft refuses or does not answer: the row then says that it is not known. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isPlanbackError(error) && !isPlanbackError(error, "lease_lost", "cancelled", "keys_unavailable")) return null;
    throw error;
  }
}

function missing(facts: RequirementFacts, purpose: Purpose): string[] {
  const { state, scopes } = facts.tokens[purpose];
  return state === "alive" && scopes ? missingScopes(scopes, purpose) : [];
}

async function storeStep(connection: ConnectionWithTenant, facts: RequirementFacts, step: keyof typeof STEPS): Promise<void> {
  const names: readonly string[] = STEPS[step];
  const nameOf = (row: RequirementRow) => row.id.slice(row.id.indexOf(".") + 1);
  for (const row of evaluateRequirements(facts)) {
    if (names.includes(nameOf(row))) await storeRow(connection, row);
  }
}
