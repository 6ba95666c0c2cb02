/** Messages to people outside of the product: e-mail, Microsoft Teams, webhooks. Knows nothing of plans or the database. */
import type { Config } from "@/lib/config";
import { sendEmail } from "./email";
import { sendTeams } from "./teams";
import type { Answer, ChannelTarget, Message } from "./types";
import { sendWebhook } from "./webhook";

export { reachOf } from "./address";
export { guarded } from "./post";
export { newWebhookSecret, webhookUrlProblem } from "./webhook";
export type { Answer, Change, ChannelKind, ChannelTarget, Message } from "./types";

/** Sends one message once and returns the other side's answer. */
export function deliver(target: ChannelTarget, message: Message, config: Config): Promise<Answer> {
  switch (target.kind) {
    case "email":
      return sendEmail(target, message, config);
    case "teams":
      return sendTeams(target, message, config);
    case "webhook":
      return sendWebhook(target, message, config);
  }
}
