/** Sends one invitation by e-mail; tried again like any other message. */
import { config } from "@/lib/config";
import { withWorkspace } from "@/lib/db";
import type { JobContext } from "@/lib/db/queue";
import { NOTIFY_RETRIES } from "@/lib/db/queues";
import { PlanbackError } from "@/lib/errors";
import { deliver } from "@/lib/notify";
import { noteInvitationMail, openInvitationMail } from "@/lib/workspaces/invitations";
import type { Jobs } from "./types";

export async function invite({ workspaceId, invitationId }: Jobs["invite"], { attempt }: JobContext): Promise<void> {
  const mail = await openInvitationMail(workspaceId, invitationId);
  if (!mail) return;
  const answer = await deliver({ kind: "email", to: [mail.to] }, mail.message, config());
  const final = answer.permanent || attempt >= NOTIFY_RETRIES;
  if (answer.ok || final) await withWorkspace(workspaceId, (tx) => noteInvitationMail(tx, workspaceId, invitationId, answer.ok ? "sent" : "failed"));
  else throw new PlanbackError("delivery_failed", "The invitation could not be delivered and is sent again later.", { facts: { status: answer.status ?? undefined } });
}
