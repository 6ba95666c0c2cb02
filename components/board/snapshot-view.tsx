"use client";

import { useDeferredValue, useEffect, useMemo, useState } from "react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { ArchiveRestore, ChartPie, Calendar, Kanban, Table2, X } from "lucide-react";
import { addressOfTasks } from "@/components/restore/picked";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Select } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { plural } from "@/components/ui/text";
import { useAddress } from "@/components/address";
import { Board } from "./board";
import type { CardContext } from "./card";
import { columnsBy } from "./columns";
import { ExportMenu } from "./export-menu";
import { choicesOf, countChoices, FACETS, FACET_NAMES, matcher, readFilter, textsOf, type Facet } from "./filter";
import { FilterBar } from "./filter-bar";
import { unpackBoard, type CardModel } from "./model";
import { TaskPanel } from "./task-panel";
import { useElsewhere } from "./elsewhere";

const loading = () => <Skeleton className="h-96 w-full" />;
const Grid = dynamic(() => import("./grid").then((module) => module.Grid), { loading });
const Schedule = dynamic(() => import("./schedule").then((module) => module.Schedule), { loading });
const Charts = dynamic(() => import("./charts").then((module) => module.Charts), { ssr: false, loading });

const VIEWS = [
  { view: "board", label: "Board", Icon: Kanban },
  { view: "grid", label: "Grid", Icon: Table2 },
  { view: "schedule", label: "Schedule", Icon: Calendar },
  { view: "charts", label: "Charts", Icon: ChartPie },
] as const;

/** Ids of more tasks than this do not fit into the address of an export. */
const MOST_IDS = 400;
/** The address follows the typing, at the pace that browsers allow. */
const TYPING = 300;

interface SnapshotViewProps {
  /** packBoard() of the snapshot. */
  packed: string;
  planTitle: string;
  /** Of the API of this snapshot: tasks and words are asked for below it. */
  apiUrl: string;
  /** The page of the snapshot; files and exports lie below it. */
  snapshotUrl: string;
  /** The page of the plan. */
  planUrl: string;
  /** Null when the role may not restore. */
  restoreUrl: string | null;
}

/** A snapshot as Planner shows a plan. View, grouping, filter and open task live in the address. */
export function SnapshotView({ packed, planTitle, apiUrl, snapshotUrl, planUrl, restoreUrl }: SnapshotViewProps) {
  const [get, set] = useAddress();
  const board = useMemo(() => unpackBoard(packed), [packed]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [typed, setTyped] = useState(get("q") ?? "");
  useEffect(() => {
    const timer = setTimeout(() => set({ q: typed.trim() }), TYPING);
    return () => clearTimeout(timer);
  }, [typed, set]);

  const chosen = readFilter(get);
  const key = FACETS.map((facet) => chosen[facet].join(",")).join("|");
  const text = useDeferredValue(typed.trim());
  const elsewhere = useElsewhere(`${apiUrl}/matches`, text);
  const texts = useMemo(() => textsOf(board), [board]);
  const choices = useMemo(() => choicesOf(board), [board]);
  const shown = useMemo(() => {
    const matches = matcher(board, texts, { ...readFilter(get), text }, elsewhere);
    return new Set(board.cards.keys().filter((place) => matches(board.cards[place]!, place)));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` is what `get` says of the filter
  }, [board, texts, text, elsewhere, key]);

  const view = VIEWS.find((each) => each.view === get("view"))?.view ?? "board";
  const group = FACETS.find((facet) => facet === get("group")) ?? "bucket";
  const columns = useMemo(() => columnsBy(group, board, shown), [group, board, shown]);
  const cards = useMemo(() => board.cards.filter((_, place) => shown.has(place)), [board, shown]);
  const context = useMemo((): CardContext => ({
    board,
    onSelect: (id, on) => setSelected((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    }),
    onOpen: (id) => set({ task: id }, true),
  }), [board, set]);

  const isFiltered = text !== "" || countChoices(chosen) > 0;
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <nav aria-label="Views" className="flex flex-wrap gap-1">
          {VIEWS.map(({ view: each, label, Icon }) => (
            <Button key={each} size="small" variant="ghost" aria-current={each === view ? "page" : undefined} onClick={() => set({ view: each === "board" ? null : each }, true)} className={cn(each === view && "bg-subtle text-ink")}><Icon aria-hidden />{label}</Button>
          ))}
        </nav>
        {view === "board" ? <GroupChoice group={group} onChange={(to) => set({ group: to === "bucket" ? null : to })} /> : null}
      </div>
      <FilterBar
        filter={{ ...chosen, text: typed }}
        choices={choices}
        onText={setTyped}
        onChoice={(facet, values) => set({ [facet]: values })}
        onClear={() => {
          setTyped("");
          set({ q: null, ...Object.fromEntries(FACETS.map((facet) => [facet, null])) });
        }}
        status={isFiltered ? `${cards.length.toLocaleString("en")} of ${plural(board.cards.length, "task")}` : plural(board.cards.length, "task")}
      />
      {isFiltered && cards.length > 0 && restoreUrl ? <SelectShown cards={cards} selected={selected} onChange={setSelected} /> : null}
      {isFiltered && cards.length === 0 ? <p className="rounded-lg border border-dashed border-line px-4 py-10 text-center text-muted">No task of this snapshot matches the filter. It may be in another snapshot: search in all backups at the top of the page.</p> : null}
      {view === "board" ? <Board key={group} columns={columns} planTitle={planTitle} context={context} selected={selected} /> : null}
      {view === "grid" ? <Grid cards={cards} board={board} context={context} selected={selected} sort={get("sort") ?? ""} onSort={(sort) => set({ sort })} /> : null}
      {view === "schedule" ? <Schedule cards={cards} context={context} month={get("month")} onMonth={(month) => set({ month })} /> : null}
      {view === "charts" ? <Charts cards={cards} board={board} /> : null}
      {selected.size > 0 ? <SelectionBar selected={selected} snapshotUrl={snapshotUrl} restoreUrl={restoreUrl && `${restoreUrl}?${addressOfTasks(board.cards.map(({ id }) => id), selected)}`} onClear={() => setSelected(new Set())} /> : null}
      <TaskPanel taskId={get("task")} panelUrl={`${apiUrl}/tasks`} fileUrl={`${snapshotUrl}/files`} planUrl={planUrl} restoreUrl={restoreUrl} onClose={() => set({ task: null }, true)} />
    </>
  );
}

function GroupChoice({ group, onChange }: { group: Facet; onChange: (group: string) => void }) {
  return (
    <label className="flex items-center gap-2 text-muted">
      Group by
      <Select value={group} onChange={(event) => onChange(event.target.value)} className="h-8 text-ink">{FACETS.map((facet) => <option key={facet} value={facet}>{FACET_NAMES[facet]}</option>)}</Select>
    </label>
  );
}

function SelectShown({ cards, selected, onChange }: { cards: CardModel[]; selected: ReadonlySet<string>; onChange: (selected: ReadonlySet<string>) => void }) {
  const all = cards.every((card) => selected.has(card.id));
  return all ? null : <p className="-mt-2 mb-4"><Button size="small" variant="ghost" onClick={() => onChange(new Set([...selected, ...cards.map((card) => card.id)]))}>Select {cards.length === 1 ? "the task" : `all ${plural(cards.length, "task")}`} shown</Button></p>;
}

function SelectionBar({ selected, snapshotUrl, restoreUrl, onClear }: { selected: ReadonlySet<string>; snapshotUrl: string; restoreUrl: string | null; onClear: () => void }) {
  return (
    <div role="region" aria-label="Selection" className="sticky bottom-4 z-20 mx-auto mt-2 flex w-fit max-w-full flex-wrap items-center gap-3 rounded-xl border border-line bg-surface px-4 py-2.5 shadow-lg">
      <span role="status" className="font-medium tabular-nums">{plural(selected.size, "task")} selected</span>
      {selected.size <= MOST_IDS ? <ExportMenu snapshotUrl={snapshotUrl} tasks={selected} /> : null}
      {restoreUrl ? <Button variant="primary" asChild><Link href={restoreUrl} prefetch={false}><ArchiveRestore aria-hidden />Restore {plural(selected.size, "task")}…</Link></Button> : null}
      <Button variant="ghost" size="icon" aria-label="Clear selection" onClick={onClear}><X aria-hidden /></Button>
    </div>
  );
}
