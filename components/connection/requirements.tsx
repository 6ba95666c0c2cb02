import Link from "next/link";
import { Card, CardHeader } from "@/components/ui/card";
import { plural } from "@/components/ui/text";
import type { Purpose, RequirementView } from "@/lib/workspaces/types";
import { RequirementBadge } from "./state";

/** One row for each requirement of the account: state, evidence, remedy, and what still works without it. */
export function Requirements({ title, purpose, requirements, help }: { title: string; purpose: Purpose; requirements: RequirementView[]; help: string }) {
  const rows = requirements.filter((requirement) => requirement.purpose === purpose);
  if (rows.length === 0) return null;
  const counted = rows.filter((row) => row.state !== "not_needed");
  const met = counted.filter((row) => row.state === "met").length;
  return (
    <Card aria-labelledby={`requirements-${purpose}`}>
      <CardHeader id={`requirements-${purpose}`} title={title} actions={<Link href={help} className="rounded py-1 text-[0.8125rem] underline decoration-line-strong underline-offset-2">Why each is needed</Link>}>{met} of {counted.length} met</CardHeader>
      <ul className="divide-y divide-line">{rows.map((row) => <Requirement key={row.id} requirement={row} />)}</ul>
    </Card>
  );
}

function Requirement({ requirement }: { requirement: RequirementView }) {
  const { title, state, evidence, remedy, stillWorks, items } = requirement;
  return (
    <li className="px-4 py-3.5 sm:px-5">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <h3 className="min-w-0 flex-1 basis-60 font-medium">{title}</h3>
        <RequirementBadge state={state} />
      </div>
      {evidence ? <p className="mt-1 text-muted [overflow-wrap:anywhere]">{evidence}</p> : null}
      {remedy && state !== "met" ? <p className="mt-1.5"><strong className="font-medium">What to do: </strong>{remedy}</p> : null}
      {stillWorks && state !== "met" ? <p className="mt-1"><strong className="font-medium">Still works: </strong>{stillWorks}</p> : null}
      {items.length > 0 ? (
        <details className="mt-2">
          <summary className="w-fit rounded py-0.5 font-medium">Show {plural(items.length, "item")}</summary>
          <ul className="mt-2 max-h-80 divide-y divide-line overflow-y-auto rounded-md border border-line" tabIndex={0} aria-label={title}>
            {items.map((item, index) => (
              <li key={index} className="px-3 py-2"><p className="font-medium [overflow-wrap:anywhere]">{item.label}</p><p className="text-[0.8125rem] text-muted">{item.detail}</p></li>
            ))}
          </ul>
        </details>
      ) : null}
    </li>
  );
}
