/** Text added to the notes of a task that is created. */
import type { PlannerTaskDetails } from "@/lib/planner/types";

/** Microsoft publishes no limit of the notes; longer ones than this were seen to be cut. What a task had itself is never cut. */
const MOST_CHARACTERS = 30_000;

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
export const asHtml = (text: string): string => escapeHtml(text).replace(/\r?\n/g, "<br>");

/** Whether a task has rich text of its own, which Microsoft's beta interface can write. */
export const hasRichNotes = (details: PlannerTaskDetails | null): boolean => details?.notes?.contentType === "html" && Boolean(details.notes.content);

/** Adds paragraphs below the notes, rich or plain. `cut`: the number of paragraphs that found no room. */
export function withParagraphs(details: PlannerTaskDetails, paragraphs: readonly string[]): { details: PlannerTaskDetails; cut: number } {
  const rich = hasRichNotes(details) ? (details.notes?.content ?? "") : null;
  let description = details.description ?? "";
  let html = rich ?? "";
  let added = 0;
  for (const paragraph of paragraphs) {
    const longer = description === "" ? paragraph : `${description}\n\n${paragraph}`;
    if (Math.max(longer.length, rich === null ? 0 : html.length + paragraph.length) > MOST_CHARACTERS) break;
    description = longer;
    html += `<p>${asHtml(paragraph)}</p>`;
    added += 1;
  }
  const notes = rich === null ? {} : { notes: { contentType: "html", content: html } };
  return { details: { ...details, description, ...notes }, cut: paragraphs.length - added };
}
