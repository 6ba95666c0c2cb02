import Link from "next/link";
import { ArrowRight, ChevronRight, Plug } from "lucide-react";
import { BackupState, ReadsOnly, RestoreState, tenantLabel } from "@/components/connection/state";
import { connectOutcome } from "@/components/connection/outcomes";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { listConnections, listTenants } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { startConnectAction } from "./actions";

export const metadata = { title: "Connections" };

interface Props { params: Promise<{ workspaceId: string }>; searchParams: Promise<{ outcome?: string }> }

export default async function ConnectionsPage({ params, searchParams }: Props) {
  const { actor, workspace, base, may } = await pageContext(params);
  const [connections, tenants] = await load(() => Promise.all([listConnections(actor, workspace.id), listTenants(actor, workspace.id)]));
  const consented = tenants.filter((tenant) => tenant.consent.backup.state === "granted");
  const outcome = connectOutcome((await searchParams).outcome);
  const offersTenant = may("connection.manage") && tenants.some((tenant) => tenant.appOnly);
  const connectButtons = may("connection.manage")
    ? [...consented.map((tenant) => (
        <ActionButton key={tenant.tid} variant="primary" action={startConnectAction.bind(null, workspace.id, "backup", tenant.tid, null)}>
          Connect account{consented.length > 1 ? ` in ${tenant.name ?? (tenant.tid === actor.tid ? actor.username.split("@")[1] : tenant.tid)}` : ""}
        </ActionButton>
      )), ...(offersTenant ? [<Button key="new" asChild><Link href={`${base}/connections/new`}>Connect the whole tenant…</Link></Button>] : [])]
    : null;
  return (
    <>
      <PageHeader title="Connections" actions={connections.length > 0 ? connectButtons : undefined}>What Planback reads and restores with. An account sees what its groups let it see, so it must be a member of the groups you protect{offersTenant ? "; an app-only connection reads the whole tenant and writes nothing" : ""}.</PageHeader>
      {outcome ? <Notice tone={outcome.tone} live title={outcome.title} className="mb-6">{outcome.text}</Notice> : null}
      {connections.length === 0 ? (
        <Empty icon={Plug} title="No account is connected" action={<>{consented.length > 0 ? null : <Button asChild variant="primary"><Link href={`${base}/consent`}>Go to consent<ArrowRight aria-hidden /></Link></Button>}{connectButtons}</>}>
          {consented.length > 0
            ? "Sign in as the account that Planback shall use. It needs no administrator role. A dedicated account is best: people leave, backups stay."
            : "First an administrator grants consent for Backup. After that any account can be connected, without administrator rights."}
        </Empty>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {connections.map((connection) => {
            const unmet = connection.requirements.filter((requirement) => requirement.state === "unmet").length;
            return (
              <li key={connection.id}>
                <Link href={`${base}/connections/${connection.id}`} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 hover:bg-subtle">
                  <span className="min-w-0 flex-1 basis-60">
                    <span className="block truncate font-medium">{connection.name}</span>
                    <span className="block truncate text-[0.8125rem] text-muted">{connection.username}, {tenantLabel(connection)}</span>
                  </span>
                  <span className="text-[0.8125rem] text-muted">{plural(connection.reachable.plans, "plan")} in {plural(connection.reachable.groups, "group")}{unmet > 0 ? `, ${plural(unmet, "requirement")} not met` : ""}</span>
                  <BackupState state={connection.backupState} />
                  {connection.kind === "app_only" ? <ReadsOnly /> : <RestoreState connection={connection} />}
                  <ChevronRight aria-hidden className="hidden size-4 text-muted sm:block" />
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
