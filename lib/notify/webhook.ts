/** Webhooks as https://www.standardwebhooks.com describes them: three headers, and HMAC-SHA256 over id, time and body. */
import { createHmac, randomBytes } from "node:crypto";
import type { Config } from "@/lib/config";
import { post } from "./post";
import type { Answer, Message } from "./types";

export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** The value of webhook-signature. */
export function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

export function webhookBody({ type, at, title, text, link, data }: Message): string {
  return JSON.stringify({ type, timestamp: at, data: { ...data, title, text, url: link.url } });
}

/** Why a webhook cannot go to this URL; null when it can be tried. */
export function webhookUrlProblem(raw: string, { webhookPrivate }: Pick<Config, "webhookPrivate">): string | null {
  const url = URL.parse(raw);
  if (!url) return "Give the address as a URL, such as https://hooks.example.com/planback.";
  if (url.username || url.password) return "The address must not hold a user name or password: what is signed needs neither.";
  if (url.protocol === "https:" || (webhookPrivate && url.protocol === "http:")) return null;
  return "The address must begin with https://.";
}

export async function sendWebhook(target: { url: string; secret: string }, message: Message, config: Pick<Config, "webhookPrivate">, now = new Date()): Promise<Answer> {
  const problem = webhookUrlProblem(target.url, config);
  if (problem) return { ok: false, status: null, text: problem, permanent: true };
  const body = webhookBody(message);
  const timestamp = Math.floor(now.getTime() / 1000);
  const headers = { "webhook-id": message.id, "webhook-timestamp": String(timestamp), "webhook-signature": signature(target.secret, message.id, timestamp, body) };
  return post(new URL(target.url), headers, body, { allowed: config.webhookPrivate ? ["public", "private"] : ["public"] });
}
