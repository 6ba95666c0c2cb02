import { Mail, MessagesSquare, Webhook, type LucideIcon } from "lucide-react";
import type { ChannelKind } from "@/lib/notify";
import type { DeliveryView } from "@/lib/workspaces/types";

export const KINDS: Record<ChannelKind, { name: string; Icon: LucideIcon; hint: string }> = {
  email: { name: "E-mail", Icon: Mail, hint: "To one or more addresses." },
  teams: { name: "Microsoft Teams", Icon: MessagesSquare, hint: "A card in a channel or chat, through a workflow." },
  webhook: { name: "Webhook", Icon: Webhook, hint: "Signed JSON for your own tools." },
};

/** Status and words of the other side; SMTP's words begin with the status. */
export function answerText({ status, answer }: DeliveryView): string {
  const words = answer ?? "";
  return status === null || words.startsWith(String(status)) ? words : `${status} ${words}`.trim();
}
