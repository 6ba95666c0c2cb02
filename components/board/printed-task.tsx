import { Square, SquareCheck } from "lucide-react";
import { dayText } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { PanelModel } from "./panel";

/** One task on paper: everything in the open, no colour needed. */
export function PrintedTask({ panel }: { panel: PanelModel }) {
  const facts: [string, string][] = [
    ["Progress", panel.progress], ["Priority", panel.priority],
    ...(panel.start ? [["Start", dayText(panel.start)] as [string, string]] : []), ...(panel.due ? [["Due", dayText(panel.due)] as [string, string]] : []),
    ...(panel.assignees.length > 0 ? [["Assigned to", panel.assignees.join(", ")] as [string, string]] : []),
    ...(panel.labels.length > 0 ? [["Labels", panel.labels.map((label) => label.name).join(", ")] as [string, string]] : []),
  ];
  return (
    <li className="rounded-lg border border-line bg-surface p-4 [overflow-wrap:anywhere] print:rounded-none print:border-0 print:bg-transparent print:p-0">
      <h3 className="break-after-avoid font-semibold">{panel.title}</h3>
      {panel.wholeTitle ? <p className="mt-1">{panel.wholeTitle}</p> : null}
      <dl className="mt-1 flex flex-wrap gap-x-4 text-[0.8125rem]">
        {facts.map(([name, value]) => <div key={name} className="flex gap-1"><dt className="text-muted">{name}:</dt><dd>{value}</dd></div>)}
      </dl>
      {panel.description ? <p className="mt-2 whitespace-pre-wrap">{panel.description}</p> : null}
      {panel.checklist.length > 0 ? (
        <ul aria-label="Checklist" className="mt-2 space-y-0.5">
          {panel.checklist.map((item) => (
            <li key={item.id} className="flex items-start gap-2">
              {item.done ? <SquareCheck role="img" aria-label="Done" className="mt-0.5 size-4 shrink-0" /> : <Square role="img" aria-label="Not done" className="mt-0.5 size-4 shrink-0" />}
              <span className="min-w-0">{item.title}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {panel.links.length > 0 ? <ul aria-label="Attachments" className="mt-2 list-disc pl-5">{panel.links.map((link) => <li key={link.key}>{link.name} <span className="text-muted">{link.address}</span></li>)}</ul> : null}
      {panel.comments.length > 0 ? (
        <ul aria-label="Comments" className="mt-2 space-y-1.5 border-l-2 border-line pl-3">
          {panel.comments.map((comment) => <li key={comment.id}><p className="text-[0.8125rem]"><strong className="font-medium">{comment.author}</strong> <span className="text-muted"><Time value={comment.at} /></span></p><p className="whitespace-pre-wrap">{comment.text}</p></li>)}
        </ul>
      ) : null}
      {panel.gaps.length > 0 ? <p className="mt-2 text-[0.8125rem] text-muted">Missing: {panel.gaps.join(" ")}</p> : null}
    </li>
  );
}
