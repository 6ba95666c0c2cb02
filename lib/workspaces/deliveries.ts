/** One message to one channel: what it says, and what came of it. */
import { config } from "@/lib/config";
import { withWorkspace } from "@/lib/db";
import type { Incident, Prisma } from "@/lib/generated/prisma/client";
import type { Answer, Change, ChannelTarget, Message } from "@/lib/notify";
import { closedWords, conditionWords, digestWords, restoreWords, TEST_WORDS, type Name, type Words } from "./alertWords";
import { openTarget } from "./channels";
import type { Condition, ConditionEvent, DigestFacts, EventName, RestoreFinishedFacts } from "./events";
import { sealJson } from "./keys";
import { openPlanNames } from "./planNames";
import { PLACE } from "./sealed";

const WITH_PARTS = { channel: true, incident: true } satisfies Prisma.DeliveryInclude;
type DeliveryRow = Prisma.DeliveryGetPayload<{ include: typeof WITH_PARTS }>;

/** What is to be sent where; null when it was sent, given up or removed meanwhile. */
export async function openDelivery(workspaceId: string, deliveryId: string): Promise<{ target: ChannelTarget; message: Message; isTest: boolean } | null> {
  const found = await withWorkspace(workspaceId, async (tx) => {
    const row = await tx.delivery.findUnique({ where: { workspaceId_id: { workspaceId, id: deliveryId } }, include: WITH_PARTS });
    return row?.state === "queued" ? { row, workspace: await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } }) } : null;
  });
  if (!found) return null;
  const { row, workspace } = found;
  const words = row.incident ? await incidentWords(row.incident, row.change as Change, workspace.namesInMessages) : TEST_WORDS;
  return { target: await openTarget(row.channel), message: toMessage(row, words, workspace.name), isTest: row.change === "test" };
}

/** Writes down an attempt. `final`: there will be no other. */
export async function noteAttempt(workspaceId: string, deliveryId: string, answer: Answer, final: boolean): Promise<void> {
  const sealedAnswer = await sealJson(workspaceId, "token", PLACE.deliveryAnswer(deliveryId), answer.text);
  await withWorkspace(workspaceId, (tx) => tx.delivery.updateMany({
    where: { workspaceId, id: deliveryId, state: "queued" },
    data: { state: answer.ok ? "sent" : final ? "failed" : "queued", attempts: { increment: 1 }, status: answer.status, sealedAnswer, triedAt: new Date() },
  }));
}

async function incidentWords(incident: Incident, change: Change, mayName: boolean): Promise<Words> {
  const event = incident.event as EventName;
  const { name, watched } = await subjectOf(incident);
  const shown: Name = mayName ? name : null;
  if (event === "restore.finished") return restoreWords(incident.subjectId, incident.facts as unknown as RestoreFinishedFacts, shown);
  if (event === "digest.weekly") return digestWords(incident.facts as unknown as DigestFacts);
  if (change === "closed") return closedWords(event, shown, incident.openedAt, incident.closedAt ?? new Date(), watched);
  return conditionWords({ event, subjectId: incident.subjectId, facts: incident.facts } as unknown as Condition, shown, new Date());
}

/** The name of what an incident is about, and whether anybody still wants it watched. */
async function subjectOf({ workspaceId, event, subjectId }: Incident): Promise<{ name: Name; watched: boolean }> {
  const key = { where: { workspaceId_id: { workspaceId, id: subjectId } } };
  const found = await withWorkspace(workspaceId, async (tx) => {
    switch (event as EventName) {
      case "backup.absent":
      case "backup.failed":
      case "backup.partial": {
        const policy = await tx.policy.findUnique({ ...key, include: { connection: true } });
        return { name: policy?.name ?? null, watched: policy !== null && policy.removedAt === null && (policy.enabled || policy.connection.removedAt !== null), plan: null };
      }
      case "access.lost": {
        const [connection, tenant] = [await tx.connection.findUnique(key), await tx.microsoftTenant.findUnique(key)];
        return { name: connection?.name ?? tenant?.name ?? null, watched: connection ? connection.removedAt === null : tenant !== null, plan: null };
      }
      case "channel.broken": {
        const channel = await tx.channel.findUnique(key);
        return { name: channel?.name ?? null, watched: channel !== null, plan: null };
      }
      case "restore.finished":
        return { name: null, watched: true, plan: (await tx.restore.findUnique({ ...key, include: { snapshot: { include: { plan: true } } } }))?.snapshot.plan ?? null };
      case "storage.damaged":
      case "digest.weekly":
        return { name: null, watched: true, plan: null };
    }
  });
  return { name: found.plan ? (await openPlanNames(found.plan)).title : found.name, watched: found.watched };
}

function toMessage(row: DeliveryRow, words: Words, workspaceName: string): Message {
  const { incident } = row;
  const base = `${config().appOrigin}/w/${row.workspaceId}`;
  const change = row.change as Change;
  const at = (change === "closed" ? incident?.closedAt : incident?.openedAt) ?? row.createdAt;
  return {
    id: row.id, change, type: change === "happened" || change === "test" ? row.event : `${row.event}.${change}`, at: at.toISOString(),
    title: words.title, text: words.text,
    facts: [{ label: "Workspace", value: workspaceName }, { label: change === "opened" ? "Since" : "When", value: timeText(at) }, ...words.facts],
    link: { label: words.action, url: base + words.path }, settingsUrl: `${base}/notifications`,
    data: {
      workspaceId: row.workspaceId,
      ...(incident ? { incidentId: incident.id, event: incident.event as ConditionEvent, change, subjectId: incident.subjectId, openedAt: incident.openedAt.toISOString(), closedAt: change === "opened" ? null : incident.closedAt?.toISOString() ?? null, facts: incident.facts } : {}),
    },
  };
}

const timeText = (at: Date): string => `${new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(at)} UTC`;
