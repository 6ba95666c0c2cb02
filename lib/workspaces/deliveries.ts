/** One message to one channel: what it says, and what came of it. */
import { config } from "@/lib/config";
import { withWorkspace } from "@/lib/db";
import type { Prisma } from "@/lib/generated/prisma/client";
import type { Answer, Change, ChannelTarget, Message } from "@/lib/notify";
import { TEST_WORDS, type Words } from "./alertWords";
import { openTarget } from "./channels";
import { incidentWords } from "./incidents";
import { sealJson } from "./keys";
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
      ...(incident ? { incidentId: incident.id, event: incident.event, change, subjectId: incident.subjectId, openedAt: incident.openedAt.toISOString(), closedAt: change === "opened" ? null : incident.closedAt?.toISOString() ?? null, facts: incident.facts } : {}),
    },
  };
}

const timeText = (at: Date): string => `${new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(at)} UTC`;
