import { bytesText, plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { PruneView } from "@/lib/workspaces/types";

/** What retention gives back, and when. */
export function Cleaning({ pruning: { last, held, waiting } }: { pruning: PruneView }) {
  return (
    <section aria-labelledby="cleaning-title" className="mt-8">
      <h2 id="cleaning-title" className="mb-2 font-semibold">Cleaning up</h2>
      <div className="max-w-3xl space-y-2">
        <p className="text-muted">When a policy no longer keeps a snapshot, it leaves the timeline at once and storage 14 days later. What other snapshots need stays. Planback looks once a day, beside running backups.</p>
        <p>{last === null ? "Storage was not looked through yet." : last.state === "running" ? <>Storage is being looked through since <Time value={last.at} />.</> : <>Last looked through <Time value={last.at} relative />: {last.objects > 0 ? `${bytesText(last.bytes)} in ${plural(last.objects, "object")} given back` : "nothing to give back"}.</>}</p>
        {last?.problem ? <p className="text-danger">{last.problem}</p> : null}
        {held > 0 ? <p>{plural(held, "snapshot")} still held.</p> : null}
        {waiting.objects > 0 ? <p>{bytesText(waiting.bytes)} in {plural(waiting.objects, "object")} will be given back {waiting.lockedUntil ? <>when their lock ends, the last <Time value={waiting.lockedUntil} /></> : "within days"}.</p> : null}
      </div>
    </section>
  );
}
