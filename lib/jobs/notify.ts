/** Sends one message. What cannot be delivered now is tried again by the queue, ever later; a test is tried once. */
import { config } from "@/lib/config";
import type { JobContext } from "@/lib/db/queue";
import { NOTIFY_RETRIES } from "@/lib/db/queues";
import { PlanbackError } from "@/lib/errors";
import { deliver } from "@/lib/notify";
import { noteAttempt, openDelivery } from "@/lib/workspaces/deliveries";
import type { Jobs } from "./types";

export async function notify({ workspaceId, deliveryId }: Jobs["notify"], { attempt }: JobContext): Promise<void> {
  const open = await openDelivery(workspaceId, deliveryId);
  if (!open) return;
  const answer = await deliver(open.target, open.message, config());
  const final = open.isTest || answer.permanent || attempt >= NOTIFY_RETRIES;
  await noteAttempt(workspaceId, deliveryId, answer, final);
  if (!answer.ok && !final) throw new PlanbackError("delivery_failed", "The message could not be delivered and is sent again later.", { facts: { status: answer.status ?? undefined } });
}
