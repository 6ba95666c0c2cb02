import Link from "next/link";
import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { Time } from "@/components/ui/time";
import type { ConsentPurposeView } from "@/lib/workspaces/types";
import { APP_GRANTING_ROLES, Permissions, PURPOSE_NAMES } from "./permissions";

const SENTENCES = {
  backup: "Read groups, plans and people. Nothing in Microsoft 365 can be changed with it.",
  restore: "Put things back. Ask for it when you first need it; a connection account gets write access for a limited time only.",
  app_only: "Back up every plan of the whole Microsoft tenant, without an account and its memberships. Another way than Backup, not needed besides it; it only reads.",
} as const;

/** One purpose of one Microsoft tenant: state, permissions, and what to do next. */
export function PurposeCard({ consent, actions, children }: { consent: ConsentPurposeView; actions?: ReactNode; children?: ReactNode }) {
  const title = consent.purpose === "app_only" ? "App-only consent" : `${PURPOSE_NAMES[consent.purpose]} consent`;
  return (
    <Card aria-label={title}>
      <CardHeader title={title} actions={<ConsentBadge state={consent.state} />}>{SENTENCES[consent.purpose]}</CardHeader>
      <CardBody className="space-y-5">
        {consent.state === "granted" && consent.provenAt ? <p className="text-muted">Proven with a token of this Microsoft tenant <Time value={consent.provenAt} relative />. {consent.purpose === "app_only" ? "An administrator of it signed in for this workspace." : "Consent is needed once; any account can be connected now without administrator rights."}</p> : null}
        {consent.state === "lost" ? (
          <Notice tone="danger" title="The consent was removed">
            {consent.lostAt ? <>Noticed <Time value={consent.lostAt} relative />. </> : null}Existing snapshots are safe and can be opened. {consent.purpose === "restore" ? "Restores" : "New backups"} need the consent again.
            {consent.missingScopes.length > 0 ? <p className="mt-1">Missing: {consent.missingScopes.join(", ")}.</p> : null}
          </Notice>
        ) : null}
        {consent.purpose === "app_only" && consent.state !== "granted" ? (
          <p>It can be granted by a {APP_GRANTING_ROLES} only. Everybody in this workspace who sees backups will see plans of all groups; <Link href="/help/app-only" className="underline decoration-line-strong underline-offset-2">what that means</Link>.</p>
        ) : null}
        {actions ? <div className="flex flex-wrap items-start gap-3">{actions}</div> : null}
        <details open={consent.state !== "granted"}>
          <summary className="mb-3 rounded font-medium">What is asked for, and why</summary>
          <p className="mb-3"><Link href={`/help/permissions#${consent.purpose}`} className="inline-block rounded py-1 underline decoration-line-strong underline-offset-2">Help: permissions explained, and how to take them back</Link></p>
          <Permissions permissions={consent.permissions} granted={consent.state === "granted" ? consent.grantedScopes : []} />
        </details>
        {children}
      </CardBody>
    </Card>
  );
}

function ConsentBadge({ state }: { state: ConsentPurposeView["state"] }) {
  if (state === "granted") return <Badge tone="ok" icon={<CircleCheck aria-hidden />}>Granted</Badge>;
  if (state === "lost") return <Badge tone="danger" icon={<CircleX aria-hidden />}>Removed</Badge>;
  return <Badge icon={<CircleDashed aria-hidden />}>Not granted</Badge>;
}
