import { Notice } from "@/components/ui/notice";
import { plural } from "@/components/ui/text";
import type { PlanDifference } from "@/lib/restore/types";
import { Changes } from "./operations";

/** The target moved between the preview and the click: only what is different now, to be confirmed again. */
export function Difference({ difference }: { difference: PlanDifference }) {
  const { added, removed, changed } = difference;
  const count = added.length + removed.length + changed.length;
  return (
    <Notice tone="warn" live title={`Since you looked, ${plural(count, "thing")} changed in Planner`}>
      <p>Nothing was written. The preview below is the new one; only this is different. Look at it, then confirm again.</p>
      <div className="mt-3 space-y-3" role="region" aria-label="What is different">
        <Labels title="Would be done now, and was not in the preview" sign="+" labels={added} />
        <Labels title="Is not needed any more" sign="−" labels={removed} />
        {changed.length > 0 ? (
          <div>
            <p className="font-medium">Would be done otherwise</p>
            <ul className="mt-1 space-y-2">{changed.map(({ label, changes }) => <li key={label}><p className="[overflow-wrap:anywhere]"><span aria-hidden className="mr-2 font-mono">~</span>{label}</p><Changes changes={changes} /></li>)}</ul>
          </div>
        ) : null}
      </div>
    </Notice>
  );
}

function Labels({ title, sign, labels }: { title: string; sign: string; labels: string[] }) {
  if (labels.length === 0) return null;
  return (
    <div>
      <p className="font-medium">{title}</p>
      <ul className="mt-1 max-h-60 overflow-y-auto" tabIndex={0} aria-label={title}>{labels.map((label, index) => <li key={index} className="[overflow-wrap:anywhere]"><span aria-hidden className="mr-2 font-mono">{sign}</span>{label}</li>)}</ul>
    </div>
  );
}
