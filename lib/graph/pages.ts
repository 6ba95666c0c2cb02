import { PlanbackError } from "@/lib/errors";

/** One page of a list. */
export interface Page<T> {
  value?: T[];
  "@odata.nextLink"?: string;
}

/** An answer that says 200 and holds nothing that can be used. It must not pass for "there is nothing". */
export const hollow = (template: string): PlanbackError =>
  new PlanbackError("graph_unavailable", "Microsoft 365 answered without saying what it was asked for. Nothing was lost; it can be tried again later.", { facts: { reason: "hollow answer", template } });

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

/** The items of a page; null when the answer is no page. */
export function itemsOfPage<T>(page: unknown): T[] | null {
  const value = isObject(page) ? (page as Page<T>).value : undefined;
  return Array.isArray(value) && value.every((item) => item !== null && item !== undefined) ? value : null;
}

/** An object that changes its place while pages are read may be in two of them: it counts once, as it was in the later one. */
export const idOf = (item: unknown): unknown => (item as { id?: unknown }).id;

export const distinct = <T>(items: readonly T[]): T[] => [...new Map(items.map((item, index): [unknown, T] => [idOf(item) ?? index, item])).values()];

export const endless = (): PlanbackError => new PlanbackError("graph_rejected", "Microsoft 365 sent a list of pages without an end. The list was not used.");
