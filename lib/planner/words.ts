/** Planner's own words for its numbers. https://learn.microsoft.com/graph/api/resources/plannertask */

export type Progress = "notStarted" | "inProgress" | "completed";
export type Priority = "urgent" | "important" | "medium" | "low";

export const PROGRESS_WORDS: Record<Progress, string> = { notStarted: "Not started", inProgress: "In progress", completed: "Completed" };
export const PRIORITY_WORDS: Record<Priority, string> = { urgent: "Urgent", important: "Important", medium: "Medium", low: "Low" };

/** percentComplete 0..100 (absent = 0) -> column of the progress board. */
export function progressOf(percentComplete: number | null | undefined): Progress {
  const percent = percentComplete ?? 0;
  return percent <= 0 ? "notStarted" : percent >= 100 ? "completed" : "inProgress";
}

/** priority 0..10 (absent = 5, the service's default) -> word. */
export function priorityOf(priority: number | null | undefined): Priority {
  const value = priority ?? 5;
  return value <= 1 ? "urgent" : value <= 4 ? "important" : value <= 7 ? "medium" : "low";
}

/** "Completed", "In progress (50 %)". */
export function describeProgress(percentComplete: number | null | undefined): string {
  const progress = progressOf(percentComplete);
  const word = PROGRESS_WORDS[progress];
  return progress === "inProgress" && percentComplete !== 50 ? `${word} (${percentComplete} %)` : word;
}

/** "Urgent"; numbers that Planner itself does not write are shown: "Urgent (0)". */
export function describePriority(priority: number | null | undefined): string {
  const word = PRIORITY_WORDS[priorityOf(priority)];
  return [1, 3, 5, 9].includes(priority ?? 5) ? word : `${word} (${priority})`;
}

const PREVIEW_WORDS: Record<string, string> = { automatic: "Automatic", noPreview: "Nothing", checklist: "Checklist", description: "Notes", reference: "Attachment" };

/** What a card shows of its task. A value that is not known here is shown as it is. */
export const describePreview = (previewType: string): string => PREVIEW_WORDS[previewType] ?? previewType;
