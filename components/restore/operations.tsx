"use client";

import { useState } from "react";
import { dayText } from "@/components/ui/text";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { groupsOf, type OperationGroup, type ShownOperation } from "./view";

/** Rows shown at once; more on demand. */
const STEP = 50;
/** So few are shown without a click. */
const FEW = 3;
const SIGN_LOOKS = { "+": "text-ok", "~": "text-info", "−": "text-danger" } as const;
const SIGN_WORDS = { "+": "New: ", "~": "Change: ", "−": "Deletion: " } as const;

/** Operations by kind, deletions first, each field by field. */
export function Operations({ operations }: { operations: ShownOperation[] }) {
  return <ul className="divide-y divide-line">{groupsOf(operations).map((group) => <Group key={group.key} group={group} />)}</ul>;
}

function Group({ group: { one, many, sign, deletes, operations } }: { group: OperationGroup }) {
  const [shown, setShown] = useState(STEP);
  return (
    <li className={cn("px-4 py-3 sm:px-5", deletes && "bg-danger-tint")}>
      <details open={deletes || operations.length <= FEW}>
        <summary className={cn("rounded py-0.5", deletes && "text-danger")}>
          <span aria-hidden className={cn("mr-2 inline-block w-3 text-center font-mono font-semibold", SIGN_LOOKS[sign])}>{sign}</span>
          <span className="sr-only">{SIGN_WORDS[sign]}</span>
          <span className="font-medium tabular-nums">{operations.length.toLocaleString("en")} {operations.length === 1 ? one : many}</span>
        </summary>
        <ul className="mt-2 space-y-2 pl-5">
          {operations.slice(0, shown).map((operation) => (
            <li key={operation.seq}>
              <p className="[overflow-wrap:anywhere]">{operation.label}</p>
              <Changes changes={operation.changes} />
            </li>
          ))}
        </ul>
        {operations.length > shown ? <Button size="small" className="mt-2 ml-5" onClick={() => setShown(shown + 4 * STEP)}>Show more ({(operations.length - shown).toLocaleString("en")} left)</Button> : null}
      </details>
    </li>
  );
}

/** What a value was and becomes, with the signs of a difference beside the colours. */
export function Changes({ changes }: { changes: ShownOperation["changes"] }) {
  if (changes.length === 0) return null;
  return (
    <dl className="mt-1 grid gap-x-4 gap-y-1 rounded-md bg-subtle px-3 py-2 text-[0.8125rem] sm:grid-cols-[10rem_1fr]">
      {changes.map((change) => (
        <div key={change.field} className="contents">
          <dt className="text-muted">{change.field}</dt>
          <dd className="min-w-0 whitespace-pre-line [overflow-wrap:anywhere]">
            {change.from === null ? null : <><del className="text-danger">{shown(change.from)}</del><span aria-hidden> → </span></>}
            {change.to === null ? <span className="text-muted">empty</span> : <ins className="text-ok no-underline">{shown(change.to)}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A date as the day that Planner shows (it keeps 10:00 UTC of it), any other moment with its time. */
function shown(text: string): string {
  const [, time] = /^\d{4}-\d\d-\d\dT(\d\d:\d\d):\d\d(?:\.\d+)?Z$/.exec(text) ?? [];
  if (time !== undefined) return time === "10:00" ? dayText(text) : `${dayText(text)}, ${time} UTC`;
  return text;
}
