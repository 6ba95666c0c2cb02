import type { PageRequest } from "@/lib/workspaces/types";

interface Asked { limit: number; after: string | undefined }
interface Page<T> { items: T[]; next: string | null }

/** A page of what is all in memory, by id. */
export function pageById<T extends { id: string }>(all: readonly T[], { limit, after }: Asked): Page<T> {
  const rest = all.filter(({ id }) => after === undefined || id > after).sort((a, b) => (a.id < b.id ? -1 : 1));
  return endAt(rest.slice(0, limit + 1), limit);
}

/** A page that the database reads, in the order it has. */
export async function pageOfRows<T extends { id: string }>(read: (rows: PageRequest) => Promise<T[]>, { limit, after }: Asked): Promise<Page<T>> {
  return endAt(await read({ limit: limit + 1, after }), limit);
}

/** One more was read than fits, to know whether there is more. */
function endAt<T extends { id: string }>(read: T[], limit: number): Page<T> {
  const items = read.slice(0, limit);
  return { items, next: read.length > limit ? items.at(-1)!.id : null };
}
