import type { Tx } from "@/lib/db";
import { conditionWords, hoursText } from "./alertWords";
import { inWorkspace, type Membership } from "./authorise";
import { conditionsOf } from "./conditions";
import { listConnections, openCatalogues } from "./connections";
import { coverageOf } from "./coverage";
import { newestProofs, openProof } from "./drills";
import { readOnboarding } from "./onboarding";
import { openPlanNames } from "./planNames";
import { storedSelection } from "./policies";
import { VISIBLE } from "./plans";
import { touches } from "./reach";
import { roleMay } from "./roles";
import { healthOf, readStrips } from "./policyHealth";
import { summarise } from "./runSummaries";
import type { Actor, ConnectionView, OverviewView } from "./types";
import { readWorkspaceFacts } from "./watch";

type Attention = OverviewView["attention"][number];

/** What the first page shows: how far setting up is, what needs a person, and numbers. */
export async function getOverview(actor: Actor, workspaceId: string): Promise<OverviewView> {
  const now = new Date();
  const [facts, connections] = await Promise.all([
    inWorkspace(actor, workspaceId, "workspace.view", (tx, me) => readFacts(tx, me, now)),
    listConnections(actor, workspaceId),
  ]);
  const catalogues = await openCatalogues(facts.me, connections.map((connection) => connection.id));
  const planNames = await Promise.all(facts.named.map(async ({ id, plan }) => ({ id, name: (await openPlanNames(plan)).title })));
  const coverage = coverageOf(connections, catalogues, facts.policies.map((row) => ({ ...row, selection: storedSelection(row) })));
  const completes = facts.state.policies.flatMap(({ lastCompleteAt }) => lastCompleteAt ?? []).map((at) => at.toISOString());
  return {
    onboarding: facts.onboarding,
    attention: attentionOf(`/w/${facts.me.workspaceId}`, facts, connections, planNames, now),
    lookedAt: facts.workspace.watchedAt?.toISOString() ?? null,
    plans: { ...coverage, unprotected: coverage.reachable - coverage.protected, withSnapshot: facts.plansWithSnapshot },
    policies: await Promise.all(facts.health.map(async (one) => {
      const proof = facts.proofs.get(one.id);
      return { ...one, proof: proof ? await openProof(proof) : null };
    })),
    policyCount: facts.policies.length,
    lastCompleteAt: completes.sort().at(-1) ?? null,
    nextRunAt: facts.health.flatMap(({ nextRunAt }) => nextRunAt ?? []).sort()[0] ?? null,
    lastRun: facts.lastRun, activeRuns: facts.activeRuns, snapshots: facts.snapshots, storedBytes: facts.storage.at(-1)?.bytes ?? 0, storage: facts.storage,
  };
}

type Facts = Awaited<ReturnType<typeof readFacts>>;

async function readFacts(tx: Tx, me: Membership, now: Date) {
  const { workspaceId } = me;
  const include = { policy: { select: { name: true } } };
  const active = await tx.run.findMany({ where: { workspaceId, state: { in: ["queued", "running"] } }, include, orderBy: { createdAt: "desc" }, take: 20 });
  const last = await tx.run.findMany({ where: { workspaceId, finishedAt: { not: null } }, include, orderBy: { createdAt: "desc" }, take: 1 });
  const visible = { workspaceId, ...VISIBLE };
  const [lastRun] = await summarise(tx, workspaceId, last);
  const all = await tx.policy.findMany({ where: { workspaceId, removedAt: null }, orderBy: [{ name: "asc" }, { id: "asc" }] });
  const policies = all.filter((row) => touches(me.groups, storedSelection(row)));
  const facts = await readWorkspaceFacts(tx, workspaceId);
  // Who may not manage keys can do nothing about one.
  const state = { ...facts, keys: roleMay(me.role, "key.manage") ? facts.keys : [], policies: facts.policies.filter(({ id }) => policies.some((policy) => policy.id === id)) };
  const health = healthOf(policies, state, now);
  return {
    me,
    onboarding: await readOnboarding(tx, me),
    activeRuns: await summarise(tx, workspaceId, active),
    lastRun: lastRun ?? null,
    snapshots: await tx.snapshot.count({ where: visible }),
    plansWithSnapshot: await tx.plan.count({ where: { workspaceId, snapshots: { some: VISIBLE } } }),
    storage: await readStorage(tx, workspaceId),
    health: await readStrips(tx, workspaceId, health, policies, now),
    tenants: await tx.microsoftTenant.findMany({ where: { workspaceId } }),
    policies,
    connections: await tx.connection.findMany({ where: { workspaceId }, select: { id: true, name: true } }),
    keys: await tx.apiKey.findMany({ where: { workspaceId, id: { in: state.keys.map(({ id }) => id) } }, select: { id: true, name: true } }),
    channels: await tx.channel.findMany({ where: { workspaceId }, select: { id: true, name: true } }),
    /** Plans that conditions are about, by what they name: the plan itself, or a drill of it. */
    named: [
      ...(await tx.plan.findMany({ where: { workspaceId, losses: { some: { releasedAt: null } } } })).map((plan) => ({ id: plan.id, plan })),
      ...(await tx.restore.findMany({ where: { workspaceId, id: { in: state.leftPlans.map(({ restoreId }) => restoreId) } }, select: { id: true, snapshot: { select: { plan: true } } } }))
        .map(({ id, snapshot }) => ({ id, plan: snapshot.plan })),
    ],
    proofs: await newestProofs(tx, workspaceId),
    workspace: await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { watchedAt: true, createdAt: true } }),
    state,
  };
}

/** What backups added, less what cleaning gave back, and the bundles of today. */
async function readStorage(tx: Tx, workspaceId: string): Promise<OverviewView["storage"]> {
  return tx.$queryRaw<{ day: string; bytes: number }[]>`
    SELECT to_char(day, 'YYYY-MM-DD') AS day, sum(sum(bytes)) OVER (ORDER BY day)::float8 AS bytes FROM (
      SELECT (taken_at AT TIME ZONE 'UTC')::date AS day, new_bytes AS bytes FROM snapshot WHERE workspace_id = ${workspaceId}::uuid AND new_bytes > 0
      UNION ALL
      SELECT (started_at AT TIME ZONE 'UTC')::date, -bytes FROM prune WHERE workspace_id = ${workspaceId}::uuid AND bytes > 0
      UNION ALL
      SELECT (bundled_at AT TIME ZONE 'UTC')::date, bundle_bytes FROM plan WHERE workspace_id = ${workspaceId}::uuid AND bundle_bytes > 0
    ) each GROUP BY day ORDER BY day`;
}

/** A worker looks every five minutes: when none has for this long, none runs. */
const SILENCE_MS = 20 * 60_000;

function attentionOf(base: string, facts: Facts, connections: ConnectionView[], planNames: { id: string; name: string }[], now: Date): Attention[] {
  const names = new Map([...facts.policies, ...facts.connections, ...facts.tenants, ...facts.channels, ...facts.keys, ...planNames].map(({ id, name }) => [id, name]));
  const conditions = conditionsOf(facts.me.workspaceId, facts.state, now).map((condition) => {
    const { title, text, path, action } = conditionWords(condition, names.get(condition.subjectId) ?? null, now);
    return { text: `${title}. ${text}`, href: base + path, action };
  });
  return [
    ...silence(base, facts, now),
    ...conditions,
    ...facts.tenants.filter((tenant) => tenant.restoreLostAt !== null).map((tenant) =>
      ({ text: `The consent for restores to ${tenant.name ?? "a Microsoft tenant"} was removed.`, href: `${base}/consent`, action: "Grant consent" })),
    ...connections.flatMap((connection) => unmetRequirements(base, connection)),
  ];
}

function silence(base: string, { workspace: { watchedAt, createdAt } }: Facts, now: Date): Attention[] {
  const minutes = Math.floor((now.getTime() - (watchedAt ?? createdAt).getTime()) / 60_000);
  if (minutes * 60_000 < SILENCE_MS) return [];
  return [{ text: `No worker has been at work for ${hoursText(minutes / 60)}, so nothing is backed up. Tell the operator of this installation.`, href: `${base}/runs`, action: "See the runs" }];
}

function unmetRequirements(base: string, connection: ConnectionView): Attention[] {
  if (connection.backupState !== "active") return []; // told already
  // Groups that nobody wants to protect need no membership: the connection page lists them, nobody is called.
  const unmet = connection.requirements.filter(({ id, purpose, state }) => purpose === "backup" && state === "unmet" && !id.endsWith("membership"));
  if (unmet.length === 0) return [];
  return [{ text: `${connection.name} does not meet “${unmet[0]!.title}”${unmet.length > 1 ? ` and ${unmet.length - 1} more` : ""}.`, href: `${base}/connections/${connection.id}`, action: "See what to do" }];
}
