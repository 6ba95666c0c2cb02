import type { ActionResult } from "@/components/action-result";
import { RefreshOnChange } from "@/components/refresh-on-change";
import { ActionButton } from "@/components/ui/action-button";
import { Progress } from "@/components/ui/progress";
import { bytesText, plural } from "@/components/ui/text";
import { OwnStoreButton, type SaveOwnStore } from "./own-store";
import { Time } from "@/components/ui/time";
import type { MoveView, StorageView } from "@/lib/workspaces/types";

type Act = () => Promise<ActionResult<unknown>>;
interface Actions { stepUp: string | null; saveOwn(storeId: string | null): SaveOwnStore; removeOwn(storeId: string): Act; start(place: string): Act; cancel(moveId: string): Act; removeOld(moveId: string): Act }

/** Where the backups are kept, and the way elsewhere. */
export function Whereabouts({ storage: { here, lockedUntil, others, allowsOwn, move }, url, actions }: { storage: StorageView; url: string; actions: Actions | null }) {
  const isMoving = move !== null && ["copying", "closing", "removing", "cancelling"].includes(move.state);
  // From a held move only the way back is open until the old copies are gone.
  const open = isMoving ? [] : others.filter(({ place }) => move?.state !== "held" || move.from.place === place);
  return (
    <section aria-labelledby="place-title" className="mt-8">
      <h2 id="place-title" className="mb-2 font-semibold">Where backups are kept</h2>
      <div className="max-w-3xl space-y-3">
        <p>{here.label}.{here.lockDays === null ? null : <> What is stored there cannot be removed by anybody for {plural(here.lockDays, "day")}{lockedUntil ? <>: what the newest snapshot needs, at least until <Time value={lockedUntil} /></> : null}.</>}</p>
        {move ? <Move move={move} actions={actions} /> : null}
        {isMoving ? <RefreshOnChange url={url} announce={sentence(move)} /> : null}
        {actions && open.length > 0 ? (
          <ul className="space-y-2">
            {open.map(({ place, label, lockDays, ownId }) => (
              <li key={place} className="flex flex-wrap gap-2">
                <ActionButton
                  action={actions.start(place)} done="The move has begun."
                  question={{
                    title: `Move to: ${label}`, confirm: "Move", keep: "Leave it here",
                    text: `Every object is copied there, read back and compared with its name. Backups and restores go on meanwhile. Then the workspace uses the new place; the old copies stay for a week.${lockDays === null ? "" : ` What is stored there cannot be removed by anybody for ${plural(lockDays, "day")}, also not if you cancel.`}`,
                  }}
                >Move to: {label}</ActionButton>
                {ownId ? <ActionButton action={actions.removeOwn(ownId)} done="The storage was removed." question={{ title: `Remove ${label}?`, text: "Planback forgets the storage and its keys. What lies there stays there.", confirm: "Remove it", keep: "Keep it" }} aria-label={`Remove ${label}`}>Remove</ActionButton> : null}
              </li>
            ))}
          </ul>
        ) : null}
        {actions && allowsOwn ? (
          <div className="flex flex-wrap gap-2">
            <OwnStoreButton stepUp={actions.stepUp} save={actions.saveOwn(null)} title="Add a storage of your own" />
            {here.ownId ? <OwnStoreButton stepUp={actions.stepUp} save={actions.saveOwn(here.ownId)} title={`Change the keys of ${here.label}`} isChange /> : null}
          </div>
        ) : null}
      </div>
    </section>
  );
}

function Move({ move, actions }: { move: MoveView; actions: Actions | null }) {
  const hasBar = ["copying", "removing", "cancelling"].includes(move.state);
  return (
    <div className="space-y-2 rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <p>{sentence(move)} {move.finishedAt ? <>(<Time value={move.finishedAt} />)</> : null}</p>
      {hasBar ? <Progress label="Progress of the move" done={move.percent} total={100} text={`${move.percent} %`} /> : null}
      <p className="text-muted">Started by {move.startedBy} <Time value={move.startedAt} />{move.objects > 0 ? `; ${plural(move.objects, "object")}, ${bytesText(move.bytes)} copied and read back` : ""}.</p>
      {move.damaged > 0 ? <p className="text-warn">{plural(move.damaged, "object")} could not be opened before the move either and stayed behind. Verify the storage to see what is affected.</p> : null}
      {move.problem ? <p className="text-danger">{move.problem}{move.finishedAt ? "" : " It is tried again every few minutes."}</p> : null}
      {move.state === "held" && move.removeAfter ? <p>The old copies stay until <Time value={move.removeAfter} />.</p> : null}
      {actions && ["copying", "closing"].includes(move.state) ? <ActionButton action={actions.cancel(move.id)} done="The move is being cancelled." question={{ title: "Cancel the move?", text: "The backups stay where they are. What was copied is removed again.", confirm: "Cancel the move", keep: "Go on" }}>Cancel the move</ActionButton> : null}
      {actions && move.state === "held" ? <ActionButton action={actions.removeOld(move.id)} done="The old copies are being removed." question={{ title: "Remove the old copies now?", text: "Afterwards the backups are at the new place only, and moving back copies everything again.", confirm: "Remove them", keep: "Keep them" }}>Remove old copies now</ActionButton> : null}
    </div>
  );
}

function sentence({ state, from, to }: MoveView): string {
  const way = `${from.label} → ${to.label}`;
  switch (state) {
    case "copying": return `Being copied: ${way}.`;
    case "closing": return `Being copied: ${way}. Waiting for backups that are under way, then the new place is used.`;
    case "held": return `Moved: ${way}.`;
    case "removing": return `Moved: ${way}. The old copies are being removed.`;
    case "done": return `Moved: ${way}. The old copies are gone.`;
    case "cancelling": return `Cancelled: ${way}. What was copied is being removed.`;
    case "cancelled": return `Cancelled: ${way}.`;
  }
}
