import type { Tx } from "@/lib/db";
import { conditionWords, hoursText } from "./alertWords";
import { inWorkspace } from "./authorise";
import { conditionsOf } from "./conditions";
import { listConnections, openCatalogues } from "./connections";
import { openPlanNames } from "./planNames";
import { listPolicies, storedSelection } from "./policies";
import { VISIBLE } from "./plans";
import { summarise } from "./runSummaries";
import { countPlans } from "./selection";
import type { Actor, ConnectionView, OverviewView } from "./types";
import { readWorkspaceFacts } from "./watch";

type Attention = OverviewView["attention"][number];

/** What the first page shows: how far setting up is, what needs a person, and numbers. */
export async function getOverview(actor: Actor, workspaceId: string): Promise<OverviewView> {
  const [facts, connections, policies] = await Promise.all([
    inWorkspace(actor, workspaceId, "workspace.view", (tx, me) => readFacts(tx, me.workspaceId)),
    listConnections(actor, workspaceId),
    listPolicies(actor, workspaceId),
  ]);
  const catalogues = await openCatalogues(facts.workspaceId, connections.map((connection) => connection.id));
  const planNames = await Promise.all(facts.lossPlans.map(async (plan) => ({ id: plan.id, name: (await openPlanNames(plan)).title })));
  return {
    onboarding: {
      consent: facts.tenants.some((tenant) => tenant.backupProvenAt !== null),
      connection: connections.length > 0,
      policy: policies.length > 0,
      firstBackup: facts.snapshots > 0,
    },
    attention: attentionOf(`/w/${facts.workspaceId}`, facts, connections, planNames, new Date()),
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
    plansWithSnapshot: await tx.plan.count({ where: { workspaceId, snapshots: { some: VISIBLE } } }),
    storedBytes: Number(stored._sum.newBytes ?? 0),
    tenants: await tx.microsoftTenant.findMany({ where: { workspaceId } }),
    policies: await tx.policy.findMany({ where: { workspaceId, removedAt: null } }),
    connections: await tx.connection.findMany({ where: { workspaceId }, select: { id: true, name: true } }),
    channels: await tx.channel.findMany({ where: { workspaceId }, select: { id: true, name: true } }),
    lossPlans: await tx.plan.findMany({ where: { workspaceId, losses: { some: { releasedAt: null } } } }),
    workspace: await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { watchedAt: true, createdAt: true } }),
    state: await readWorkspaceFacts(tx, workspaceId),
  };
}

/** A worker looks every five minutes: when none has for this long, none runs. */
const SILENCE_MS = 20 * 60_000;

function attentionOf(base: string, facts: Facts, connections: ConnectionView[], planNames: { id: string; name: string }[], now: Date): Attention[] {
  const names = new Map([...facts.policies, ...facts.connections, ...facts.tenants, ...facts.channels, ...planNames].map(({ id, name }) => [id, name]));
  const conditions = conditionsOf(facts.workspaceId, facts.state, now).map((condition) => {
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
