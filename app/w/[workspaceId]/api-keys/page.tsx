import Link from "next/link";
import { CircleX, KeySquare } from "lucide-react";
import { MakeKey } from "@/components/api/make-key";
import { ActionButton } from "@/components/ui/action-button";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { Time } from "@/components/ui/time";
import { listKeys } from "@/lib/workspaces";
import type { ApiKeyView } from "@/lib/workspaces/types";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { createKeyAction, revokeKeyAction } from "./actions";

export const metadata = { title: "API keys" };

const ENDED = { expired: "Expired", revoked: "Revoked", maker: "Its maker left" };

export default async function ApiKeysPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, stepUp } = await pageContext(params);
  const keys = await load(() => listKeys(actor, workspace.id));
  const [working, ended] = [keys.filter((key) => key.ended === null), keys.filter((key) => key.ended !== null)];
  return (
    <>
      {/* Always in the same place: it goes on to show a key when the first one fills the list. */}
      <PageHeader title="API keys" actions={<MakeKey make={createKeyAction.bind(null, workspace.id)} stepUp={await stepUp()} />}>For programs that use the <Link href="/help/api" className="underline decoration-line-strong underline-offset-2 hover:decoration-current">API</Link>. A key acts for the member who made it, and stops with their membership.</PageHeader>
      {keys.length === 0 ? <Empty icon={KeySquare} title="No program has a key">With a key, scripts and other tools can read states, start backups, search, export and restore.</Empty> : (
        <div className="space-y-6">
          <KeyCard id="working" title="Working" keys={working} revoke={(id) => revokeKeyAction.bind(null, workspace.id, id)} />
          {ended.length > 0 ? <KeyCard id="ended" title="Ended" keys={ended} /> : null}
        </div>
      )}
    </>
  );
}

function KeyCard({ id, title, keys, revoke }: { id: string; title: string; keys: ApiKeyView[]; revoke?: (id: string) => () => ReturnType<typeof revokeKeyAction> }) {
  return (
    <Card aria-labelledby={id}>
      <CardHeader id={id} title={title}>{keys.length === 0 ? "None at the moment." : undefined}</CardHeader>
      <ul className="divide-y divide-line">
        {keys.map((key) => (
          <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-5">
            <div className="min-w-0 flex-1 basis-64">
              <p className="flex flex-wrap items-center gap-x-2 gap-y-1"><span className="font-medium [overflow-wrap:anywhere]">{key.name}</span>{key.ended ? <Badge icon={<CircleX aria-hidden />}>{ENDED[key.ended]}</Badge> : null}</p>
              <p className="font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{key.scopes.join(" ")}</p>
              <p className="text-[0.8125rem] text-muted">Made by {key.madeBy} <Time value={key.createdAt} relative />, {key.ended ? "was valid" : "valid"} until <Time value={key.expiresAt} dateOnly />, {key.lastUsedAt ? <>last used <Time value={key.lastUsedAt} relative /></> : "never used"}</p>
            </div>
            {revoke ? <ActionButton size="small" action={revoke(key.id)} question={{ title: `Revoke “${key.name}”?`, text: "The program that uses it is refused from now on. What it has started goes on. This cannot be taken back.", confirm: "Revoke key" }}>Revoke<span className="sr-only"> {key.name}</span></ActionButton> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}
