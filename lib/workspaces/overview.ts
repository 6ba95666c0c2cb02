import type { Tx } from "@/lib/db";
import { inWorkspace } from "./authorise";
import { listConnections, openCatalogues } from "./connections";
import { listPolicies, storedSelection } from "./policies";
import { VISIBLE } from "./plans";
import { summarise } from "./runSummaries";
import { countPlans } from "./selection";
import type { Actor, ConnectionView, OverviewView, RunSummary } from "./types";

type Attention = OverviewView["attention"][number];

/** What the first page shows: how far setting up is, what needs a person, and numbers. */
export async function getOverview(actor: Actor, workspaceId: string): Promise<OverviewView> {
  const [facts, connections, policies] = await Promise.all([
    inWorkspace(actor, workspaceId, "workspace.view", (tx, me) => readFacts(tx, me.workspaceId)),
    listConnections(actor, workspaceId),
    listPolicies(actor, workspaceId),
  ]);
  const catalogues = await openCatalogues(facts.workspaceId, connections.map((connection) => connection.id));
  return {
    onboarding: {
      consent: facts.tenants.some((tenant) => tenant.backupProvenAt !== null),
      connection: connections.length > 0,
      policy: policies.length > 0,
      firstBackup: facts.snapshots > 0,
    },
    attention: attentionOf(`/w/${facts.workspaceId}`, facts, connections),
    plans: {
      protected: facts.policies.reduce((sum, policy) => sum + countPlans(storedSelection(policy), catalogues.get(policy.connectionId) ?? null), 0),
      withSnapshot: facts.plansWithSnapshot,
      reachable: connections.reduce((sum, connection) => sum + connection.reachable.plans, 0),
    },
    lastRun: facts.lastRun, activeRuns: facts.activeRuns, snapshots: facts.snapshots, storedBytes: facts.storedBytes,
  };
}

type Facts = Awaited<ReturnType<typeof readFacts>>;

async function readFacts(tx: Tx, workspaceId: string) {
  const include = { policy: { select: { name: true } } };
  const active = await tx.run.findMany({ where: { workspaceId, state: { in: ["queued", "running"] } }, include, orderBy: { createdAt: "desc" }, take: 20 });
  const last = await tx.run.findMany({ where: { workspaceId, finishedAt: { not: null } }, include, orderBy: { createdAt: "desc" }, take: 1 });
  const stored = await tx.snapshot.aggregate({ where: { workspaceId }, _sum: { newBytes: true } });
  const visible = { workspaceId, ...VISIBLE };
  const [lastRun] = await summarise(tx, workspaceId, last);
  return {
    workspaceId,
    activeRuns: await summarise(tx, workspaceId, active),
    lastRun: lastRun ?? null,
    snapshots: await tx.snapshot.count({ where: visible }),
    damaged: await tx.snapshot.count({ where: { ...visible, damaged: true } }),
    plansWithSnapshot: await tx.plan.count({ where: { workspaceId, snapshots: { some: VISIBLE } } }),
    storedBytes: Number(stored._sum.newBytes ?? 0),
    tenants: await tx.microsoftTenant.findMany({ where: { workspaceId } }),
    policies: await tx.policy.findMany({ where: { workspaceId, removedAt: null } }),
  };
}

function attentionOf(base: string, facts: Facts, connections: ConnectionView[]): Attention[] {
  const list: Attention[] = [];
  for (const tenant of facts.tenants) {
    const name = tenant.name ?? "a Microsoft tenant";
    if (tenant.backupLostAt) list.push({ text: `The consent for backups of ${name} was removed. Its backups stand still.`, href: `${base}/consent`, action: "Grant consent" });
    if (tenant.restoreLostAt) list.push({ text: `The consent for restores to ${name} was removed.`, href: `${base}/consent`, action: "Grant consent" });
  }
  for (const connection of connections) list.push(...connectionAttention(base, connection));
  list.push(...runAttention(base, facts.lastRun));
  if (facts.damaged > 0) {
    list.push({ text: `${facts.damaged} ${facts.damaged === 1 ? "snapshot is" : "snapshots are"} damaged in storage.`, href: `${base}/storage`, action: "See what is damaged" });
  }
  return list;
}

function connectionAttention(base: string, connection: ConnectionView): Attention[] {
  const href = `${base}/connections/${connection.id}`;
  if (connection.backupState === "needs_sign_in") {
    return [{ text: `${connection.name} must sign in again. Its backups stand still.`, href, action: "Sign in again" }];
  }
  // Groups that nobody wants to protect need no membership: the connection page lists them, nobody is called.
  const unmet = connection.requirements.filter(({ id, purpose, state }) => purpose === "backup" && state === "unmet" && !id.endsWith("membership"));
  if (unmet.length === 0) return [];
  return [{ text: `${connection.name} does not meet “${unmet[0]!.title}”${unmet.length > 1 ? ` and ${unmet.length - 1} more` : ""}.`, href, action: "See what to do" }];
}

function runAttention(base: string, run: RunSummary | null): Attention[] {
  if (run?.state !== "failed" && run?.state !== "partial") return [];
  const what = run.state === "failed" ? "failed" : "is not complete";
  return [{ text: `The last backup of “${run.policyName}” ${what}.`, href: `${base}/runs/${run.id}`, action: "See why" }];
}
