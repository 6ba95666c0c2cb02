import { randomUUID } from "node:crypto";
import { config, inCloud } from "@/lib/config";
import type { Cloud } from "@/lib/config/clouds";
import { withWorkspace, type Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import { credentialFor, missingScopes, readRedirect, redeemCode, scopesInRequest, startCodeFlow, type CodeFlow, type Redeemed } from "@/lib/identity";
import { freshAppClaims } from "./appOnlyProof";
import { record } from "./audit";
import { authorise, checkId, inWorkspace, requireFresh } from "./authorise";
import { isGranted, noteConsentLost, proofOf, recordConsentLost, recordProof } from "./consentState";
import { findConnection, requestCheck } from "./connections";
import { claimFlow, openFlow, type CallbackInput, type Flow } from "./flows";
import { parseInput, purposeInput } from "./input";
import { actorOfSession } from "./sessions";
import { storeTokens } from "./tokens";
import type { Actor, Grant, Permission, Purpose } from "./types";

/** Write tokens do not stay longer than a working day, unless drills on a schedule need them (lib/jobs/tokenExpiry.ts). */
export const WRITE_TOKEN_MS = 8 * 3600_000;

interface Way { workspaceId: string | null; connectionId: string | null }

export type ConnectOutcome = Way &
  (
    | { kind: "connected"; workspaceId: string; connectionId: string; purpose: Purpose }
    | { kind: "declined" }
    | { kind: "cancelled" }
    | { kind: "wrong_tenant" }
    | { kind: "wrong_account" }
    | { kind: "replayed" }
    | { kind: "expired" }
    | { kind: "foreign_browser" }
    | { kind: "missing_scopes"; missing: string[] }
    | { kind: "consent_missing" }
    | { kind: "not_admin" }
    | { kind: "error"; message: string }
  );

const UNKNOWN = "This answer does not belong to any sign-in that began here. Nothing was changed. Start again.";

/** Who runs restores may bring a known account back for one; everything else about connections is for admins. */
const permissionFor = (purpose: Purpose, connectionId: string | undefined): Permission => (purpose === "restore" && connectionId ? "restore.run" : "connection.manage");

/**
 * Begins the sign-in of a connection account. The consent for the purpose must have been proven before; with
 * `connectionId` the same account must come back.
 */
export async function startConnect(actor: Actor, workspaceId: string, given: { purpose: Purpose; tid: string; connectionId?: string }): Promise<{ url: string; flowCookie: string }> {
  const purpose = parseInput(purposeInput, given.purpose);
  const tid = checkId(given.tid, "Microsoft tenant");
  const connectionId = given.connectionId === undefined ? undefined : checkId(given.connectionId, "connection");
  const known = await inWorkspace(actor, workspaceId, permissionFor(purpose, connectionId), async (tx, me) => {
    const tenant = await tx.microsoftTenant.findUnique({ where: { workspaceId_tid: { workspaceId: me.workspaceId, tid } } });
    if (!tenant || proofOf(tenant, purpose).provenAt === null) throw consentFirst(purpose);
    const connection = connectionId ? await findConnection(tx, me.workspaceId, connectionId) : null;
    if (connection?.kind === "app_only") throw new PlanbackError("conflict", "Nobody signs in for an app-only connection. To restore, connect an account besides it. Nothing was changed.");
    if (connection && connection.microsoftTenant.tid !== tid) throw new PlanbackError("conflict", "This connection belongs to another Microsoft tenant. Nothing was changed.");
    return { workspaceId: me.workspaceId, cloud: tenant.cloud as Cloud, loginHint: connection?.username };
  });
  const flow = { workspaceId: known.workspaceId, kind: "connect" as const, purpose, cloud: known.cloud, expectedTid: tid, connectionId, sessionHash: actor.sessionHash };
  return openFlow(flow, async (state) => {
    const { url, secrets } = await startCodeFlow(codeFlow(flow), { state, prompt: "select_account", loginHint: known.loginHint });
    return { url, secrets: { ...secrets, asking: "picker" } };
  });
}

const GRANTS: Record<Grant, string> = { backup: "Backup", restore: "Restore", app_only: "App-only backup" };

function consentFirst(grant: Grant): PlanbackError {
  return new PlanbackError("consent_missing", `An administrator must grant consent for ${GRANTS[grant]} in this Microsoft tenant first. Nothing was changed.`);
}

function codeFlow({ purpose, cloud, expectedTid }: Pick<Flow, "purpose" | "cloud" | "expectedTid">): CodeFlow {
  const here = inCloud(cloud);
  return { credential: credentialFor(here, purpose), tid: expectedTid, scopes: scopesInRequest(here, purpose), redirectUri: `${config().appOrigin}/api/connect/callback`, origins: here };
}

/** Ends the sign-in of a connection account: verifies who came, seals the tokens, and sends the requirement checks. */
export async function finishConnect(input: CallbackInput): Promise<ConnectOutcome> {
  const claim = await claimFlow(input, ["connect"]);
  if ("refusal" in claim) {
    const way = { workspaceId: claim.workspaceId, connectionId: null };
    return claim.refusal.kind === "unknown" ? { kind: "error", message: UNKNOWN, ...way } : { kind: claim.refusal.kind, ...way };
  }
  const { flow } = claim;
  const way: Way = { workspaceId: flow.workspaceId, connectionId: flow.connectionId };
  const actor = flow.sessionHash ? await actorOfSession(new Uint8Array(Buffer.from(flow.sessionHash, "hex")), input.ip) : null;
  if (!actor || !flow.secrets) return { kind: "error", message: "Your session ended meanwhile. Nothing was changed. Sign in and start again.", workspaceId: null, connectionId: null };
  const answer = readRedirect(input.query);
  switch (answer.kind) {
    case "code":
      return connected(actor, flow, answer.code, way);
    case "declined":
      return { kind: "declined", ...way };
    case "interaction_required":
      return { kind: "cancelled", ...way };
    case "consent_required":
      return { kind: "consent_missing", ...way };
    case "not_admin":
      return { kind: "not_admin", ...way };
    case "admin_consent":
      return { kind: "error", message: UNKNOWN, ...way };
    case "error":
      return { kind: "error", message: `Microsoft did not complete the sign-in${answer.aadsts ? ` (AADSTS${answer.aadsts})` : ""}. No account was connected.`, ...way };
  }
}

async function connected(actor: Actor, flow: Flow, code: string, way: Way): Promise<ConnectOutcome> {
  try {
    await authorise(actor, flow.workspaceId, permissionFor(flow.purpose as Purpose, flow.connectionId ?? undefined));
    const redeemed = await redeemCode(codeFlow(flow), code, flow.secrets!);
    return await withWorkspace(flow.workspaceId, (tx) => store(tx, actor, flow, redeemed, way));
  } catch (error) {
    if (!isPlanbackError(error)) throw error;
    if (error.facts.reason === "wrong_tenant") return { kind: "wrong_tenant", ...way };
    if (error.code === "consent_missing") return { kind: "consent_missing", ...way };
    if (error.code === "not_found") return { kind: "error", message: error.message, workspaceId: null, connectionId: null };
    return { kind: "error", message: error.message, ...way };
  }
}

async function store(tx: Tx, actor: Actor, flow: Flow, redeemed: Redeemed, way: Way): Promise<ConnectOutcome> {
  const { workspaceId, expectedTid } = flow;
  const purpose = flow.purpose as Purpose;
  const { tenantId, missing, lost } = await recordProof(tx, workspaceId, expectedTid, purpose, redeemed.scopes, flow.cloud);
  if (missing.length > 0) {
    await recordConsentLost(tx, { workspaceId, id: tenantId }, lost);
    return { kind: "missing_scopes", missing, ...way };
  }
  const { oid, name, username } = redeemed.identity;
  if (flow.connectionId) {
    const expected = await findConnection(tx, workspaceId, flow.connectionId);
    if (expected.oid !== oid || expected.microsoftTenantId !== tenantId) return { kind: "wrong_account", ...way };
  }
  const state = purpose === "backup" ? { backupState: "active" } : { restoreState: "active" };
  const { id: connectionId } = await tx.connection.upsert({
    where: { workspaceId_microsoftTenantId_oid: { workspaceId, microsoftTenantId: tenantId, oid } },
    create: { workspaceId, id: randomUUID(), microsoftTenantId: tenantId, oid, name, username, backupState: "needs_sign_in", restoreState: "none", ...state },
    update: { name, username, removedAt: null, ...state },
  });
  const expiresAt = purpose === "restore" ? new Date(Date.now() + WRITE_TOKEN_MS) : null;
  await storeTokens(tx, { workspaceId, connectionId, purpose }, { cache: redeemed.cache, homeAccountId: redeemed.homeAccountId }, expiresAt);
  if (expiresAt) await send("token-expiry", { workspaceId, connectionId }, { tx, startAfter: expiresAt });
  await requestCheck(tx, workspaceId, connectionId);
  await recordConsentLost(tx, { workspaceId, id: tenantId }, lost);
  await record(tx, workspaceId, actor, { action: "connection.connected", target: { kind: "connection", id: connectionId }, detail: { purpose, name, username } });
  return { kind: "connected", workspaceId, connectionId, purpose };
}

/** What the pages call it; there is one in a Microsoft tenant. */
const WHOLE_TENANT = "Whole tenant (app-only)";

/**
 * Connects a whole Microsoft tenant, read by Planback as an application. An administrator of the tenant must have granted it in
 * this workspace; a new token of the application proves that it holds. Connected already: its check is sent again.
 */
export async function connectAppOnly(actor: Actor, workspaceId: string, givenTid: string): Promise<{ connectionId: string }> {
  const tid = checkId(givenTid, "Microsoft tenant");
  const tenant = await inWorkspace(actor, workspaceId, "connection.manage", (tx, me) => tx.microsoftTenant.findUnique({ where: { workspaceId_tid: { workspaceId: me.workspaceId, tid } } }));
  if (!tenant || !isGranted(tenant, "app_only")) throw consentFirst("app_only");
  const cloud = tenant.cloud as Cloud;
  const { oid, roles } = await freshAppClaims(cloud, tid);
  const missing = missingScopes(roles, "app_only");
  if (missing.length > 0) {
    await inWorkspace(actor, workspaceId, "connection.manage", (tx) => noteConsentLost(tx, tenant, "app_only"));
    throw new PlanbackError("consent_missing", `The consent lacks ${missing.join(", ")}. An administrator must grant it again. Nothing was connected.`);
  }
  requireFresh(actor);
  return inWorkspace(actor, workspaceId, "connection.manage", async (tx, me) => {
    const mine = { workspaceId: me.workspaceId, microsoftTenantId: tenant.id, kind: "app_only" };
    const found = await tx.connection.findFirst({ where: mine, select: { id: true } });
    const username = `application ${credentialFor(inCloud(cloud), "app_only").clientId}`;
    const state = { oid, name: WHOLE_TENANT, username, backupState: "active", restoreState: "none" };
    const connectionId = found?.id ?? randomUUID();
    if (found) await tx.connection.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id: found.id } }, data: { ...state, removedAt: null } });
    else await tx.connection.create({ data: { ...mine, ...state, id: connectionId } });
    await requestCheck(tx, me.workspaceId, connectionId);
    await record(tx, me.workspaceId, actor, { action: "connection.connected", target: { kind: "connection", id: connectionId }, detail: { purpose: "app_only", name: WHOLE_TENANT } });
    return { connectionId };
  });
}
