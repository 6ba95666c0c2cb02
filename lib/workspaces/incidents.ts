import { withWorkspace } from "@/lib/db";
import type { Incident } from "@/lib/generated/prisma/client";
import type { Change } from "@/lib/notify";
import { closedWords, conditionWords, digestWords, restoreWords, type Name, type Words } from "./alertWords";
import type { Condition, DigestFacts, EventName, RestoreFinishedFacts } from "./events";
import { openPlanNames } from "./planNames";

/** What is said of an incident; with names only where `mayName`. */
export async function incidentWords(incident: Incident, change: Change, mayName: boolean): Promise<Words> {
  const event = incident.event as EventName;
  const { name, watched } = await subjectOf(incident);
  const shown: Name = mayName ? name : null;
  if (event === "restore.finished") return restoreWords(incident.subjectId, incident.facts as unknown as RestoreFinishedFacts, shown);
  if (event === "digest.weekly") return digestWords(incident.facts as unknown as DigestFacts);
  if (change === "closed") return closedWords(event, shown, incident.openedAt, incident.closedAt ?? new Date(), watched);
  return conditionWords({ event, subjectId: incident.subjectId, facts: incident.facts } as unknown as Condition, shown, incident.closedAt ?? new Date());
}

/** The name of what an incident is about, and whether anybody still wants it watched. */
async function subjectOf({ workspaceId, event, subjectId }: Incident): Promise<{ name: Name; watched: boolean }> {
  const key = { where: { workspaceId_id: { workspaceId, id: subjectId } } };
  const found = await withWorkspace(workspaceId, async (tx) => {
    switch (event as EventName) {
      case "backup.absent":
      case "backup.failed":
      case "backup.partial":
      case "drill.absent":
      case "drill.failed": {
        const policy = await tx.policy.findUnique({ ...key, include: { connection: true } });
        return { name: policy?.name ?? null, watched: policy !== null && policy.removedAt === null && (policy.enabled || policy.connection.removedAt !== null), plan: null };
      }
      case "plan.loss":
        return { name: null, watched: true, plan: await tx.plan.findUnique(key) };
      case "access.lost": {
        const [connection, tenant] = [await tx.connection.findUnique(key), await tx.microsoftTenant.findUnique(key)];
        return { name: connection?.name ?? tenant?.name ?? null, watched: connection ? connection.removedAt === null : tenant !== null, plan: null };
      }
      case "channel.broken": {
        const channel = await tx.channel.findUnique(key);
        return { name: channel?.name ?? null, watched: channel !== null, plan: null };
      }
      case "key.expiring":
        return { name: (await tx.apiKey.findUnique(key))?.name ?? null, watched: true, plan: null };
      case "restore.finished":
      case "drill.left": {
        const restore = await tx.restore.findUnique({ ...key, include: { snapshot: { include: { plan: true } }, connection: true } });
        return { name: null, watched: restore?.connection.removedAt === null, plan: restore?.snapshot.plan ?? null };
      }
      case "workspace.deletion":
      case "storage.damaged":
      case "digest.weekly":
        return { name: null, watched: true, plan: null };
    }
  });
  return { name: found.plan ? (await openPlanNames(found.plan)).title : found.name, watched: found.watched };
}
