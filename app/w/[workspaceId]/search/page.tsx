import Link from "next/link";
import { redirect } from "next/navigation";
import { SearchX } from "lucide-react";
import { SearchForm } from "@/components/search/form";
import { Hit } from "@/components/search/hit";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { search } from "@/lib/workspaces";
import type { SearchResult } from "@/lib/workspaces/types";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { rebuildSearchAction } from "./actions";

export const metadata = { title: "Search" };

type Params = Record<"q" | "plan" | "gone" | "page", string | string[] | undefined>;
interface Props { params: Promise<{ workspaceId: string }>; searchParams: Promise<Partial<Params>> }

/** Every task that a kept snapshot holds, also those that are gone from Microsoft 365. */
export default async function SearchPage({ params, searchParams }: Props) {
  const { actor, workspace, base, may } = await pageContext(params);
  const query = await searchParams;
  const text = typeof query.q === "string" ? query.q : "";
  const planId = typeof query.plan === "string" && query.plan !== "" ? query.plan : null;
  const goneOnly = query.gone === "1";
  const result = await load(() => search(actor, workspace.id, { text, planId, goneOnly, page: Number(query.page ?? 1) }));
  const pageUrl = (page: number) => `${base}/search?${new URLSearchParams({ q: text, ...(planId ? { plan: planId } : {}), ...(goneOnly ? { gone: "1" } : {}), page: String(page) })}`;
  if (result.hits.length === 0 && result.page > 1) redirect(pageUrl(1)); // an old link, beyond what is found now
  return (
    <>
      <PageHeader title="Search">In all backups: titles, notes, checklists, comments, labels, people, buckets and plans, also of tasks that are gone from Microsoft 365 or were overwritten.</PageHeader>
      <SearchForm text={text} planId={planId} goneOnly={goneOnly} plans={result.plans} />
      <p role="status" className="mb-3 text-muted tabular-nums">
        {result.isEmptyQuery ? "Type a word or its beginning." : result.hits.length === 0 ? "Nothing found." : describe(result)}
      </p>
      {!result.isEmptyQuery && result.hits.length === 0 ? (
        <Empty icon={SearchX} title="No task has all these words" action={may("storage.verify") ? <ActionButton action={rebuildSearchAction.bind(null, workspace.id)} done="The index is being made again. Search again in a few minutes." doneShown>Make the index again</ActionButton> : undefined}>
          Words are found from their beginning. Look for fewer words{planId || goneOnly ? ", or without the filters" : ""}. A backup that just ended is searchable a moment later; if something is missing for longer, the index can be made again from the backups.
        </Empty>
      ) : null}
      {result.hits.length > 0 ? (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {result.hits.map((hit) => <Hit key={`${hit.planId} ${hit.taskId}`} hit={hit} base={base} mayRestore={may("restore.run")} />)}
        </ul>
      ) : null}
      {result.page > 1 || result.hasMore ? (
        <nav aria-label="Pages of results" className="mt-4 flex items-center justify-between gap-3">
          {result.page > 1 ? <Button asChild><Link href={pageUrl(result.page - 1)}>Previous</Link></Button> : <span />}
          {result.hasMore ? <Button asChild><Link href={pageUrl(result.page + 1)}>Next</Link></Button> : null}
        </nav>
      ) : null}
    </>
  );
}

function describe({ hits, from, hasMore }: SearchResult): string {
  if (from === 1 && !hasMore) return `${plural(hits.length, "task")}, latest change first`;
  return `Tasks ${from} to ${from + hits.length - 1}${hasMore ? ", and more" : ""}, latest change first`;
}
