import Link from "next/link";
import { CalendarClock } from "lucide-react";
import { RunList } from "@/components/run/run-list";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { listRuns } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";

export const metadata = { title: "Runs" };

export default async function RunsPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base } = await pageContext(params);
  const runs = await load(() => listRuns(actor, workspace.id));
  return (
    <>
      <PageHeader title="Runs">Every backup, by hand or on schedule, with what it could not read.</PageHeader>
      {runs.length === 0 ? (
        <Empty icon={CalendarClock} title="Nothing has run yet" action={<Button asChild variant="primary"><Link href={`${base}/policies`}>Open policies</Link></Button>}>A run starts on the schedule of a policy, or with its button “Back up now”.</Empty>
      ) : <RunList runs={runs} base={base} />}
    </>
  );
}
