"use client";

import { memo } from "react";
import { CalendarDays, ListChecks, MessageSquare, Paperclip } from "lucide-react";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/components/ui/cn";
import { dayText, plural } from "@/components/ui/text";
import { Avatars, LabelChip, PriorityMark, ProgressMark } from "./marks";
import { isLate, type BoardModel, type CardModel } from "./model";

/** Id of the button that opens a task: it gets the focus back when the panel is closed. */
export const cardId = (taskId: string): string => `card-${taskId}`;

/** What all cards of a board share; always the same object, so that a card is drawn anew only when it changed. */
export interface CardContext {
  board: Pick<BoardModel, "takenOn" | "labels" | "people">;
  onSelect: (id: string, selected: boolean) => void;
  onOpen: (id: string) => void;
}

/** One task. The title opens the panel; the box selects it for a restore or an export. */
export const TaskCard = memo(function TaskCard({ card, selected, context: { board, onSelect, onOpen } }: { card: CardModel; selected: boolean; context: CardContext }) {
  const done = card.progress === "completed";
  return (
    <div className={cn("relative rounded-md border border-line bg-surface p-3 shadow-xs hover:border-line-strong", selected && "border-accent ring-1 ring-accent")}>
      {card.labels.length > 0 ? <div className="mb-2 flex flex-wrap gap-1">{card.labels.map((label) => <LabelChip key={label} label={board.labels[label]!} />)}</div> : null}
      <div className="flex items-start gap-2">
        <span className="mt-0.5"><ProgressMark progress={card.progress} /></span>
        <button
          type="button"
          id={cardId(card.id)}
          data-card
          onClick={() => onOpen(card.id)}
          className={cn("min-w-0 flex-1 text-left leading-snug [overflow-wrap:anywhere] after:absolute after:inset-0 after:rounded-md", done && "text-muted line-through")}
        >
          <span className="line-clamp-4">{card.title}</span>
        </button>
        <Checkbox aria-label={`Select ${card.title}`} checked={selected} onCheckedChange={(value) => onSelect(card.id, value === true)} className="relative z-10" />
      </div>
      <div className="mt-2.5 flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1.5 text-xs text-muted">
        <PriorityMark priority={card.priority} />
        <DueMark card={card} takenOn={board.takenOn} />
        {card.checklist ? <Count icon={<ListChecks aria-hidden className="size-3.5" />} text={`${card.checklist.done}/${card.checklist.total}`} label={`Checklist: ${card.checklist.done} of ${card.checklist.total} done`} /> : null}
        {card.attachments > 0 ? <Count icon={<Paperclip aria-hidden className="size-3.5" />} text={String(card.attachments)} label={plural(card.attachments, "attachment")} /> : null}
        {card.comments > 0 ? <Count icon={<MessageSquare aria-hidden className="size-3.5" />} text={String(card.comments)} label={plural(card.comments, "comment")} /> : null}
        <span className="ml-auto"><Avatars names={card.people.map((person) => board.people[person]!.name)} max={3} /></span>
      </div>
    </div>
  );
});

/** Red and in words when it is late. */
export function DueMark({ card, takenOn }: { card: CardModel; takenOn: string }) {
  if (!card.due) return null;
  const late = isLate(card, takenOn);
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap", late && "font-medium text-danger")}>
      <CalendarDays aria-hidden className="size-3.5" /><span className="sr-only">{late ? "Late, due" : "Due"}</span>{dayText(card.due)}
    </span>
  );
}

function Count({ icon, text, label }: { icon: React.ReactNode; text: string; label: string }) {
  return <span role="img" aria-label={label} className="inline-flex items-center gap-1 tabular-nums">{icon}{text}</span>;
}
