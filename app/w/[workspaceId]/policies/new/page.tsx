import Link from "next/link";
import { ArrowRight, Plug } from "lucide-react";
import { tenantLabel } from "@/components/connection/state";
import { PolicyEditor } from "@/components/policy/editor";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Time } from "@/components/ui/time";
import { listConnections, readCatalogue } from "@/lib/workspaces";
import type { ConnectionView } from "@/lib/workspaces/types";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";
import { previewScheduleAction, savePolicyAction } from "../actions";
import { RefreshOnChange } from "@/components/refresh-on-change";

export const metadata = { title: "New policy" };

interface Props { params: Promise<{ workspaceId: string }>; searchParams: Promise<{ connection?: string }> }

export default async function NewPolicyPage({ params, searchParams }: Props) {
  const { actor, workspace, base, may } = await pageContext(params);
  const connections = await load(() => listConnections(actor, workspace.id));
  const wanted = (await searchParams).connection;
  const connection = connections.find((each) => each.id === wanted) ?? connections[0];
  const header = (
    <PageHeader title="New policy" crumbs={[{ label: "Policies", href: `${base}/policies` }]}>
      {connection ? <>Read with {connection.name}, {tenantLabel(connection)}.</> : "Choose groups and plans, a schedule and a retention."}
    </PageHeader>
  );
  if (!may("policy.manage")) return <>{header}<Notice tone="warn">Your role does not allow making policies. Ask an owner or admin of the workspace.</Notice></>;
  if (!connection) {
    return <>{header}<Empty icon={Plug} title="First connect an account" action={<Button asChild variant="primary"><Link href={`${base}/connections`}>Go to connections<ArrowRight aria-hidden /></Link></Button>}>Planback shows the groups and plans that the account reaches.</Empty></>;
  }
  const catalogue = await load(() => readCatalogue(actor, workspace.id, connection.id));
  if (!catalogue) return <>{header}<Reading connection={connection} url={`/api/w/${workspace.id}/connections/${connection.id}/events`} href={`${base}/connections/${connection.id}`} /></>;
  return (
    <>
      {header}
      {connections.length > 1 ? <Choose connections={connections} current={connection.id} base={base} /> : null}
      <p className="mb-3 text-[0.8125rem] text-muted">List read <Time value={catalogue.readAt} relative />. <Link href={`${base}/connections/${connection.id}`} className="underline underline-offset-2">Check again</Link> when something is missing.</p>
      <PolicyEditor
        key={connection.id}
        initial={{ name: "Daily backup", connectionId: connection.id, selection: { groups: [] }, schedule: { kind: "daily", at: "02:00", timeZone: "UTC" }, keepCount: null, keepDays: 90 }}
        catalogue={catalogue}
        save={savePolicyAction.bind(null, workspace.id, null)}
        preview={previewScheduleAction.bind(null, null)}
      />
    </>
  );
}

function Reading({ connection, url, href }: { connection: ConnectionView; url: string; href: string }) {
  return (
    <>
      <RefreshOnChange url={url} />
      <Empty icon={Plug} title={connection.checking ? "Groups and plans are being read" : "Groups and plans were not read yet"} action={<Button asChild><Link href={href}>See the checks</Link></Button>}>
        {connection.checking ? "This page goes on by itself." : "Run the checks of the connection; they also read the list."}
      </Empty>
    </>
  );
}

function Choose({ connections, current, base }: { connections: ConnectionView[]; current: string; base: string }) {
  return (
    <nav aria-label="Connection" className="mb-4 flex flex-wrap gap-2">
      {connections.map((connection) => (
        <Button key={connection.id} asChild size="small" variant={connection.id === current ? "primary" : "secondary"}>
          <Link href={`${base}/policies/new?connection=${connection.id}`} aria-current={connection.id === current ? "true" : undefined}>{connection.name}</Link>
        </Button>
      ))}
    </nav>
  );
}
