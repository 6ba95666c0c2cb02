"use client";

import { memo } from "react";
import { CalendarDays, ListChecks, MessageSquare, Paperclip } from "lucide-react";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/components/ui/cn";
import { dayText, plural } from "@/components/ui/text";
import { Avatars, LabelChip, PriorityMark, ProgressMark } from "./marks";
import type { CardModel } from "./model";

/** Id of the button that opens a task: it gets the focus back when the panel is closed. */
export const cardId = (taskId: string): string => `card-${taskId}`;

interface TaskCardProps {
  card: CardModel;
  selected: boolean;
  onSelect: (id: string, selected: boolean) => void;
  onOpen: (id: string) => void;
}

/** One task. The title opens the panel; the box selects it for a restore or an export. */
export const TaskCard = memo(function TaskCard({ card, selected, onSelect, onOpen }: TaskCardProps) {
  const done = card.progress === "completed";
  return (
    <li className={cn("relative rounded-md border border-line bg-surface p-3 shadow-xs hover:border-line-strong", selected && "border-accent ring-1 ring-accent")}>
      {card.labels.length > 0 ? <div className="mb-2 flex flex-wrap gap-1">{card.labels.map((label) => <LabelChip key={label.category} label={label} />)}</div> : null}
      <div className="flex items-start gap-2">
        <span className="mt-0.5"><ProgressMark progress={card.progress} /></span>
        <button
          type="button"
          id={cardId(card.id)}
          onClick={() => onOpen(card.id)}
          className={cn("min-w-0 flex-1 text-left leading-snug [overflow-wrap:anywhere] after:absolute after:inset-0 after:rounded-md", done && "text-muted line-through")}
        >
          <span className="line-clamp-4">{card.title}</span>
        </button>
        <Checkbox aria-label={`Select ${card.title}`} checked={selected} onCheckedChange={(value) => onSelect(card.id, value === true)} className="relative z-10" />
      </div>
      <div className="mt-2.5 flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1.5 text-xs text-muted">
        <PriorityMark priority={card.priority} />
        {card.due ? (
          <span className={cn("inline-flex items-center gap-1", card.late && "font-medium text-danger")}>
            <CalendarDays aria-hidden className="size-3.5" /><span className="sr-only">{card.late ? "Late, due" : "Due"}</span>{dayText(card.due)}
          </span>
        ) : null}
        {card.checklist ? <Count icon={<ListChecks aria-hidden className="size-3.5" />} text={`${card.checklist.done}/${card.checklist.total}`} label={`Checklist: ${card.checklist.done} of ${card.checklist.total} done`} /> : null}
        {card.attachments > 0 ? <Count icon={<Paperclip aria-hidden className="size-3.5" />} text={String(card.attachments)} label={plural(card.attachments, "attachment")} /> : null}
        {card.comments > 0 ? <Count icon={<MessageSquare aria-hidden className="size-3.5" />} text={String(card.comments)} label={plural(card.comments, "comment")} /> : null}
        <span className="ml-auto"><Avatars names={card.assignees} max={3} /></span>
      </div>
    </li>
  );
});

function Count({ icon, text, label }: { icon: React.ReactNode; text: string; label: string }) {
  return <span role="img" aria-label={label} className="inline-flex items-center gap-1 tabular-nums">{icon}{text}</span>;
}
