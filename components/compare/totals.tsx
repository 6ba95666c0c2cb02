import { Check, CornerUpRight } from "lucide-react";
import { plural } from "@/components/ui/text";
import { FieldChange } from "./changes";
import { KINDS } from "./line";
import type { CompareModel, Kind } from "./model";

const ORDER: Kind[] = ["removed", "added", "changed"];

/** How much differs, by kind, and what differs in the plan itself. */
export function Totals({ model }: { model: CompareModel }) {
  const { tasks, bucketCounts, moved, completed, plan } = model;
  const rows = [{ what: "Tasks", counts: tasks }, { what: "Buckets", counts: bucketCounts }];
  return (
    <section aria-label="Totals" className="mb-5 rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        {rows.map(({ what, counts }) => (
          <div key={what}>
            <dt className="text-muted">{what}</dt>
            <dd className="mt-0.5 flex flex-wrap gap-x-4 gap-y-1 font-medium tabular-nums">
              {ORDER.map((kind) => {
                const { label, Icon } = KINDS[kind];
                return <span key={kind} className="inline-flex items-center gap-1"><Icon aria-hidden className="size-3.5 text-muted" />{counts[kind].toLocaleString("en")} {label.toLowerCase()}</span>;
              })}
            </dd>
          </div>
        ))}
        {moved + completed > 0 ? (
          <div>
            <dt className="text-muted">Of the changed tasks</dt>
            <dd className="mt-0.5 flex flex-wrap gap-x-4 gap-y-1 font-medium tabular-nums">
              {completed > 0 ? <span className="inline-flex items-center gap-1"><Check aria-hidden className="size-3.5 text-muted" />{completed.toLocaleString("en")} completed</span> : null}
              {moved > 0 ? <span className="inline-flex items-center gap-1"><CornerUpRight aria-hidden className="size-3.5 text-muted" />{moved.toLocaleString("en")} in another bucket</span> : null}
            </dd>
          </div>
        ) : null}
      </dl>
      {plan.length > 0 ? (
        <div className="mt-3 border-t border-line pt-3">
          <h2 className="font-medium">{plural(plan.length, "change")} of the plan itself</h2>
          <ul className="mt-1 space-y-1">{plan.map((change) => <li key={change.name} className="flex"><FieldChange change={change} /></li>)}</ul>
        </div>
      ) : null}
    </section>
  );
}
