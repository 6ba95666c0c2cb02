import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { bytesText, plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { ErasureView, WorkspaceView } from "@/lib/workspaces/types";

/** On every page of a workspace whose days are counted. */
export function DeletionNotice({ deletion, cancel }: { deletion: NonNullable<WorkspaceView["deletion"]>; cancel: (() => Promise<ActionResult>) | null }) {
  return (
    <Notice tone="danger" className="mb-6 print:hidden" title={<>This workspace will be deleted on <Time value={deletion.at} /></>} actions={cancel ? <ActionButton action={cancel} done="Cancelled">Cancel the deletion</ActionButton> : undefined}>
      {deletion.askedBy} asked for it. Until then everything works as before{cancel ? "" : ", and every owner can cancel it"}. Afterwards nobody can read its backups, and nobody can bring them back.
    </Notice>
  );
}

/** Where an owner asks for it. */
export function DeleteWorkspace({ name, remove }: { name: string; remove: (typedName: string) => Promise<ActionResult<unknown>> }) {
  return (
    <Card aria-labelledby="delete-title">
      <CardHeader id="delete-title" title="Delete this workspace">All backups, policies, connections and members. Nothing in Microsoft 365 is touched.</CardHeader>
      <CardBody>
        <ActionButton
          variant="danger" action={remove} done="The deletion is asked for"
          question={{ title: `Delete ${name}?`, text: "It is deleted in 14 days; until then every owner can cancel it. Then its keys are destroyed, so that no copy of its backups can ever be read again.", confirm: "Delete in 14 days", keep: "Keep it", typed: name }}
        >Delete workspace…</ActionButton>
      </CardBody>
    </Card>
  );
}

/** What is left of the workspaces that this person had deleted. */
export function Erasures({ erasures }: { erasures: ErasureView[] }) {
  if (erasures.length === 0) return null;
  return (
    <section aria-labelledby="erasures-title" className="mt-10">
      <h2 id="erasures-title" className="font-semibold">Deleted workspaces</h2>
      <ul className="mt-3 divide-y divide-line rounded-lg border border-line bg-surface">
        {erasures.map((one) => (
          <li key={one.workspaceId} className="px-4 py-3 text-[0.8125rem]">
            <p className="font-medium">Keys destroyed <Time value={one.keysDestroyedAt} /></p>
            <p className="text-muted">
              {one.finishedAt ? <>All removed <Time value={one.finishedAt} />: {plural(one.rows, "row")}, {plural(one.objects ?? 0, "object")} ({bytesText(one.bytes ?? 0)}).</> : "What was stored is being removed; nobody can read it any more."}
            </p>
            <p className="text-muted [overflow-wrap:anywhere]">Workspace {one.workspaceId}{one.anchor ? `, end of its activity log ${one.anchor}` : ""}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
