import { send } from "@/lib/db/queue";
import { Prisma } from "@/lib/generated/prisma/client";
import { record, recordReading } from "./audit";
import { inWorkspace, isId } from "./authorise";
import { openJson, searchKey } from "./keys";
import { openPlanNames } from "./planNames";
import { PLACE, type SearchSummary } from "./sealed";
import { blind, wantedTerms } from "./searchTokens";
import type { Actor, SearchHit, SearchResult } from "./types";

export interface SearchQuery {
  text: string;
  planId: string | null;
  /** Only what is not in Microsoft 365 any more. */
  goneOnly: boolean;
  /** From 1. */
  page: number;
}

const PAGE = 25;
const MAX_PAGE = 40;

/**
 * Tasks that any kept snapshot holds and that have all words of the text, or longer words that begin so: in title, notes,
 * checklist, comments, labels, names of people, bucket or plan. What changed last comes first. A text without a word finds nothing.
 */
export async function search(actor: Actor, workspaceId: string, query: SearchQuery): Promise<SearchResult> {
  const terms = wantedTerms(query.text.slice(0, 500));
  const page = Number.isInteger(query.page) ? Math.min(Math.max(query.page, 1), MAX_PAGE) : 1;
  const me = await inWorkspace(actor, workspaceId, "content.view", (_tx, membership) => Promise.resolve(membership));
  const tokens = terms.size > 0 ? blind(await searchKey(me.workspaceId), terms) : [];
  const { plans, rows } = await inWorkspace(actor, workspaceId, "content.view", async (tx) => {
    const plans = await tx.plan.findMany({ where: { workspaceId: me.workspaceId, snapshots: { some: { state: { not: "open" } } } }, select: { workspaceId: true, id: true, sealedNames: true } });
    if (tokens.length === 0) return { plans, rows: [] };
    // A word of many tasks gives a large bitmap, which must stay exact.
    await tx.$executeRaw`SET LOCAL work_mem = '64MB'`;
    const wanted = Prisma.sql`e.workspace_id = ${me.workspaceId}::uuid AND e.tokens @> ${tokens.map(String)}::text[]::bigint[]
      ${isId(query.planId) ? Prisma.sql`AND e.plan_id = ${query.planId}::uuid` : Prisma.empty} ${query.goneOnly ? Prisma.sql`AND (e.gone_at IS NOT NULL OR p.gone_at IS NOT NULL)` : Prisma.empty}`;
    const rows = await tx.$queryRaw<Row[]>`
      SELECT e.plan_id AS "planId", e.task_id AS "taskId", e.first_at AS "firstAt", e.sealed_summary AS summary, coalesce(e.gone_at, p.gone_at) AS "goneAt", s.id AS "snapshotId", s.taken_at AS "lastAt"
      FROM search_entry e
      JOIN plan p ON p.workspace_id = e.workspace_id AND p.id = e.plan_id
      LEFT JOIN snapshot known ON known.workspace_id = e.workspace_id AND known.id = p.search_snapshot_id AND e.gone_at IS NULL AND known.taken_at > e.last_at
      JOIN snapshot s ON s.workspace_id = e.workspace_id AND s.id = coalesce(known.id, e.last_snapshot_id)
      WHERE ${wanted} AND s.removed_at IS NULL
      ORDER BY e.changed_at DESC, e.plan_id, e.task_id LIMIT ${PAGE + 1} OFFSET ${(page - 1) * PAGE}`;
    await recordReading(tx, me.workspaceId, actor, { action: "search.made", target: { kind: "workspace", id: me.workspaceId } });
    return { plans, rows };
  });
  const names = new Map(await Promise.all(plans.map(async (plan) => [plan.id, await openPlanNames(plan)] as const)));
  return {
    from: (page - 1) * PAGE + 1, page, hasMore: rows.length > PAGE && page < MAX_PAGE, isEmptyQuery: tokens.length === 0,
    plans: [...names].map(([id, { title, groupName }]) => ({ id, title, groupName })).sort((a, b) => a.title.localeCompare(b.title) || a.id.localeCompare(b.id)),
    hits: await Promise.all(rows.slice(0, PAGE).map(async (row): Promise<SearchHit> => {
      const summary = await openJson<SearchSummary>(me.workspaceId, "content", PLACE.searchSummary(row.planId, row.taskId), row.summary);
      return {
        planId: row.planId, taskId: row.taskId, ...summary, planTitle: names.get(row.planId)?.title ?? "", groupName: names.get(row.planId)?.groupName ?? "",
        snapshotId: row.snapshotId, firstAt: row.firstAt.toISOString(), lastAt: row.lastAt.toISOString(), goneAt: row.goneAt?.toISOString() ?? null,
      };
    })),
  };
}

interface Row { planId: string; taskId: string; firstAt: Date; lastAt: Date; goneAt: Date | null; snapshotId: string; summary: Uint8Array }

/** Makes the index anew from the snapshots, in the background; until then the search finds less. */
export async function rebuildSearch(actor: Actor, workspaceId: string): Promise<void> {
  await inWorkspace(actor, workspaceId, "storage.verify", async (tx, me) => {
    await send("search-rebuild", { workspaceId: me.workspaceId }, { tx });
    await record(tx, me.workspaceId, actor, { action: "search.rebuilt" });
  });
}
