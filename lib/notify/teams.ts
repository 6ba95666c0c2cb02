/**
 * Messages to Microsoft Teams by the workflow trigger "When a Teams webhook request is received", which takes Adaptive
 * Cards: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
import type { Config } from "@/lib/config";
import { teamsDialUrl } from "@/lib/config/origins";
import { post } from "./post";
import type { Answer, Change, Message } from "./types";

const COLOURS: Record<Change, string> = { opened: "attention", closed: "good", happened: "default", test: "accent" };

/** Text of a card is Markdown, and names are people's: nothing in them may become a link or a mention. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]()#+!|<>~]/g, "\\$&").replace(/@/g, "@\u200b");

export function teamsCard({ title, text, facts, change, link }: Message) {
  return {
    type: "message",
    attachments: [{
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        body: [
          { type: "TextBlock", text: plain(title), weight: "bolder", size: "medium", wrap: true, color: COLOURS[change] },
          { type: "TextBlock", text: plain(text), wrap: true },
          ...(facts.length > 0 ? [{ type: "FactSet", facts: facts.map(({ label, value }) => ({ title: label, value: plain(value) })) }] : []),
        ],
        actions: [{ type: "Action.OpenUrl", title: link.label, url: link.url }],
      },
    }],
  };
}

export async function sendTeams(target: { url: string }, message: Message, config: Pick<Config, "teamsUrl">): Promise<Answer> {
  const url = teamsDialUrl(target.url, config);
  if (!url) return { ok: false, status: null, text: "This is not the address of a Teams workflow.", permanent: true };
  // The host is one of Microsoft's, or where the operator has put it.
  return post(new URL(url), {}, JSON.stringify(teamsCard(message)), { allowed: ["public", "private"] });
}
