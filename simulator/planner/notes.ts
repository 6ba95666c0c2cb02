/**
 * Rich notes of a task (beta) and its plain description are two views of one text: writing either sets the other.
 * https://learn.microsoft.com/graph/api/resources/plannertaskdetails?view=graph-rest-beta
 */
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The service sanitizes: no scripts, no styles, no handlers. */
export const sanitized = (html: string): string => html.replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, "").replace(/(<[^>]*?)\s+on\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "$1");

/** The plain text of notes: blocks and breaks become lines. */
export function plainText(html: string): string {
  const lines = html.replace(/\r?\n/g, " ").replace(/<br\b[^>]*>/gi, "\n").replace(/<\/(p|div|li|ul|ol|h[1-6]|tr)\s*>/gi, "\n").replace(/<[^>]*>/g, "");
  return lines.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? character(name) ?? whole).trimEnd();
}

function character(name: string): string | undefined {
  const code = Number(name.replace(/^#x/i, "0x").replace(/^#/, ""));
  return name.startsWith("#") && code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** A description as notes: minimal markup that preserves its white space. */
export const asNotes = (text: string): string =>
  text === "" ? "" : `<div>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replace(/ {2}/g, " &nbsp;").replaceAll("\n", "<br>")}</div>`;
