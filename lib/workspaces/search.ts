import type { Tx } from "@/lib/db";
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
  const { plans, rows, snapshots } = await inWorkspace(actor, workspaceId, "content.view", async (tx) => {
    const plans = await tx.plan.findMany({ where: { workspaceId: me.workspaceId, snapshots: { some: { state: { not: "open" } } } }, select: { workspaceId: true, id: true, sealedNames: true, goneAt: true, searchSnapshotId: true } });
    if (tokens.length === 0) return { plans, rows: [], snapshots: [] };
    const filters = Prisma.sql`
      ${isId(query.planId) ? Prisma.sql`AND e.plan_id = ${query.planId}::uuid` : Prisma.empty}
      ${query.goneOnly ? Prisma.sql`AND (e.gone_at IS NOT NULL OR e.plan_id = ANY(${plans.filter((plan) => plan.goneAt).map((plan) => plan.id)}::uuid[]))` : Prisma.empty}`;
    const rows = await findEntries(tx, me.workspaceId, tokens.map(String), filters, { limit: PAGE + 1, offset: (page - 1) * PAGE });
    const wanted = [...rows.map((row) => row.lastSnapshotId), ...plans.flatMap((plan) => plan.searchSnapshotId ?? [])];
    const snapshots = await tx.snapshot.findMany({ where: { workspaceId: me.workspaceId, id: { in: wanted } }, select: { id: true, takenAt: true, removedAt: true } });
    await recordReading(tx, me.workspaceId, actor, { action: "search.made", target: { kind: "workspace", id: me.workspaceId } });
    return { plans, rows, snapshots };
  });
  const names = new Map(await Promise.all(plans.map(async (plan) => [plan.id, await openPlanNames(plan)] as const)));
  const planOf = new Map(plans.map((plan) => [plan.id, plan]));
  const snapshotOf = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const hits = await Promise.all(rows.slice(0, PAGE).map(async (row): Promise<SearchHit | null> => {
    const plan = planOf.get(row.planId);
    const known = row.goneAt ? undefined : snapshotOf.get(plan?.searchSnapshotId ?? "");
    const last = known && known.takenAt > row.lastAt ? known : snapshotOf.get(row.lastSnapshotId);
    if (!plan || !last || last.removedAt) return null; // retention took it away a moment ago
    const summary = await openJson<SearchSummary>(me.workspaceId, "content", PLACE.searchSummary(row.planId, row.taskId), row.sealedSummary);
    const { title: planTitle, groupName } = names.get(row.planId)!;
    return { planId: row.planId, taskId: row.taskId, ...summary, planTitle, groupName, snapshotId: last.id, firstAt: row.firstAt.toISOString(), lastAt: last.takenAt.toISOString(), goneAt: (row.goneAt ?? plan.goneAt)?.toISOString() ?? null };
  }));
  return {
    from: (page - 1) * PAGE + 1, page, hasMore: rows.length > PAGE && page < MAX_PAGE, isEmptyQuery: tokens.length === 0, hits: hits.filter((hit) => hit !== null),
    plans: [...names].map(([id, { title, groupName }]) => ({ id, title, groupName })).sort((a, b) => a.title.localeCompare(b.title) || a.id.localeCompare(b.id)),
  };
}

interface Row { planId: string; taskId: string; firstAt: Date; lastAt: Date; goneAt: Date | null; lastSnapshotId: string; sealedSummary: Uint8Array }

/** Words that more tasks have than this are met soon by walking from the latest change backwards. */
const COMMON = 20_000;
/** So far back tasks are looked for that have several common words; who has not enough by then is looked for by the words. */
const LATEST = 20_000;

/** Entries that have all tokens, latest change first. */
async function findEntries(tx: Tx, workspaceId: string, tokens: string[], filters: Prisma.Sql, { limit, offset }: { limit: number; offset: number }): Promise<Row[]> {
  const columns = Prisma.sql`e.plan_id AS "planId", e.task_id AS "taskId", e.first_at AS "firstAt", e.last_at AS "lastAt", e.gone_at AS "goneAt", e.last_snapshot_id AS "lastSnapshotId", e.sealed_summary AS "sealedSummary"`;
  const inOrder = Prisma.sql`ORDER BY e.changed_at DESC, e.plan_id, e.number`;
  const page = Prisma.sql`${inOrder} LIMIT ${limit} OFFSET ${offset}`;
  const counts = await tx.$queryRaw<{ token: string; count: number }[]>`
    SELECT token::text AS token, sum(cardinality(tasks))::float8 AS count FROM search_posting WHERE workspace_id = ${workspaceId}::uuid AND token = ANY(${tokens}::text[]::bigint[])
    GROUP BY token ORDER BY count`;
  const [rarest, ...others] = counts;
  if (!rarest || counts.length < tokens.length) return [];
  const has = (token: string, planId: Prisma.Sql, number: Prisma.Sql) => Prisma.sql`
    AND EXISTS (SELECT FROM search_posting p WHERE p.workspace_id = ${workspaceId}::uuid AND p.token = ${token}::bigint AND p.plan_id = ${planId} AND ${number} = ANY(p.tasks))`;
  if (rarest.count > COMMON) {
    const all = Prisma.join(counts.map(({ token }) => has(token, Prisma.sql`e.plan_id`, Prisma.sql`e.number`)), " ");
    const latest = others.length === 0 ? Prisma.sql`search_entry e` : Prisma.sql`(SELECT * FROM search_entry e WHERE e.workspace_id = ${workspaceId}::uuid ${inOrder} LIMIT ${LATEST}) e`;
    const rows = await tx.$queryRaw<Row[]>`SELECT ${columns} FROM ${latest} WHERE e.workspace_id = ${workspaceId}::uuid ${filters} ${all} ${page}`;
    if (others.length === 0 || rows.length === limit) return rows;
  }
  return tx.$queryRaw<Row[]>`
    WITH found AS MATERIALIZED (
      SELECT first.plan_id, each.number FROM search_posting first CROSS JOIN unnest(first.tasks) each (number)
      WHERE first.workspace_id = ${workspaceId}::uuid AND first.token = ${rarest.token}::bigint
      ${others.length > 0 ? Prisma.join(others.map(({ token }) => has(token, Prisma.sql`first.plan_id`, Prisma.sql`each.number`)), " ") : Prisma.empty}
    ), top AS (
      SELECT e.plan_id, e.number FROM found JOIN search_entry e ON e.workspace_id = ${workspaceId}::uuid AND e.plan_id = found.plan_id AND e.number = found.number
      WHERE true ${filters} ${page})
    SELECT ${columns} FROM top JOIN search_entry e ON e.workspace_id = ${workspaceId}::uuid AND e.plan_id = top.plan_id AND e.number = top.number ${inOrder}`;
}

/** Makes the index anew from the snapshots, in the background; until then the search finds less. */
export async function rebuildSearch(actor: Actor, workspaceId: string): Promise<void> {
  await inWorkspace(actor, workspaceId, "storage.verify", async (tx, me) => {
    await send("search-rebuild", { workspaceId: me.workspaceId }, { tx });
    await record(tx, me.workspaceId, actor, { action: "search.rebuilt" });
  });
}
