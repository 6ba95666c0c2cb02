/** E-mail over the configured SMTP server: plain text, and the same as simple HTML. */
import nodemailer from "nodemailer";
import type { Config } from "@/lib/config";
import { clean, problemOf } from "./post";
import type { Answer, Message } from "./types";

const TIMEOUT_MS = 15_000;

export function emailText({ text, facts, link, settingsUrl }: Message): string {
  const lines = facts.map(({ label, value }) => `${label}: ${value}`);
  return [text, ...(lines.length > 0 ? [lines.join("\n")] : []), `${link.label}: ${link.url}`, `--\nSent by Planback.${settingsUrl === null ? "" : ` Who gets what is decided here: ${settingsUrl}`}`].join("\n\n");
}

export function emailHtml({ title, text, facts, link, settingsUrl }: Message): string {
  const rows = facts.map(({ label, value }) => `<tr><td style="padding:2px 16px 2px 0;color:#5a5d64">${escape(label)}</td><td>${escape(value)}</td></tr>`).join("");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title></head>
<body style="margin:0;padding:24px;font:15px/1.5 system-ui,sans-serif;color:#17181a;background:#ffffff">
<h1 style="margin:0 0 12px;font-size:18px">${escape(title)}</h1><p style="margin:0 0 16px">${escape(text)}</p>${rows ? `<table role="presentation" style="margin:0 0 16px;border-collapse:collapse;font-size:15px">${rows}</table>` : ""}
<p style="margin:0 0 24px"><a href="${escape(link.url)}" style="display:inline-block;padding:8px 16px;border-radius:6px;background:#17694b;color:#ffffff;text-decoration:none">${escape(link.label)}</a></p>
<p style="margin:0;font-size:13px;color:#5a5d64">Sent by Planback.${settingsUrl === null ? "" : ` <a href="${escape(settingsUrl)}" style="color:#5a5d64">Who gets what</a>`}</p></body></html>`;
}

export async function sendEmail(target: { to: string[] }, message: Message, { mail }: Pick<Config, "mail">): Promise<Answer> {
  if (!mail) return { ok: false, status: null, text: "This installation sends no e-mail: SMTP_URL and MAIL_FROM are not set.", permanent: true };
  const transport = nodemailer.createTransport({
    url: mail.smtpUrl, connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS, disableFileAccess: true, disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({
      from: mail.from,
      to: target.to.map((address) => ({ name: "", address })),
      subject: message.title,
      text: emailText(message),
      html: emailHtml(message),
      messageId: `<${message.id}@planback>`,
      headers: { ...(message.settingsUrl === null ? {} : { "List-Unsubscribe": `<${message.settingsUrl}>` }), "Auto-Submitted": "auto-generated" },
    });
    return { ok: true, status: statusIn(sent.response), text: clean(sent.response), permanent: false };
  } catch (error) {
    return failed(error as Error & { response?: string; responseCode?: number; code?: string });
  } finally {
    transport.close();
  }
}

/** 5yz is final, 4yz may go away (https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1); a wrong password is the operator's to mend. */
function failed(error: Error & { response?: string; responseCode?: number; code?: string }): Answer {
  const status = error.responseCode ?? null;
  const text = error.response ?? (error.code === "ETIMEDOUT" ? "The mail server did not answer in time." : problemOf(error));
  return { ok: false, status, text: clean(text), permanent: status !== null && status >= 500 && error.code !== "EAUTH" };
}

const statusIn = (response: string): number | null => Number(/^\d{3}/.exec(response)?.[0] ?? "") || null;

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
