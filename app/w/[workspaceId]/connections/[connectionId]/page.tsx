import Link from "next/link";
import { ArrowRight, RefreshCw } from "lucide-react";
import { ConnectionLive } from "@/components/connection/live";
import { Extras } from "@/components/connection/extras";
import { connectOutcome } from "@/components/connection/outcomes";
import { tenantLabel } from "@/components/connection/state";
import { PURPOSE_NAMES } from "@/components/consent/permissions";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { CLOUD_FACTS } from "@/lib/config/clouds";
import { getConnection } from "@/lib/workspaces";
import type { ConnectionView } from "@/lib/workspaces/types";
import { load } from "../../../../load";
import { pageContext, type PageContext } from "../../../../page-context";
import { recheckConnectionAction, removeConnectionAction, removeWriteAccessAction, setExtrasAction, startConnectAction } from "../actions";

export const metadata = { title: "Connection" };

interface Props { params: Promise<{ workspaceId: string; connectionId: string }>; searchParams: Promise<{ outcome?: string }> }

export default async function ConnectionPage({ params, searchParams }: Props) {
  const context = await pageContext(params);
  const { actor, workspace, base, may } = context;
  const { connectionId } = await params;
  const connection = await load(() => getConnection(actor, workspace.id, connectionId));
  const outcome = connectOutcome((await searchParams).outcome);
  const manage = may("connection.manage");
  return (
    <>
      <PageHeader
        title={connection.name}
        crumbs={[{ label: "Connections", href: `${base}/connections` }]}
        actions={
          <>
            {manage ? <ActionButton action={recheckConnectionAction.bind(null, workspace.id, connection.id)} done="The checks have started"><RefreshCw aria-hidden />Check again</ActionButton> : null}
            {may("policy.manage") && connection.catalogueAt ? <Button asChild variant="primary"><Link href={`${base}/policies/new?connection=${connection.id}`}>Choose plans<ArrowRight aria-hidden /></Link></Button> : null}
          </>
        }
      >
        {connection.username}, {tenantLabel(connection)}{connection.cloud === "global" ? "" : ` (${CLOUD_FACTS[connection.cloud].name})`}
      </PageHeader>
      <div className="space-y-4">
        {outcome ? <Notice tone={outcome.tone} live title={outcome.title}>{outcome.text}</Notice> : null}
        {connection.backupState !== "active" ? <Broken context={context} connection={connection} /> : null}
        <ConnectionLive url={`/api/w/${workspace.id}/connections/${connection.id}/events`} initial={connection} />
        {connection.extras === null ? null : <Extras on={connection.extras} appOnly={connection.kind === "app_only"} change={manage ? setExtrasAction.bind(null, workspace.id, connection.id, !connection.extras) : null} />}
        {connection.kind === "account" && (manage || may("restore.run")) ? <WriteAccess context={context} connection={connection} /> : null}
        {manage ? <Remove context={context} connection={connection} /> : null}
      </div>
    </>
  );
}

interface PartProps { context: PageContext; connection: ConnectionView }

function Broken({ context: { workspace, base, may }, connection }: PartProps) {
  const signIn = connection.backupState === "needs_sign_in";
  return (
    <Notice
      tone="danger"
      title={signIn ? "The account must sign in again" : `The consent for ${PURPOSE_NAMES[connection.kind === "app_only" ? "app_only" : "backup"]} is missing`}
      actions={
        !may("connection.manage") ? undefined
          : signIn ? <ActionButton variant="primary" action={startConnectAction.bind(null, workspace.id, "backup", connection.tid, connection.id)}>Connect account again</ActionButton>
            : <Button asChild variant="primary"><Link href={`${base}/consent`}>Go to consent</Link></Button>
      }
    >
      {signIn ? "Microsoft does not accept its sign-in any more: the password was changed, it was disabled, or a stronger sign-in is asked for." : "An administrator removed it, or it was never complete."} Existing snapshots are safe; new backups wait until this is mended.
    </Notice>
  );
}

function WriteAccess({ context: { workspace, base, may }, connection }: PartProps) {
  const active = connection.restoreState === "active";
  const manage = may("connection.manage");
  return (
    <Card aria-labelledby="write-title">
      <CardHeader id="write-title" title="Write access for restores">Backups only read. To put something back, the account signs in once more with the Restore permissions; {connection.keptForDrills ? "the write access stays for as long as a policy has restore drills on a schedule." : "the write access is erased by itself after a while."}</CardHeader>
      <CardBody className="flex flex-wrap gap-2">
        {active && manage ? <ActionButton action={removeWriteAccessAction.bind(null, workspace.id, connection.id)}>Erase write access now</ActionButton> : null}
        {!active && connection.restoreState === "consent_missing" ? <Button asChild><Link href={`${base}/consent`}>Go to consent for Restore</Link></Button> : null}
        {!active && connection.restoreState !== "consent_missing" ? <ActionButton action={startConnectAction.bind(null, workspace.id, "restore", connection.tid, connection.id)}>Connect for restore</ActionButton> : null}
      </CardBody>
    </Card>
  );
}

function Remove({ context: { workspace }, connection }: PartProps) {
  const removal = connection.kind === "app_only" ? "Planback reads the tenant no more" : "Its sign-in is erased";
  return (
    <Card aria-labelledby="remove-title">
      <CardHeader id="remove-title" title="Remove this connection" actions={
        <ActionButton
          variant="danger"
          action={removeConnectionAction.bind(null, workspace.id, connection.id)}
          question={{ title: `Remove ${connection.name}?`, text: `${removal} and its policies stop. Snapshots stay and can be opened.`, confirm: "Remove connection" }}
        >Remove…</ActionButton>
      }>{removal} and its policies stop. Snapshots stay.{connection.kind === "app_only" ? " The consent stays too, until an administrator takes it back in Microsoft Entra ID." : ""}</CardHeader>
    </Card>
  );
}
