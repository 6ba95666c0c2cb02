import Link from "next/link";
import { ArrowRight } from "lucide-react";
import { ApprovalHelp } from "@/components/consent/approval-help";
import { AskAdmin } from "@/components/consent/ask-admin";
import { ConsentLinks } from "@/components/consent/consent-links";
import { GRANTING_ROLES } from "@/components/consent/permissions";
import { PurposeCard } from "@/components/consent/purpose-card";
import { RefreshOnChange } from "@/components/refresh-on-change";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { listConsentLinks, listTenants } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { createConsentLinkAction, revokeConsentLinkAction, startConsentAction } from "./actions";

export const metadata = { title: "Consent" };

export default async function ConsentPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const manage = may("connection.manage");
  const [tenants, links] = await load(() => Promise.all([listTenants(actor, workspace.id), manage ? listConsentLinks(actor, workspace.id) : []]));
  return (
    <>
      <RefreshOnChange url={`/api/w/${workspace.id}/consent/events`} />
      <PageHeader title="Consent">
        An administrator of the Microsoft tenant allows Planback once. It can be granted by a {GRANTING_ROLES}; usually nobody needs to be Global Administrator.
      </PageHeader>
      {manage ? null : <Notice className="mb-6">Only owners and admins of this workspace can ask for consent. You see its state.</Notice>}
      <div className="space-y-10">
        {tenants.map((tenant) => (
          <section key={tenant.id} aria-labelledby={`tenant-${tenant.tid}`}>
            <h2 id={`tenant-${tenant.tid}`} className="font-semibold">{tenant.name ?? (tenant.tid === actor.tid ? actor.username.split("@")[1] : "Microsoft tenant")}</h2>
            <p className="mb-3 font-mono text-[0.8125rem] text-muted [overflow-wrap:anywhere]">{tenant.tid}</p>
            <div className="grid grid-cols-1 gap-4 xl:grid-cols-2 xl:items-start">
              {[tenant.consent.backup, tenant.consent.restore, tenant.appOnly].flatMap((one) => one ?? []).map((consent) => {
                const { purpose } = consent;
                const asks = manage && tenant.tid === actor.tid && consent.state !== "granted";
                return (
                  <PurposeCard
                    key={purpose}
                    consent={consent}
                    actions={asks ? (
                      <>
                        <ActionButton variant="primary" action={startConsentAction.bind(null, workspace.id, purpose)}>Grant consent</ActionButton>
                        <AskAdmin purpose={purpose} workspaceName={workspace.name} create={createConsentLinkAction.bind(null, workspace.id, purpose)} />
                      </>
                    ) : undefined}
                  >
                    {purpose === "backup" && consent.state === "granted" ? <Button asChild variant="primary"><Link href={`${base}/connections`}>Go on: connect an account<ArrowRight aria-hidden /></Link></Button> : null}
                    {purpose === "app_only" && consent.state === "granted" ? <Button asChild variant="primary"><Link href={`${base}/connections/new`}>Go on: connect the whole tenant<ArrowRight aria-hidden /></Link></Button> : null}
                  </PurposeCard>
                );
              })}
            </div>
          </section>
        ))}
        {links.length > 0 ? <ConsentLinks links={links} revoke={revokeConsentLinkAction.bind(null, workspace.id)} /> : null}
        <ApprovalHelp />
      </div>
    </>
  );
}
