/** Addresses of the history of a plan. Pure. */

/** The page that compares two snapshots, or one with the plan as it is now. */
export function compareUrl(planUrl: string, from: string, to: string): string {
  return `${planUrl}/compare?${new URLSearchParams({ from, to })}`;
}

/** The life of one task. */
export function taskUrl(planUrl: string, taskId: string): string {
  return `${planUrl}/tasks/${encodeURIComponent(taskId)}`;
}

/** The timeline with that snapshot in view; `item`: the task that is followed. */
export function timelineUrl(planUrl: string, query: { at?: string; page?: number; item?: string | null }): string {
  const params = new URLSearchParams();
  if (query.item) params.set("item", query.item);
  if (query.at) params.set("at", query.at);
  else if (query.page && query.page > 1) params.set("page", String(query.page));
  return params.size > 0 ? `${planUrl}?${params}` : planUrl;
}
