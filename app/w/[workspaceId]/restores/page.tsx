import Link from "next/link";
import { ArchiveRestore } from "lucide-react";
import { chosenText } from "@/components/restore/choices";
import { RestoreBadge } from "@/components/run/states";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { Time } from "@/components/ui/time";
import { listRestores } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";

export const metadata = { title: "Restores" };

const TARGETS = { in_place: "in place", new_plan: "into a new plan", existing_plan: "into another plan", new_group: "into a new group" };
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export default async function RestoresPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base } = await pageContext(params);
  const restores = await load(() => listRestores(actor, workspace.id));
  return (
    <>
      <PageHeader title="Restores">What was put back, drilled, previewed or stopped, with the report of each.</PageHeader>
      {restores.length === 0 ? (
        <Empty icon={ArchiveRestore} title="Nothing was restored yet" action={<Button asChild variant="primary"><Link href={`${base}/plans`}>Open plans</Link></Button>}>Open a plan, choose a snapshot, and press Restore… there. You see a preview before anything is written.</Empty>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {restores.map((restore) => (
            <li key={restore.id}>
              <Link href={`${base}/restores/${restore.id}`} className="flex flex-wrap items-center gap-x-5 gap-y-1 px-4 py-3 hover:bg-subtle sm:px-5">
                <span className="min-w-0 flex-1 basis-56">
                  <span className="block truncate font-medium">{restore.planTitle}</span>
                  <span className="block text-[0.8125rem] text-muted">{restore.isDrill ? "Restore drill" : restore.undoOf ? "Undo of a restore" : `${capital(chosenText(restore.request))}, ${TARGETS[restore.request.target.kind]}`}. By {restore.startedBy}, <Time value={restore.createdAt} relative /></span>
                </span>
                <RestoreBadge state={restore.state} isDrill={restore.isDrill} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
