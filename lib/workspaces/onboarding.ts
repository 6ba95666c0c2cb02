/** The way to the first backup, told by the rows as they are: it goes on where it stopped, on any device, for everybody of the workspace. */
import type { Tx } from "@/lib/db";
import { inWorkspace, type Membership } from "./authorise";
import { VISIBLE } from "./plans";
import { roleMay } from "./roles";
import type { Actor, OnboardingStep, OnboardingView, Permission, Role } from "./types";

const NEEDED: [OnboardingStep, Permission][] = [["consent", "connection.manage"], ["connection", "connection.manage"], ["policy", "policy.manage"], ["firstBackup", "backup.run"]];

/** What is done, the next step, and who or what it waits for. */
export function getOnboarding(actor: Actor, workspaceId: string): Promise<OnboardingView> {
  return inWorkspace(actor, workspaceId, "workspace.view", readOnboarding);
}

export async function readOnboarding(tx: Tx, me: Membership): Promise<OnboardingView> {
  const { workspaceId } = me;
  const done: OnboardingView["done"] = {
    consent: (await tx.microsoftTenant.findFirst({ where: { workspaceId, OR: [{ backupProvenAt: { not: null } }, { appOnlyProvenAt: { not: null } }] }, select: { id: true } })) !== null,
    connection: (await tx.connection.findFirst({ where: { workspaceId, removedAt: null }, select: { id: true } })) !== null,
    policy: (await tx.policy.findFirst({ where: { workspaceId, removedAt: null }, select: { id: true } })) !== null,
    // Who sees some groups only has been invited into a workspace that works.
    firstBackup: me.groups !== null || (await tx.snapshot.findFirst({ where: { workspaceId, ...VISIBLE }, select: { id: true } })) !== null,
  };
  const [next, permission] = NEEDED.find(([step]) => !done[step]) ?? [null, null];
  if (next === null) return { done, next, isYours: false, people: [], link: null, run: null };
  const members = await tx.member.findMany({ where: { workspaceId }, orderBy: [{ createdAt: "asc" }, { id: "asc" }], select: { name: true, role: true } });
  const now = new Date();
  const link = next !== "consent" ? null : await tx.consentLink.findFirst({ where: { workspaceId, purpose: "backup", revokedAt: null, grantedAt: null, expiresAt: { gt: now } }, orderBy: { createdAt: "desc" } });
  const run = next !== "firstBackup" ? null : await tx.run.findFirst({ where: { workspaceId }, orderBy: { createdAt: "desc" }, select: { id: true, finishedAt: true } });
  return {
    done, next,
    isYours: roleMay(me.role, permission),
    people: members.filter(({ role }) => roleMay(role as Role, permission)).map(({ name }) => name),
    link: link && { requestedBy: link.requestedBy, createdAt: link.createdAt.toISOString(), openedAt: link.openedAt?.toISOString() ?? null, expiresAt: link.expiresAt.toISOString() },
    run: run && { id: run.id, isRunning: run.finishedAt === null },
  };
}
