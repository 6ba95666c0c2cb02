import { useMemo } from "react";
import type { FieldRow } from "./model";
import { shortened, wordParts, type Part } from "./words";

/** A field before and after: texts word by word, the rest as values. Signs and words beside colour. */
export function FieldChange({ change }: { change: FieldRow }) {
  const { name, from, to, isText } = change;
  return (
    <span className="min-w-0 flex-1 text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]">
      <span className="font-medium">{name}</span>:{" "}
      {isText && from !== null && to !== null ? <Words from={from} to={to} /> : <Values from={from} to={to} />}
    </span>
  );
}

function Values({ from, to }: { from: string | null; to: string | null }) {
  if (from === null) return <Mark part={{ text: to ?? "", change: "added" }} />;
  return <><Mark part={{ text: from, change: "removed" }} /> <span aria-hidden>→</span> {to === null ? <span className="text-muted">empty</span> : <Mark part={{ text: to, change: "added" }} />}</>;
}

function Words({ from, to }: { from: string; to: string }) {
  const parts = useMemo(() => wordParts(from, to), [from, to]);
  if (parts === null) return <Values from={from} to={to} />;
  return <>{shortened(parts).map((part, index) => <Mark key={index} part={part} />)}</>;
}

function Mark({ part: { text, change } }: { part: Part }) {
  if (change === "same") return <span className="text-muted">{text}</span>;
  return change === "removed"
    ? <del className="rounded-sm bg-danger-tint text-danger"><span className="sr-only"> removed: </span>{text}<span className="sr-only">; </span></del>
    : <ins className="rounded-sm bg-ok-tint text-ok underline decoration-ok/60 underline-offset-2"><span className="sr-only"> added: </span>{text}<span className="sr-only">; </span></ins>;
}
