import type { CSSProperties } from "react";
import { ArrowDown, Bell, Circle, CircleCheck, CircleDot, CircleSmall, CircleAlert } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { labelColour } from "@/lib/planner/labels";
import { PRIORITY_WORDS, PROGRESS_WORDS, type Priority, type Progress } from "@/lib/planner/words";
import { initials } from "./initials";
import type { LabelModel } from "./model";

export function LabelChip({ label }: { label: LabelModel }) {
  const colour = labelColour(label.category);
  const style = colour
    ? ({ "--label-light-back": colour.light.background, "--label-light-text": colour.light.text, "--label-dark-back": colour.dark.background, "--label-dark-text": colour.dark.text } as CSSProperties)
    : undefined;
  return <span style={style} className={cn("inline-block max-w-full truncate rounded px-1.5 py-0.5 text-xs leading-4 font-medium", colour ? "label-chip" : "bg-subtle text-muted")}>{label.name}</span>;
}

const PROGRESS_ICONS = { notStarted: Circle, inProgress: CircleDot, completed: CircleCheck };

/** `silent`: the word stands beside it. */
export function ProgressMark({ progress, silent = false }: { progress: Progress; silent?: boolean }) {
  const Icon = PROGRESS_ICONS[progress];
  return <Icon {...(silent ? { "aria-hidden": true } : { role: "img", "aria-label": PROGRESS_WORDS[progress] })} className={cn("size-4 shrink-0", progress === "completed" ? "text-ok" : progress === "inProgress" ? "text-info" : "text-muted")} />;
}

const PRIORITY_ICONS = { urgent: { Icon: Bell, look: "text-danger" }, important: { Icon: CircleAlert, look: "text-danger" }, medium: { Icon: CircleSmall, look: "scale-75 fill-current text-ok" }, low: { Icon: ArrowDown, look: "text-info" } };

export function PriorityMark({ priority, silent = false }: { priority: Priority; silent?: boolean }) {
  const { Icon, look } = PRIORITY_ICONS[priority];
  return <Icon {...(silent ? { "aria-hidden": true } : { role: "img", "aria-label": `${PRIORITY_WORDS[priority]} priority` })} className={cn("size-4 shrink-0", look)} />;
}

export function Avatars({ names, max = 4 }: { names: string[]; max?: number }) {
  if (names.length === 0) return null;
  const shown = names.slice(0, max);
  return (
    <span role="img" aria-label={`Assigned to ${names.join(", ")}`} title={names.join(", ")} className="flex shrink-0 -space-x-1">
      {shown.map((name, index) => <span key={index} className="flex size-6 items-center justify-center rounded-full border-2 border-surface bg-info-tint text-[0.625rem] font-semibold text-info">{initials(name)}</span>)}
      {names.length > max ? <span className="flex size-6 items-center justify-center rounded-full border-2 border-surface bg-subtle text-[0.625rem] font-semibold text-muted">+{names.length - max}</span> : null}
    </span>
  );
}
