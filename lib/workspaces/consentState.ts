import { randomUUID } from "node:crypto";
import { config, inCloud, isSingleApp } from "@/lib/config";
import type { Cloud } from "@/lib/config/clouds";
import type { Tx } from "@/lib/db";
import type { Prisma } from "@/lib/generated/prisma/client";
import { explainPermissions, missingScopes, scopesOf } from "@/lib/identity";
import { PLANBACK, record } from "./audit";
import type { ConsentPurposeView, Grant, MicrosoftTenantView, Purpose } from "./types";

type TenantRow = Prisma.MicrosoftTenantGetPayload<object>;

const PURPOSES: readonly Purpose[] = ["backup", "restore"];

interface Proof { scopes: string[]; provenAt: Date | null; lostAt: Date | null }

export const proofOf = (row: TenantRow, grant: Grant): Proof =>
  ({
    backup: { scopes: row.backupScopes, provenAt: row.backupProvenAt, lostAt: row.backupLostAt },
    restore: { scopes: row.restoreScopes, provenAt: row.restoreProvenAt, lostAt: row.restoreLostAt },
    app_only: { scopes: row.appOnlyRoles, provenAt: row.appOnlyProvenAt, lostAt: row.appOnlyLostAt },
  })[grant];

const columns = (grant: Grant, { scopes, provenAt, lostAt }: Proof): Prisma.MicrosoftTenantUpdateInput =>
  ({
    backup: { backupScopes: scopes, backupProvenAt: provenAt, backupLostAt: lostAt },
    restore: { restoreScopes: scopes, restoreProvenAt: provenAt, restoreLostAt: lostAt },
    app_only: { appOnlyRoles: scopes, appOnlyProvenAt: provenAt, appOnlyLostAt: lostAt },
  })[grant];

/** True when an administrator granted it and, as far as is known, nobody took it back. */
export function isGranted(row: TenantRow, grant: Grant): boolean {
  const { provenAt, lostAt } = proofOf(row, grant);
  return provenAt !== null && lostAt === null;
}

/**
 * Writes down what a token of this Microsoft tenant proves. When one registration serves both purposes the token speaks
 * for both: a purpose that was granted before and is not covered any more becomes lost. Returns the row, what the
 * purpose still lacks, and which purposes were lost by this.
 */
export async function recordProof(tx: Tx, workspaceId: string, tid: string, purpose: Grant, granted: string[], cloud: Cloud = config().cloud): Promise<{ tenantId: string; missing: string[]; lost: Grant[] }> {
  const row = await tx.microsoftTenant.upsert({
    where: { workspaceId_tid: { workspaceId, tid } },
    create: { workspaceId, id: randomUUID(), tid, cloud },
    update: { cloud },
  });
  const now = new Date();
  const judged = purpose !== "app_only" && isSingleApp(inCloud(cloud)) ? PURPOSES : [purpose];
  const proofs = judged.map((each) => ({ purpose: each, before: proofOf(row, each), after: judge(proofOf(row, each), missingScopes(granted, each).length === 0, granted, now) }));
  const changes = proofs.map(({ purpose: each, after }) => columns(each, after));
  await tx.microsoftTenant.update({ where: { workspaceId_id: { workspaceId, id: row.id } }, data: Object.assign({}, ...changes) as Prisma.MicrosoftTenantUpdateInput });
  const lost = proofs.filter(({ before, after }) => before.lostAt === null && after.lostAt !== null).map((each) => each.purpose);
  return { tenantId: row.id, missing: missingScopes(granted, purpose), lost };
}

/** Remembers that Microsoft refuses what was granted before; the first time it is in the activity log. Call it last, as `record`. */
export async function noteConsentLost(tx: Tx, { workspaceId, id }: { workspaceId: string; id: string }, grant: Grant): Promise<void> {
  const column = ({ backup: "backupLostAt", restore: "restoreLostAt", app_only: "appOnlyLostAt" } as const)[grant];
  const { count } = await tx.microsoftTenant.updateMany({ where: { workspaceId, id, [column]: null }, data: { [column]: new Date() } });
  if (count > 0) await recordConsentLost(tx, { workspaceId, id }, [grant]);
}

export async function recordConsentLost(tx: Tx, { workspaceId, id }: { workspaceId: string; id: string }, lost: Grant[]): Promise<void> {
  for (const purpose of lost) await record(tx, workspaceId, PLANBACK, { action: "consent.lost", target: { kind: "tenant", id }, detail: { purpose } });
}

function judge(before: Proof, isCovered: boolean, scopes: string[], now: Date): Proof {
  if (isCovered) return { scopes, provenAt: now, lostAt: null };
  if (before.provenAt === null) return { scopes, provenAt: null, lostAt: null };
  return { scopes, provenAt: before.provenAt, lostAt: before.lostAt ?? now };
}

/** A Microsoft tenant as the web shows it; `row` is null for the actor's own tenant before anything happened there. */
export function tenantView(tid: string, row: TenantRow | null): MicrosoftTenantView {
  const cloud = (row?.cloud ?? config().cloud) as Cloud;
  const here = config().clouds[cloud];
  const view = (purpose: Grant): ConsentPurposeView => {
    const proof = row ? proofOf(row, purpose) : { scopes: [], provenAt: null, lostAt: null };
    const state = proof.provenAt === null ? "not_granted" : proof.lostAt === null ? "granted" : "lost";
    return {
      purpose,
      state,
      provenAt: proof.provenAt?.toISOString() ?? null,
      lostAt: proof.lostAt?.toISOString() ?? null,
      grantedScopes: proof.scopes,
      missingScopes: proof.scopes.length === 0 ? [...scopesOf(purpose)] : missingScopes(proof.scopes, purpose),
      permissions: here ? explainPermissions(here, purpose) : [],
    };
  };
  return { id: row?.id ?? tid, tid, cloud, name: row?.name ?? null, consent: { backup: view("backup"), restore: view("restore") }, appOnly: here?.apps.appOnly ? view("app_only") : null };
}
