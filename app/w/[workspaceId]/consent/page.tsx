import Link from "next/link";
import { ArrowRight } from "lucide-react";
import { ApprovalHelp } from "@/components/consent/approval-help";
import { AskAdmin } from "@/components/consent/ask-admin";
import { ConsentLinks } from "@/components/consent/consent-links";
import { OtherCloudConsent, type OtherCloud } from "@/components/consent/other-cloud";
import { GRANTING_ROLES } from "@/components/consent/permissions";
import { PurposeCard } from "@/components/consent/purpose-card";
import { RefreshOnChange } from "@/components/refresh-on-change";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { config } from "@/lib/config";
import { CLOUD_FACTS, CLOUDS, type Cloud } from "@/lib/config/clouds";
import { listConsentLinks, listTenants } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { createConsentLinkAction, revokeConsentLinkAction, startConsentAction } from "./actions";

export const metadata = { title: "Consent" };

export default async function ConsentPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const manage = may("connection.manage");
  const [tenants, links] = await load(() => Promise.all([listTenants(actor, workspace.id), manage ? listConsentLinks(actor, workspace.id) : []]));
  const { cloud: home, clouds } = config();
  const others = CLOUDS.flatMap((cloud): OtherCloud<Cloud>[] => {
    const here = cloud === home ? undefined : clouds[cloud];
    return here ? [{ cloud, name: CLOUD_FACTS[cloud].name, words: CLOUD_FACTS[cloud].words, grants: here.apps.appOnly ? ["backup", "restore", "app_only"] : ["backup", "restore"] }] : [];
  });
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
            <p className="mb-3 font-mono text-[0.8125rem] text-muted [overflow-wrap:anywhere]">{tenant.tid}{tenant.cloud === home && others.length === 0 ? null : <span className="font-sans">, {CLOUD_FACTS[tenant.cloud].name}</span>}</p>
            <div className="grid grid-cols-1 gap-4 xl:grid-cols-2 xl:items-start">
              {[tenant.consent.backup, tenant.consent.restore, tenant.appOnly].flatMap((one) => one ?? []).map((consent) => {
                const { purpose } = consent;
                const elsewhere = tenant.cloud === home ? undefined : { cloud: tenant.cloud, tid: tenant.tid };
                const asks = manage && (elsewhere !== undefined || tenant.tid === actor.tid) && consent.state !== "granted";
                return (
                  <PurposeCard
                    key={purpose}
                    consent={consent}
                    actions={asks ? (
                      <>
                        <ActionButton variant="primary" action={startConsentAction.bind(null, workspace.id, purpose, elsewhere)}>Grant consent</ActionButton>
                        <AskAdmin purpose={purpose} workspaceName={workspace.name} create={createConsentLinkAction.bind(null, workspace.id, purpose, elsewhere)} />
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
        {manage && others.length > 0 ? <OtherCloudConsent workspaceName={workspace.name} clouds={others} start={startConsentAction.bind(null, workspace.id)} link={createConsentLinkAction.bind(null, workspace.id)} /> : null}
        {links.length > 0 ? <ConsentLinks links={links} revoke={revokeConsentLinkAction.bind(null, workspace.id)} /> : null}
        <ApprovalHelp />
      </div>
    </>
  );
}
