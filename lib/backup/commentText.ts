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

/**
 * From such a line on, a reply by mail quotes what was written before; that is kept in its own comment. What people
 * write themselves may look like the beginning of it ("From: Monday"), so a mail's heading must follow.
 */
const QUOTE_STARTS = /^-{2,} ?original message ?-{2,}$/i;
const RULE = /^_{10,}$/;
const FROM = /^from: .+$/i;
const HEADING = /^(sent|date|to|cc|subject): .+$/i;

const PLANNER_LINK = /\s*[[(<]?https:\/\/(tasks\.office\.com|planner\.cloud\.microsoft|tasks\.teams\.microsoft\.com)\/\S*[\])>]?/gi;

/** Plain text of a comment as a person wrote it. Links of the text are kept as addresses; the deep link to the task is not. */
export function commentText(contentType: string, content: string): string {
  const text = contentType.toLowerCase() === "html" ? htmlText(content) : content;
  const kept: string[] = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (const [at, raw] of lines.entries()) {
    const line = raw.replace(PLANNER_LINK, "").replace(/\u00a0/g, " ").trimEnd();
    if (kept.some((earlier) => earlier !== "") && startsQuote(lines, at)) break;
    if (!BOILERPLATE.some((pattern) => pattern.test(line.trim())) && !(line === "" && raw.trim() !== "")) kept.push(line);
  }
  return kept.join("\n").replace(/\n{3,}/g, "\n\n").trim();
}

function startsQuote(lines: readonly string[], at: number): boolean {
  const [line = "", ...after] = lines.slice(at, at + 12).map((one) => one.replace(/\u00a0/g, " ").trim()).filter((one, index) => index === 0 || one !== "");
  if (RULE.test(line)) return FROM.test(after[0] ?? "");
  return QUOTE_STARTS.test(line) || (FROM.test(line) && after.slice(0, 3).filter((one) => HEADING.test(one)).length >= 2);
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
