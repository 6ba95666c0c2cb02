import { randomUUID } from "node:crypto";
import { config, inCloud } from "@/lib/config";
import type { Cloud } from "@/lib/config/clouds";
import { withSecret, withWorkspace } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { Prisma } from "@/lib/generated/prisma/client";
import { credentialFor, explainPermissions } from "@/lib/identity";
import { record } from "./audit";
import { checkId, inWorkspace, notFound } from "./authorise";
import { chosenTenant, type TenantChoice } from "./chosenTenant";
import { parseInput, grantInput } from "./input";
import { hashSecret, newSecret } from "./secrets";
import type { Actor, ConsentLinkView, Grant, PublicConsentView } from "./types";

const LIFETIME_MS = 7 * 24 * 3600_000;

type LinkRow = Prisma.ConsentLinkGetPayload<object>;

/** A link for an admin of the actor's own Microsoft tenant, or of one in another cloud. Shown once; only its hash is stored. Valid for seven days. */
export async function createConsentLink(actor: Actor, workspaceId: string, given: Grant, elsewhere?: TenantChoice): Promise<{ id: string; link: string }> {
  const purpose = parseInput(grantInput, given);
  const { cloud, tid } = await chosenTenant(actor, workspaceId, purpose, elsewhere);
  const id = randomUUID();
  const secret = newSecret();
  await inWorkspace(actor, workspaceId, "connection.manage", async (tx, me) => {
    await tx.consentLink.create({
      data: { workspaceId: me.workspaceId, id, purpose, secretHash: hashSecret(secret), cloud, tid, requestedBy: `${actor.name} (${actor.username})`, expiresAt: new Date(Date.now() + LIFETIME_MS) },
    });
    await record(tx, me.workspaceId, actor, { action: "consent.link_created", target: { kind: "link", id }, detail: { purpose } });
  });
  return { id, link: `${config().appOrigin}/consent/${secret}` };
}

/** Links that were not withdrawn, newest first. */
export async function listConsentLinks(actor: Actor, workspaceId: string): Promise<ConsentLinkView[]> {
  const rows = await inWorkspace(actor, workspaceId, "connection.manage", (tx, me) =>
    tx.consentLink.findMany({ where: { workspaceId: me.workspaceId, revokedAt: null }, orderBy: { createdAt: "desc" }, take: 50 }));
  return rows.map((row) => ({
    id: row.id,
    purpose: row.purpose as Grant,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    openedAt: row.openedAt?.toISOString() ?? null,
    grantedAt: row.grantedAt?.toISOString() ?? null,
  }));
}

/** Withdraws a link. What was granted through it stays granted in Microsoft Entra ID. */
export async function revokeConsentLink(actor: Actor, workspaceId: string, linkId: string): Promise<void> {
  const id = checkId(linkId, "link");
  await inWorkspace(actor, workspaceId, "connection.manage", async (tx, me) => {
    const { count } = await tx.consentLink.updateMany({ where: { workspaceId: me.workspaceId, id, revokedAt: null }, data: { revokedAt: new Date() } });
    if (count === 0) throw notFound("link");
    await record(tx, me.workspaceId, actor, { action: "consent.link_withdrawn", target: { kind: "link", id } });
  });
}

/** What the page behind a link shows to somebody without an account; null when no such link was ever made. */
export async function readConsentLink(secret: string): Promise<PublicConsentView | null> {
  const row = await findLink(secret);
  if (!row) return null;
  const { workspaceId, id, tid } = row;
  const [workspace, tenant] = await withWorkspace(workspaceId, async (tx) => {
    if (!row.openedAt) await tx.consentLink.updateMany({ where: { workspaceId, id, openedAt: null }, data: { openedAt: new Date() } });
    return [await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } }), await tx.microsoftTenant.findUnique({ where: { workspaceId_tid: { workspaceId, tid } } })] as const;
  });
  const purpose = row.purpose as Grant;
  const cloud = row.cloud as Cloud;
  return {
    state: stateOf(row),
    purpose,
    workspaceName: workspace.name,
    requestedBy: row.requestedBy,
    cloud,
    tid,
    tenantName: tenant?.name ?? null,
    clientId: credentialFor(inCloud(cloud), purpose).clientId,
    permissions: explainPermissions(inCloud(cloud), purpose),
    expiresAt: row.expiresAt.toISOString(),
  };
}

/** The link behind a secret, if a consent can still be started through it. Throws not_found or expired. */
export async function openConsentLink(secret: string): Promise<LinkRow> {
  const row = await findLink(secret);
  if (!row) throw notFound("link");
  const state = stateOf(row);
  if (state === "open") return row;
  const why = { granted: "Consent was granted through this link already. There is nothing left to do.", expired: "This link has expired. Ask the person who sent it for a new one.", revoked: "This link was withdrawn. Ask the person who sent it for a new one." }[state];
  throw new PlanbackError("expired", why);
}

export function stateOf(row: LinkRow): PublicConsentView["state"] {
  if (row.revokedAt) return "revoked";
  if (row.grantedAt) return "granted";
  return row.expiresAt > new Date() ? "open" : "expired";
}

const findLink = (secret: string): Promise<LinkRow | null> => {
  const secretHash = hashSecret(secret);
  return withSecret(secretHash, (tx) => tx.consentLink.findFirst({ where: { secretHash } }));
};
