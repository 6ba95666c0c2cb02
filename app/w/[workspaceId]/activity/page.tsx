import Link from "next/link";
import { ArrowRight, Download, History } from "lucide-react";
import { EntryList } from "@/components/activity/entry-list";
import { Filter } from "@/components/activity/filter";
import { VerifyChain } from "@/components/activity/verify-chain";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { listActivity } from "@/lib/workspaces";
import type { ActivityFilter } from "@/lib/workspaces/types";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { verifyActivityAction } from "./actions";

export const metadata = { title: "Activity" };

type Search = Record<string, string | string[] | undefined>;
const FILTERS = ["actor", "action", "target", "from", "to"] as const;

/** What of the address is a filter, in one order, so that links of equal filters are equal. */
function only(names: readonly (keyof ActivityFilter)[], search: Search): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (typeof search[name] === "string" && search[name] !== "" ? [[name, search[name]] as const] : [])));
}

export default async function ActivityPage({ params, searchParams }: { params: Promise<{ workspaceId: string }>; searchParams: Promise<Search> }) {
  const { actor, workspace, base } = await pageContext(params);
  const search = await searchParams;
  const filter = only(FILTERS, search);
  const page = only(["before"], search);
  const { entries, next, actors, head } = await load(() => listActivity(actor, workspace.id, { ...filter, ...page }));
  const here = `${base}/activity`;
  const addressOf = (format: string) => `/api${here}/export?${new URLSearchParams({ ...filter, format })}`;
  return (
    <>
      <PageHeader
        title="Activity"
        actions={(["csv", "jsonl"] as const).map((format) => <Button key={format} asChild><a href={addressOf(format)} download><Download aria-hidden />{format === "csv" ? "CSV" : "JSON lines"}</a></Button>)}
      >
        Who did what, when, and from where; opening a snapshot is in it too. Entries are only ever added.
      </PageHeader>
      <Filter key={JSON.stringify(filter)} filter={filter} actors={actors} here={here} />
      {entries.length > 0 ? <EntryList entries={entries} base={base} /> : (
        <Empty icon={History} title="No entry is like this" action={<Button asChild><Link href={here}>Show everything</Link></Button>}>Another person, action or time may have some.</Empty>
      )}
      <nav aria-label="Pages" className="mt-4 flex flex-wrap gap-2 empty:hidden">
        {page.before ? <Button asChild variant="ghost"><Link href={`${here}?${new URLSearchParams(filter)}`}>Newest</Link></Button> : null}
        {next ? <Button asChild><Link href={`${here}?${new URLSearchParams({ ...filter, before: String(next) })}`}>Older<ArrowRight aria-hidden /></Link></Button> : null}
      </nav>
      <div className="mt-8">{head ? <VerifyChain head={`${head.seq}:${head.hash}`} verify={verifyActivityAction.bind(null, workspace.id)} /> : null}</div>
    </>
  );
}
