import { createHash, randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { config } from "@/lib/config";
import { isUniqueViolation, withSecret, withWorkspace, type Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { Message } from "@/lib/notify";
import { record } from "./audit";
import { authorise, checkId, inWorkspace, notFound, requireFresh } from "./authorise";
import { groupsToInvite } from "./groups";
import { parseInput } from "./input";
import { openJson, sealJson } from "./keys";
import { requireOwner, roleInput } from "./members";
import { columnsOf, groupsDetail, reachOf } from "./reach";
import { PLACE } from "./sealed";
import type { Actor, InvitationView, Role } from "./types";

const LIFETIME_MS = 7 * 24 * 3600_000;

export type InvitationState = "open" | "accepted" | "expired" | "revoked";

const emailInput = z.email("This is not an e-mail address. Nothing was sent.").max(254).nullable();
interface InvitationMail { to: string; link: string; from: string }

/** Whether this installation can send invitations by e-mail. */
export const canMailInvitations = (): boolean => config().mail !== null;

/**
 * Makes a link that brings one person into the workspace, and sends it to `email` if one is given. The link is shown once; only its hash
 * is stored, and the message with it, sealed, until it is delivered. `groups`: whose content it lets see; null: all.
 */
export async function createInvitation(actor: Actor, workspaceId: string, input: { role: unknown; email?: unknown; groups?: unknown }): Promise<{ id: string; link: string }> {
  const role = parseInput(roleInput, input.role);
  const to = parseInput(emailInput, input.email ?? null);
  if (to !== null && !canMailInvitations()) throw new PlanbackError("invalid_input", "This installation sends no e-mail. Make a link and hand it over yourself. Nothing was changed.");
  const id = randomUUID();
  const secret = randomBytes(32).toString("base64url");
  const link = `${config().appOrigin}/invite/${secret}`;
  const me = await authorise(actor, workspaceId, "member.manage");
  const sealedMail = to === null ? null : await sealJson(me.workspaceId, "token", PLACE.invitationMail(id), { to, link, from: actor.name } satisfies InvitationMail);
  await inWorkspace(actor, workspaceId, "member.manage", async (tx, me) => {
    requireOwner(me, role === "owner");
    const groups = groupsToInvite(me, role, input.groups);
    if (role === "owner") requireFresh(actor);
    await tx.invitation.create({
      data: { workspaceId: me.workspaceId, id, secretHash: hash(secret), role, ...columnsOf(groups), createdBy: me.memberId, expiresAt: new Date(Date.now() + LIFETIME_MS), sealedMail, mailState: sealedMail && "queued" },
    });
    if (sealedMail) await send("invite", { workspaceId: me.workspaceId, invitationId: id }, { tx });
    await record(tx, me.workspaceId, actor, { action: "invitation.created", target: { kind: "invitation", id }, detail: { role, ...groupsDetail(groups), mailed: to !== null } });
  });
  return { id, link };
}

/** The e-mail of an invitation; null when it was sent, given up or withdrawn meanwhile. */
export async function openInvitationMail(workspaceId: string, invitationId: string): Promise<{ to: string; message: Message } | null> {
  const found = await withWorkspace(workspaceId, async (tx) => {
    const row = await tx.invitation.findUnique({ where: { workspaceId_id: { workspaceId, id: invitationId } } });
    return row?.sealedMail && stateOf(row) === "open" ? { row, sealed: row.sealedMail, workspace: await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } }) } : null;
  });
  if (!found) return null;
  const { row, sealed, workspace } = found;
  const { to, link, from } = await openJson<InvitationMail>(workspaceId, "token", PLACE.invitationMail(invitationId), sealed);
  return {
    to,
    message: {
      id: invitationId, type: "invitation", change: "happened", at: row.createdAt.toISOString(), title: `${from} invites you to “${workspace.name}” in Planback`,
      text: `Planback backs up and restores Microsoft Planner. The link makes you a member with the role ${row.role}; it works once, for seven days. Who was not meant can ignore it.`,
      facts: [], link: { label: "Join the workspace", url: link }, settingsUrl: null, data: {},
    },
  };
}

/** Writes down an attempt to send it. The link is forgotten as soon as there will be no other. */
export async function noteInvitationMail(tx: Tx, workspaceId: string, invitationId: string, outcome: "sent" | "failed"): Promise<void> {
  await tx.invitation.updateMany({ where: { workspaceId, id: invitationId, mailState: "queued" }, data: { mailState: outcome, sealedMail: null } });
}

/** Invitations that can still be accepted, newest first. */
export async function listInvitations(actor: Actor, workspaceId: string): Promise<InvitationView[]> {
  return inWorkspace(actor, workspaceId, "member.manage", async (tx, me) => {
    const rows = await tx.invitation.findMany({
      where: { workspaceId: me.workspaceId, acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
      orderBy: { createdAt: "desc" },
    });
    return rows.map((row) => ({ id: row.id, role: row.role as Role, isLimited: !row.allGroups, groups: me.groups === null ? row.groups : [], createdAt: row.createdAt.toISOString(), expiresAt: row.expiresAt.toISOString(), mail: row.mailState as InvitationView["mail"] }));
  });
}

export async function revokeInvitation(actor: Actor, workspaceId: string, invitationId: string): Promise<void> {
  const id = checkId(invitationId, "invitation");
  await inWorkspace(actor, workspaceId, "member.manage", async (tx, me) => {
    const { count } = await tx.invitation.updateMany({
      where: { workspaceId: me.workspaceId, id, acceptedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    if (count === 0) throw notFound("invitation");
    await noteInvitationMail(tx, me.workspaceId, id, "failed");
    await record(tx, me.workspaceId, actor, { action: "invitation.withdrawn", target: { kind: "invitation", id } });
  });
}

/** What the page behind an invitation link shows; null when no such link was ever made. */
export async function readInvitation(secret: string): Promise<{ workspaceName: string; role: Role; state: InvitationState; groupCount: number | null } | null> {
  const found = await findBySecret(secret);
  if (!found) return null;
  const workspace = await withWorkspace(found.workspaceId, (tx) => tx.workspace.findUniqueOrThrow({ where: { id: found.workspaceId } }));
  return { workspaceName: workspace.name, role: found.role as Role, state: stateOf(found), groupCount: found.allGroups ? null : found.groups.length };
}

/** Makes the signed-in person a member. Single use; who is a member already keeps his role and spends nothing. */
export async function acceptInvitation(actor: Actor, secret: string): Promise<{ workspaceId: string }> {
  const found = await findBySecret(secret);
  if (!found) throw notFound("invitation");
  const { workspaceId, id } = found;
  const who = { workspaceId, tid: actor.tid, oid: actor.oid };
  try {
    await withWorkspace(workspaceId, async (tx) => {
      if (await tx.member.findUnique({ where: { workspaceId_tid_oid: who } })) return;
      const { count } = await tx.invitation.updateMany({
        where: { workspaceId, id, acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
        data: { acceptedAt: new Date() },
      });
      if (count === 0) throw spent(await tx.invitation.findUniqueOrThrow({ where: { workspaceId_id: { workspaceId, id } } }));
      const memberId = randomUUID();
      await tx.member.create({ data: { ...who, id: memberId, name: actor.name, username: actor.username, role: found.role, allGroups: found.allGroups, groups: found.groups } });
      await record(tx, workspaceId, actor, { action: "member.joined", target: { kind: "member", id: memberId }, detail: { role: found.role, invitation: id, ...groupsDetail(reachOf(found)) } });
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error; // the same person accepted in another tab at the same moment
  }
  return { workspaceId };
}

interface InvitationTimes { acceptedAt: Date | null; revokedAt: Date | null; expiresAt: Date }

function stateOf(row: InvitationTimes): InvitationState {
  if (row.acceptedAt) return "accepted";
  if (row.revokedAt) return "revoked";
  return row.expiresAt > new Date() ? "open" : "expired";
}

function spent(row: InvitationTimes): PlanbackError {
  const why = { accepted: "was used already", revoked: "was withdrawn", expired: "has expired", open: "could not be used just now" }[stateOf(row)];
  return new PlanbackError("expired", `This invitation ${why}. Ask an owner or admin of the workspace for a new link.`);
}

async function findBySecret(secret: string) {
  const secretHash = hash(secret);
  return withSecret(secretHash, (tx) => tx.invitation.findFirst({ where: { secretHash } }));
}

function hash(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(secret).digest());
}
