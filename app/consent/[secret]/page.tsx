import Link from "next/link";
import { APP_GRANTING_ROLES, Permissions, GRANTING_ROLES, PURPOSE_NAMES } from "@/components/consent/permissions";
import { PublicFrame } from "@/components/shell/public-frame";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { Time } from "@/components/ui/time";
import { CLOUD_FACTS } from "@/lib/config/clouds";
import { readConsentLink } from "@/lib/workspaces";
import type { PublicConsentView } from "@/lib/workspaces/types";
import { load } from "../../load";
import { startConsentFromLinkAction } from "./actions";

export const metadata = { title: "Consent request" };

/** For an administrator without an account here. Shows nothing of the workspace but its name and who asks. */
export default async function ConsentLinkPage({ params }: { params: Promise<{ secret: string }> }) {
  const { secret } = await params;
  const view = await load(() => readConsentLink(secret));
  return <PublicFrame>{view?.state === "open" ? <Request view={view} secret={secret} /> : <Closed state={view?.state ?? "unknown"} />}</PublicFrame>;
}

const CLOSED = {
  granted: { title: "Consent is granted", text: "Somebody granted it already. There is nothing left to do; you can close this page." },
  expired: { title: "This link has expired", text: "Ask the person who sent it for a new one. Nothing was granted through it." },
  revoked: { title: "This link was withdrawn", text: "The person who sent it, or another admin of the workspace, took it back. Nothing can be granted through it." },
  unknown: { title: "This link is not complete", text: "No such request exists. Copy the whole link from the message, or ask for a new one." },
};

function Closed({ state }: { state: keyof typeof CLOSED }) {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">{CLOSED[state].title}</h1>
      <p className="mt-2 text-muted">{CLOSED[state].text}</p>
      <Button asChild className="mt-6"><Link href="/">What is Planback?</Link></Button>
    </>
  );
}

function Request({ view, secret }: { view: PublicConsentView; secret: string }) {
  const facts: [string, React.ReactNode][] = [
    ["Asked by", view.requestedBy],
    ["For the workspace", view.workspaceName],
    ["Microsoft tenant", <>{view.tenantName ? `${view.tenantName}, ` : null}<code key="tid" className="font-mono text-[0.8125rem]">{view.tid}</code>{view.cloud === "global" ? null : <span key="cloud"> in Microsoft’s cloud {CLOUD_FACTS[view.cloud].name}</span>}</>],
    ["Application id", <code key="app" className="font-mono text-[0.8125rem]">{view.clientId}</code>],
    ["Valid until", <Time key="until" value={view.expiresAt} />],
  ];
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Allow Planback to {view.purpose === "restore" ? "restore Planner plans" : view.purpose === "backup" ? "back up Planner plans" : "back up the Planner plans of the whole organization"}</h1>
      <p className="mt-2 text-muted">You need no account here. Microsoft asks you to sign in and shows the same permissions; compare the application id. It can be granted by a {view.purpose === "app_only" ? APP_GRANTING_ROLES : GRANTING_ROLES}.</p>
      <dl className="mt-6 grid gap-x-6 gap-y-2 sm:grid-cols-[10rem_1fr]">
        {facts.map(([name, value]) => <div key={name} className="contents"><dt className="text-muted">{name}</dt><dd className="mb-2 min-w-0 [overflow-wrap:anywhere] sm:mb-0">{value}</dd></div>)}
      </dl>
      <Card className="mt-6">
        <CardHeader title={`Permissions for ${PURPOSE_NAMES[view.purpose]}`}>
          {view.purpose === "app_only"
            ? "They act without anybody signed in, at any time: Planback reads the plans of all groups, also of private ones. It changes nothing. After the consent Microsoft asks who you are once more: only an administrator of your Microsoft tenant can open it to this workspace."
            : "They act on behalf of a connection account that signs in later: Planback sees no more than that account sees."}
        </CardHeader>
        <CardBody><Permissions permissions={view.permissions} /></CardBody>
      </Card>
      {view.purpose === "app_only" ? <Notice tone="warn" className="mt-4" title="Who will see the plans">Everybody in the workspace “{view.workspaceName}” whose role shows backups, unless its owners limit them to some groups.</Notice> : null}
      <Notice className="mt-4" title="How to take it back">In the Microsoft Entra admin center: Enterprise applications, Planback, Properties, Delete; or Permissions, Review permissions. There you can also limit who may sign in (Assignment required).</Notice>
      <div className="mt-6"><ActionButton variant="primary" size="large" action={startConsentFromLinkAction.bind(null, secret)}>Grant consent</ActionButton></div>
    </>
  );
}
