import { OPERATIONS } from "@/lib/api/operations";
import { search } from "@/lib/workspaces";
import { serve } from "../serve";

export const GET = serve(OPERATIONS.search, async ({ actor, workspaceId, query, after }) => {
  const page = Number(after ?? 1);
  const { hits, hasMore } = await search(actor, workspaceId, { text: query.q, planId: query.planId ?? null, goneOnly: query.gone === "true", page });
  return { items: hits, next: hasMore ? String(page + 1) : null };
});
