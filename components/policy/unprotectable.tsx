import { Ban } from "lucide-react";
import { Card, CardHeader } from "@/components/ui/card";
import type { Catalogue } from "@/lib/workspaces/types";

/** Plans that the account can open and that no policy can take, each with the reason and the remedy. */
export function Unprotectable({ catalogue: { unprotectable = [], unprotectableRefused } }: { catalogue: Pick<Catalogue, "unprotectable" | "unprotectableRefused"> }) {
  if (unprotectable.length === 0 && !unprotectableRefused) return null;
  return (
    <Card aria-labelledby="unprotectable-title">
      <CardHeader id="unprotectable-title" title="Plans that cannot be protected">The account can open them, but they are not plans of a group.</CardHeader>
      <ul className="divide-y divide-line">
        {unprotectable.map((plan) => (
          <li key={plan.id} className="flex gap-3 px-4 py-3 sm:px-5">
            <Ban aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
            <div className="min-w-0"><p className="font-medium [overflow-wrap:anywhere]">{plan.title}</p><p className="text-[0.8125rem] text-muted">{plan.reason} {plan.remedy}</p></div>
          </li>
        ))}
        {unprotectableRefused ? <li className="px-4 py-3 text-muted sm:px-5">Microsoft refused to list such plans to this account, so there may be {unprotectable.length > 0 ? "more" : "some"}: premium plans, and plans that are shared with people directly. None of them is backed up.</li> : null}
      </ul>
    </Card>
  );
}
