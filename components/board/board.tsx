"use client";

import { useDeferredValue, useMemo, useState } from "react";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { ArchiveRestore, Search, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { plural } from "@/components/ui/text";
import { cn } from "@/components/ui/cn";
import { Input } from "@/components/ui/field";
import { TaskCard } from "./card";
import { ExportMenu } from "./export-menu";
import type { BoardModel, CardModel, ColumnModel } from "./model";
import { TaskPanel } from "./task-panel";

interface BoardProps {
  board: BoardModel;
  planTitle: string;
  /** Where the panel of a task is read from; the task's id is put behind. */
  panelUrl: string;
  /** The page of the snapshot; files and exports lie below it. */
  snapshotUrl: string;
  /** Null when the role may not restore. */
  restoreUrl: string | null;
}

/** Above this the browser lays out only the cards that are in view. */
const LARGE = 300;
/** Ids of more tasks than this do not fit into an address. */
const EXPORTED = 400;

/** Planner's board by bucket, read-only, with a filter and a selection. Filter and open task live in the address. */
export function Board({ board, planTitle, panelUrl, snapshotUrl, restoreUrl }: BoardProps) {
  const pathname = usePathname();
  const params = useSearchParams();
  const openTask = params.get("task");
  const [query, setQuery] = useState(params.get("q") ?? "");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(query.trim().toLowerCase());
  const columns = useMemo(() => filterColumns(board.columns, wanted), [board, wanted]);
  const shown = columns.reduce((sum, column) => sum + column.cards.length, 0);

  const address = (name: string, value: string | null, push: boolean) => {
    const next = new URLSearchParams(window.location.search);
    if (value) next.set(name, value);
    else next.delete(name);
    const url = next.size > 0 ? `${pathname}?${next}` : pathname;
    if (push) window.history.pushState(null, "", url);
    else window.history.replaceState(null, "", url);
  };
  const [handlers] = useState(() => ({
    select: (id: string, on: boolean) => setSelected((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    }),
    open: (id: string) => {
      const next = new URLSearchParams(window.location.search);
      next.set("task", id);
      window.history.pushState(null, "", `?${next}`);
    },
  }));

  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <div className="relative w-full max-w-sm">
          <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
          <Input
            type="search"
            aria-label="Filter tasks"
            placeholder="Filter by text, label or person"
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
              address("q", event.target.value, false);
            }}
            className="pl-9"
          />
        </div>
        <p role="status" className="text-muted tabular-nums">{wanted ? `${shown} of ${plural(board.taskCount, "task")}` : plural(board.taskCount, "task")}</p>
      </div>
      <div role="region" aria-label={`Board of ${planTitle}`} tabIndex={0} className="-mx-4 overflow-x-auto px-4 pb-4 sm:-mx-8 sm:px-8">
        <div className={cn("flex w-max items-start gap-3", board.taskCount > LARGE && "[&_li]:[contain-intrinsic-size:auto_6rem] [&_li]:[content-visibility:auto]")}>
          {columns.map((column) => <Column key={column.id} column={column} selected={selected} onSelect={handlers.select} onOpen={handlers.open} />)}
        </div>
      </div>
      {selected.size > 0 ? <SelectionBar selected={selected} snapshotUrl={snapshotUrl} restoreUrl={restoreUrl} onClear={() => setSelected(new Set())} /> : null}
      <TaskPanel taskId={openTask} panelUrl={panelUrl} fileUrl={`${snapshotUrl}/files`} restoreUrl={restoreUrl} onClose={() => address("task", null, true)} />
    </>
  );
}

function Column({ column, selected, onSelect, onOpen }: { column: ColumnModel; selected: ReadonlySet<string>; onSelect: (id: string, on: boolean) => void; onOpen: (id: string) => void }) {
  const [showDone, setShowDone] = useState(false);
  const open = column.cards.filter((card) => card.progress !== "completed");
  const done = column.cards.filter((card) => card.progress === "completed");
  const list = (cards: CardModel[]) => (
    <ul className="space-y-2">{cards.map((card) => <TaskCard key={card.id} card={card} selected={selected.has(card.id)} onSelect={onSelect} onOpen={onOpen} />)}</ul>
  );
  return (
    <section aria-label={column.name} className="w-72 shrink-0 rounded-lg bg-subtle p-2">
      <div className="flex items-baseline gap-2 px-1.5 pt-1 pb-2.5">
        <h2 className="min-w-0 font-semibold [overflow-wrap:anywhere]">{column.name}</h2>
        <span className="text-muted tabular-nums">{column.cards.length}</span>
      </div>
      {column.cards.length === 0 ? <p className="px-1.5 pb-2 text-muted">No tasks</p> : null}
      {open.length > 0 ? list(open) : null}
      {done.length > 0 ? (
        <>
          <button type="button" aria-expanded={showDone} onClick={() => setShowDone(!showDone)} className="my-1 flex h-8 w-full items-center rounded-md px-1.5 text-left text-muted hover:text-ink">
            {showDone ? "Hide completed" : "Show completed"} <span className="ml-1.5 tabular-nums">{done.length}</span>
          </button>
          {showDone ? list(done) : null}
        </>
      ) : null}
    </section>
  );
}

function SelectionBar({ selected, snapshotUrl, restoreUrl, onClear }: { selected: ReadonlySet<string>; snapshotUrl: string; restoreUrl: string | null; onClear: () => void }) {
  return (
    <div role="region" aria-label="Selection" className="sticky bottom-4 z-20 mx-auto mt-2 flex w-fit max-w-full flex-wrap items-center gap-3 rounded-xl border border-line bg-surface px-4 py-2.5 shadow-lg">
      <span role="status" className="font-medium tabular-nums">{plural(selected.size, "task")} selected</span>
      {selected.size <= EXPORTED ? <ExportMenu snapshotUrl={snapshotUrl} tasks={selected} /> : null}
      {restoreUrl ? <Button variant="primary" asChild><Link href={`${restoreUrl}?tasks=${[...selected].map(encodeURIComponent).join(",")}`}><ArchiveRestore aria-hidden />Restore {plural(selected.size, "task")}…</Link></Button> : null}
      <Button variant="ghost" size="icon" aria-label="Clear selection" onClick={onClear}><X aria-hidden /></Button>
    </div>
  );
}

function filterColumns(columns: ColumnModel[], wanted: string): ColumnModel[] {
  if (!wanted) return columns;
  const words = wanted.split(/\s+/);
  return columns.map((column) => ({ ...column, cards: column.cards.filter((card) => words.every((word) => card.search.includes(word))) }));
}
