import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Card, CardHeader } from "@/components/ui/card";
import { Time } from "@/components/ui/time";
import type { ConsentLinkView } from "@/lib/workspaces/types";
import { PURPOSE_NAMES } from "./permissions";

/** Links that were sent to administrators, and what became of them. */
export function ConsentLinks({ links, revoke }: { links: ConsentLinkView[]; revoke: (id: string) => Promise<ActionResult> }) {
  return (
    <Card aria-labelledby="links-title">
      <CardHeader id="links-title" title="Links for administrators">This page waits and goes on by itself when consent is granted.</CardHeader>
      <ul className="divide-y divide-line">
        {links.map((link) => (
          <li key={link.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-5">
            <div className="min-w-0 flex-1 basis-64">
              <p className="font-medium">{PURPOSE_NAMES[link.purpose]}, made <Time value={link.createdAt} relative /></p>
              <p className="text-[0.8125rem] text-muted">
                {link.grantedAt ? <>Granted <Time value={link.grantedAt} /></> : link.openedAt ? <>Opened <Time value={link.openedAt} />, not granted yet</> : "Not opened yet"}
                {link.grantedAt ? null : <>, valid until <Time value={link.expiresAt} /></>}
              </p>
            </div>
            {link.grantedAt ? null : <ActionButton size="small" action={revoke.bind(null, link.id)}>Withdraw</ActionButton>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
