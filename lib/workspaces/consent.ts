import { config, inCloud } from "@/lib/config";
import type { Cloud } from "@/lib/config/clouds";
import { withWorkspace, type Tx } from "@/lib/db";
import { isPlanbackError } from "@/lib/errors";
import { adminConsentUrl, credentialFor, readRedirect, redeemCode, scopesInRequest, scopesToAsk, startCodeFlow, type CodeFlow, type Identity } from "@/lib/identity";
import { provenRoles } from "./appOnlyProof";
import { record, type AuditActor } from "./audit";
import { authorise, inWorkspace } from "./authorise";
import { chosenTenant, type TenantChoice } from "./chosenTenant";
import { openConsentLink } from "./consentLinks";
import { recordConsentLost, recordProof, tenantView } from "./consentState";
import { requestCheck } from "./connections";
import { claimFlow, openFlow, type Asking, type CallbackInput, type Flow, type FlowRefusal, type NewFlow } from "./flows";
import { grantInput, parseInput } from "./input";
import { actorOfSession } from "./sessions";
import type { Actor, Grant, MicrosoftTenantView } from "./types";

/** Where the person can go on: into the workspace when signed in, else nowhere but back to the link. */
interface Way { workspaceId: string | null }

export type ConsentOutcome =
  | { kind: "proving"; url: string }
  | ({ kind: "granted"; purpose: Grant } & Way)
  | ({ kind: "declined" } & Way)
  | ({ kind: "cancelled" } & Way)
  | ({ kind: "wrong_tenant" } & Way)
  | ({ kind: "replayed" } & Way)
  | ({ kind: "expired" } & Way)
  | ({ kind: "foreign_browser" } & Way)
  | ({ kind: "missing_scopes"; missing: string[] } & Way)
  | ({ kind: "not_admin" } & Way)
  | ({ kind: "error"; message: string } & Way);

const UNKNOWN = "This answer does not belong to any visit to Microsoft that began here. Nothing was changed. Start again.";

/** Microsoft tenants of the workspace with their consents; the actor's own is always among them. */
export async function listTenants(actor: Actor, workspaceId: string): Promise<MicrosoftTenantView[]> {
  const rows = await inWorkspace(actor, workspaceId, "workspace.view", (tx, me) =>
    tx.microsoftTenant.findMany({ where: { workspaceId: me.workspaceId }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] }));
  const known = rows.map((row) => tenantView(row.tid, row));
  return rows.some((row) => row.tid === actor.tid) ? known : [tenantView(actor.tid, null), ...known];
}

/** Begins the admin consent for the actor's own Microsoft tenant, or one in another cloud. Microsoft decides who may grant. */
export async function startConsent(actor: Actor, workspaceId: string, given: Grant, elsewhere?: TenantChoice): Promise<{ url: string; flowCookie: string }> {
  const purpose = parseInput(grantInput, given);
  const { cloud, tid } = await chosenTenant(actor, workspaceId, purpose, elsewhere);
  return openConsent({ workspaceId: workspaceId.toLowerCase(), kind: "consent", purpose, cloud, expectedTid: tid, sessionHash: actor.sessionHash });
}

/** The same for an admin who holds a link and has no account here. */
export async function startConsentFromLink(secret: string): Promise<{ url: string; flowCookie: string }> {
  const link = await openConsentLink(secret);
  return openConsent({ workspaceId: link.workspaceId, kind: "consent", purpose: link.purpose as Grant, cloud: link.cloud as Cloud, expectedTid: link.tid, consentLinkId: link.id, sessionHash: null });
}

const redirectUri = () => `${config().appOrigin}/api/consent/callback`;

function openConsent(flow: NewFlow): Promise<{ url: string; flowCookie: string }> {
  const { purpose, expectedTid } = flow;
  const here = inCloud(flow.cloud);
  return openFlow(flow, async (state) => ({
    url: adminConsentUrl({ credential: credentialFor(here, purpose), tid: expectedTid, scopes: scopesInRequest(here, purpose), redirectUri: redirectUri(), state, origins: here }),
    secrets: null,
  }));
}

/**
 * Ends a visit to the consent page. The redirect's own words (`tenant`, `admin_consent`) grant nothing: it leads to a
 * second visit ("proving") whose token must come from the expected Microsoft tenant and carry the scopes; for an app-only
 * grant, whose ID token must name an administrator of it (appOnlyProof.ts).
 */
export async function finishConsent(input: CallbackInput): Promise<ConsentOutcome> {
  const claim = await claimFlow(input, ["consent", "prove"]);
  if ("refusal" in claim) return refused(claim.refusal, claim.workspaceId);
  const { flow } = claim;
  const way: Way = { workspaceId: flow.sessionHash ? flow.workspaceId : null };
  const actor = await actorStillAllowed(flow, input.ip);
  if (actor === "gone") return { kind: "error", message: "You may no longer manage consent in this workspace. Nothing was recorded.", workspaceId: null };
  if (!(await isLinkOpen(flow))) return { kind: "expired", ...way };
  const answer = readRedirect(input.query);
  switch (answer.kind) {
    case "admin_consent":
      if (flow.kind !== "consent") return { kind: "error", message: UNKNOWN, ...way };
      if (answer.tenant !== null && answer.tenant.toLowerCase() !== flow.expectedTid) return { kind: "wrong_tenant", ...way };
      return flow.purpose !== "app_only" && actor?.tid === flow.expectedTid ? prove(flow, "silent_as", actor.username) : prove(flow, "silent");
    case "code":
      return flow.kind === "prove" && flow.secrets ? settle(flow, actor ?? { name: "An administrator with a consent link", ip: input.ip }, answer.code, way) : { kind: "error", message: UNKNOWN, ...way };
    case "interaction_required":
      return proveOtherwise(flow, way);
    case "consent_required":
      return { kind: "missing_scopes", missing: scopesToAsk(inCloud(flow.cloud), flow.purpose), ...way };
    case "declined":
      return { kind: flow.kind === "consent" ? "declined" : "cancelled", ...way };
    case "not_admin":
      return { kind: "not_admin", ...way };
    case "error":
      return { kind: "error", message: `Microsoft did not complete the consent${answer.aadsts ? ` (AADSTS${answer.aadsts})` : ""}. Nothing was counted as granted.`, ...way };
  }
}

function refused(refusal: FlowRefusal, workspaceId: string | null): ConsentOutcome {
  return refusal.kind === "unknown" ? { kind: "error", message: UNKNOWN, workspaceId } : { kind: refusal.kind, workspaceId };
}

/** The signed-in person, if the trip began signed in; "gone" when the session or the role ended meanwhile. */
async function actorStillAllowed(flow: Flow, ip: string | null | undefined): Promise<Actor | null | "gone"> {
  if (flow.sessionHash === null) return null;
  const actor = await actorOfSession(new Uint8Array(Buffer.from(flow.sessionHash, "hex")), ip);
  if (!actor) return "gone";
  try {
    await authorise(actor, flow.workspaceId, "connection.manage");
    return actor;
  } catch (error) {
    if (isPlanbackError(error, "not_found", "forbidden")) return "gone";
    throw error;
  }
}

async function isLinkOpen(flow: Flow): Promise<boolean> {
  const { workspaceId, consentLinkId } = flow;
  if (!consentLinkId) return true;
  const link = await withWorkspace(workspaceId, (tx) => tx.consentLink.findUnique({ where: { workspaceId_id: { workspaceId, id: consentLinkId } } }));
  return link !== null && link.revokedAt === null;
}

/** For an app-only grant the second visit asks who is there, and for nothing else. */
function codeFlow({ purpose, cloud, expectedTid }: Pick<Flow, "purpose" | "cloud" | "expectedTid">): CodeFlow {
  const here = inCloud(cloud);
  return { credential: credentialFor(here, purpose), tid: expectedTid, scopes: purpose === "app_only" ? [] : scopesInRequest(here, purpose), redirectUri: redirectUri(), origins: here };
}

/** Second visit, in the same browser with a new state: gets a token of the tenant, without asking when that is possible. */
async function prove(flow: Flow, asking: Asking, loginHint?: string): Promise<ConsentOutcome> {
  const { workspaceId, purpose, cloud, expectedTid, sessionHash, flowCookie } = flow;
  const next: NewFlow = { workspaceId, kind: "prove", purpose, cloud, expectedTid, sessionHash, flowCookie, consentLinkId: flow.consentLinkId ?? undefined };
  const { url } = await openFlow(next, async (state) => {
    const made = await startCodeFlow(codeFlow(flow), { state, prompt: asking === "picker" ? "select_account" : "none", loginHint });
    return { url: made.url, secrets: { ...made.secrets, asking } };
  });
  return { kind: "proving", url };
}

/** Microsoft could not answer without asking: first the requester, then whoever is signed in, then a person is asked. */
function proveOtherwise(flow: Flow, way: Way): ConsentOutcome | Promise<ConsentOutcome> {
  switch (flow.secrets?.asking) {
    case "silent_as":
      return prove(flow, "silent");
    case "silent":
      return prove(flow, "picker");
    default:
      return { kind: "cancelled", ...way };
  }
}

/** The token speaks: records what it proves. The tokens themselves are dropped. */
async function settle(flow: Flow, by: AuditActor, code: string, way: Way): Promise<ConsentOutcome> {
  const { workspaceId, purpose, cloud, expectedTid } = flow;
  try {
    const redeemed = await redeemCode(codeFlow(flow), code, flow.secrets!);
    const scopes = purpose === "app_only" ? await provenRoles(flow, redeemed.identity) : redeemed.scopes;
    const missing = await withWorkspace(workspaceId, async (tx) => {
      const proof = await recordProof(tx, workspaceId, expectedTid, purpose, scopes, cloud);
      if (proof.missing.length === 0) {
        await afterGrant(tx, flow, proof.tenantId, domainOf(redeemed.identity));
        await record(tx, workspaceId, by, { action: "consent.granted", target: { kind: "tenant", id: proof.tenantId }, detail: { purpose, scopes } });
      }
      await recordConsentLost(tx, { workspaceId, id: proof.tenantId }, proof.lost);
      return proof.missing;
    });
    return missing.length === 0 ? { kind: "granted", purpose, ...way } : { kind: "missing_scopes", missing, ...way };
  } catch (error) {
    if (!isPlanbackError(error)) throw error;
    if (error.facts.reason === "wrong_tenant") return { kind: "wrong_tenant", ...way };
    // Without being asked, Microsoft may have answered for another account than the one that granted.
    if (error.facts.reason === "not_admin") return flow.secrets?.asking === "picker" ? { kind: "not_admin", ...way } : prove(flow, "picker");
    if (error.code === "consent_missing") return { kind: "missing_scopes", missing: scopesToAsk(inCloud(cloud), purpose), ...way };
    return { kind: "error", message: error.message, ...way };
  }
}

const domainOf = ({ username, isGuest }: Identity): string | null => (isGuest ? null : username.split("@")[1] ?? null);

/** The link has done its work, and connections of this tenant that stood still for want of consent are checked again. */
async function afterGrant(tx: Tx, flow: Flow, microsoftTenantId: string, domain: string | null): Promise<void> {
  const { workspaceId, consentLinkId } = flow;
  // An application may not read the organization's name.
  if (flow.purpose === "app_only" && domain) await tx.microsoftTenant.updateMany({ where: { workspaceId, id: microsoftTenantId, name: null }, data: { name: domain } });
  if (consentLinkId) await tx.consentLink.updateMany({ where: { workspaceId, id: consentLinkId, grantedAt: null }, data: { grantedAt: new Date() } });
  for (const connection of await tx.connection.findMany({ where: { workspaceId, microsoftTenantId, removedAt: null } })) await requestCheck(tx, workspaceId, connection.id);
}
