import { convert } from "html-to-text";

/**
 * Lines that Planner's and Outlook's mail templates add below or around what a person wrote. Whole lines only, so that a
 * comment that merely mentions such words stays.
 */
const BOILERPLATE = [
  /^reply in microsoft planner\.?$/i,
  /^(open|view|go to)( this)?( task)? in microsoft (planner|teams)\.?$/i,
  /^you can also reply to this e-?mail to add a (task )?comment\.?$/i,
  /^this task is in the .+ plan\.?( open in microsoft (planner|teams)\.?)?$/i,
  /^(comments|new comment) on task ".*"( in plan ".*")?$/i,
  /^to add a comment,? reply to this e-?mail\.?$/i,
  /^you('re| are) receiving this (message|e-?mail) because .+$/i,
  /^(manage|change) your notification settings\.?$/i,
  /^(get|sent from) outlook for (ios|android)\.?$/i,
];

/** From such a line on, a reply by mail quotes what was written before; that is kept in its own comment. */
const QUOTE_STARTS = [/^_{10,}$/, /^-{2,} ?original message ?-{2,}$/i, /^from: .+$/i];

const PLANNER_LINK = /\s*[[(<]?https:\/\/(tasks\.office\.com|planner\.cloud\.microsoft|tasks\.teams\.microsoft\.com)\/\S*[\])>]?/gi;

/** Plain text of a comment as a person wrote it. Links of the text are kept as addresses; the deep link to the task is not. */
export function commentText(contentType: string, content: string): string {
  const text = contentType.toLowerCase() === "html" ? htmlText(content) : content;
  const kept: string[] = [];
  for (const raw of text.replace(/\r\n?/g, "\n").split("\n")) {
    const line = raw.replace(PLANNER_LINK, "").replace(/\u00a0/g, " ").trimEnd();
    if (kept.some((earlier) => earlier !== "") && isQuote(line, raw)) break;
    if (!BOILERPLATE.some((pattern) => pattern.test(line.trim())) && !(line === "" && raw.trim() !== "")) kept.push(line);
  }
  return kept.join("\n").replace(/\n{3,}/g, "\n\n").trim();
}

function isQuote(line: string, raw: string): boolean {
  return QUOTE_STARTS.some((pattern) => pattern.test(line.trim())) && raw.trim() !== "";
}

function htmlText(content: string): string {
  return convert(content, {
    wordwrap: false,
    selectors: [
      { selector: "img", format: "skip" },
      // Planner marks its own heading and footer so; Outlook puts "x_" before ids.
      ...["#jSanity_hideInPlanner", "#x_jSanity_hideInPlanner"].map((selector) => ({ selector, format: "skip" })),
      { selector: "a", options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      { selector: "table", format: "block" },
      ...["h1", "h2", "h3"].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
}
