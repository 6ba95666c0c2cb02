import Link from "next/link";
import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { WayFacts, WAYS } from "@/components/connection/ways";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { listConnections, listTenants } from "@/lib/workspaces";
import type { ConnectionView, MicrosoftTenantView } from "@/lib/workspaces/types";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";
import { connectAppOnlyAction, startConnectAction } from "../actions";

export const metadata = { title: "Add a connection" };

/** The two ways side by side, with what each of the workspace's Microsoft tenants can do next. */
export default async function NewConnectionPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const [tenants, connections] = await load(() => Promise.all([listTenants(actor, workspace.id), listConnections(actor, workspace.id)]));
  const nameOf = (tenant: MicrosoftTenantView) => tenant.name ?? (tenant.tid === actor.tid ? actor.username.split("@")[1] : tenant.tid);
  const inTenant = (words: string, tenant: MicrosoftTenantView) => `${words}${tenants.length > 1 ? ` in ${nameOf(tenant)}` : ""}`;
  const consent = (words: string) => <Button asChild><Link href={`${base}/consent`}>{words}<ArrowRight aria-hidden /></Link></Button>;
  const offering = tenants.filter((tenant) => tenant.appOnly);
  return (
    <>
      <PageHeader title="Add a connection" crumbs={[{ label: "Connections", href: `${base}/connections` }]}>Two ways for Planback to read plans. Both can be used in one Microsoft tenant, for the same plans or for others.</PageHeader>
      {may("connection.manage") ? null : <Notice className="mb-4">Only owners and admins of this workspace can add connections.</Notice>}
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <Way way="account">
          {may("connection.manage") ? tenants.map((tenant) => (
            tenant.consent.backup.state === "granted"
              ? <ActionButton key={tenant.id} variant="primary" action={startConnectAction.bind(null, workspace.id, "backup", tenant.tid, null)}>{inTenant("Connect account", tenant)}</ActionButton>
              : <span key={tenant.id}>{consent(inTenant("First: consent for Backup", tenant))}</span>
          )) : null}
        </Way>
        <Way way="app_only">
          {offering.length === 0 ? <p className="text-muted">This installation is not set up for it. Its operator can register an app-only application.</p> : null}
          {may("connection.manage") ? offering.map((tenant) => <WholeTenant key={tenant.id} tenant={tenant} connections={connections} base={base} workspaceId={workspace.id} label={inTenant("Connect the whole tenant", tenant)} consent={consent(inTenant("First: consent for App-only backup", tenant))} />) : null}
        </Way>
      </div>
    </>
  );
}

function Way({ way, children }: { way: keyof typeof WAYS; children: ReactNode }) {
  return (
    <Card aria-labelledby={`way-${way}`} className="flex flex-col">
      <CardHeader id={`way-${way}`} title={WAYS[way].title}>{WAYS[way].sentence}</CardHeader>
      <CardBody className="flex flex-1 flex-col justify-between gap-5"><WayFacts way={way} /><div className="flex flex-wrap items-start gap-2">{children}</div></CardBody>
    </Card>
  );
}

interface WholeTenantProps { tenant: MicrosoftTenantView; connections: ConnectionView[]; base: string; workspaceId: string; label: string; consent: ReactNode }

function WholeTenant({ tenant, connections, base, workspaceId, label, consent }: WholeTenantProps) {
  const connected = connections.find(({ kind, tid }) => kind === "app_only" && tid === tenant.tid);
  if (connected) return <Button asChild><Link href={`${base}/connections/${connected.id}`}>It is connected: open it<ArrowRight aria-hidden /></Link></Button>;
  if (tenant.appOnly!.state !== "granted") return consent;
  return (
    <ActionButton
      variant="primary"
      action={connectAppOnlyAction.bind(null, workspaceId, tenant.tid)}
      question={{
        title: "Read the plans of the whole organization?", confirm: "Connect the whole tenant", keep: "Not now",
        text: "Everybody in this workspace whose role shows backups will see the plans that are backed up, also those of private groups they are not in. On the Members page, people can be limited to some groups.",
      }}
    >{label}…</ActionButton>
  );
}
