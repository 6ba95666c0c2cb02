import { HardDrive } from "lucide-react";
import { Cleaning } from "@/components/run/cleaning";
import { Keys } from "@/components/run/keys";
import { Whereabouts } from "@/components/run/whereabouts";
import { VerificationLive } from "@/components/run/verification-live";
import { VerificationBadge, isVerificationFinished } from "@/components/run/states";
import { ActionButton } from "@/components/ui/action-button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { Time } from "@/components/ui/time";
import { getKeys, getPruning, getStorage, listVerifications } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { cancelMoveAction, cancelVerificationAction, removeOldCopiesAction, removeOwnStoreAction, rotateKeysAction, saveOwnStoreAction, startMoveAction, startVerificationAction } from "./actions";

export const metadata = { title: "Storage" };

export default async function StoragePage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base, may, stepUp } = await pageContext(params);
  const [[latest, ...earlier], pruning, keys, storage] = await load(() => Promise.all([listVerifications(actor, workspace.id), getPruning(actor, workspace.id), getKeys(actor, workspace.id), getStorage(actor, workspace.id)]));
  const verify = may("storage.verify");
  const running = latest && !isVerificationFinished(latest.state);
  const start = verify && !running ? <ActionButton variant="primary" action={startVerificationAction.bind(null, workspace.id)}>Verify storage</ActionButton> : null;
  return (
    <>
      <PageHeader title="Storage" actions={latest ? start : undefined}>Verifying reads every stored object of this workspace, decrypts it and compares it with its name. What is damaged is named, with what it affects.</PageHeader>
      {latest ? (
        <div className="space-y-6">
          <VerificationLive key={latest.id} url={`/api/w/${workspace.id}/storage/${latest.id}/events`} initial={latest} plansHref={`${base}/plans`} cancel={verify ? cancelVerificationAction.bind(null, workspace.id, latest.id) : null} />
          {earlier.length > 0 ? (
            <section aria-labelledby="earlier-title">
              <h2 id="earlier-title" className="mb-3 font-semibold">Earlier</h2>
              <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
                {earlier.map((verification) => <li key={verification.id} className="flex flex-wrap items-center justify-between gap-3 px-4 py-3 sm:px-5"><span><Time value={verification.createdAt} />, by {verification.startedBy}</span><VerificationBadge state={verification.state} /></li>)}
              </ul>
            </section>
          ) : null}
        </div>
      ) : <Empty icon={HardDrive} title="The storage was never verified here" action={start}>A backup is worth what can be read back. Verifying takes a while for large workspaces; everything else goes on meanwhile.</Empty>}
      <Whereabouts
        storage={storage} url={`/api/w/${workspace.id}/storage/move/events`}
        actions={may("storage.manage") ? {
          stepUp: await stepUp(), saveOwn: (id) => saveOwnStoreAction.bind(null, workspace.id, id), removeOwn: (id) => removeOwnStoreAction.bind(null, workspace.id, id),
          start: (place) => startMoveAction.bind(null, workspace.id, place), cancel: (id) => cancelMoveAction.bind(null, workspace.id, id), removeOld: (id) => removeOldCopiesAction.bind(null, workspace.id, id),
        } : null}
      />
      <Cleaning pruning={pruning} />
      <Keys keys={keys} rotate={may("key.rotate") ? rotateKeysAction.bind(null, workspace.id) : null} />
    </>
  );
}
