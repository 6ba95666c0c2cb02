"use client";

import { useMemo } from "react";
import { Bar, BarChart, Cell, Pie, PieChart, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { plural } from "@/components/ui/text";
import { countParts, countRows, PARTS, PART_WORDS, type Part, type PartCounts, type Row } from "./counts";
import type { BoardModel, CardModel } from "./model";

const COLOURS: Record<Part, string> = { completed: "var(--ok)", late: "var(--danger)", inProgress: "var(--info)", notStarted: "var(--line-strong)" };
/** Bars of one chart; the table below has all. */
const BARS = 12;
const BAR = 30;

/** Planner's charts: status, buckets, priorities, people. Each says the same in words for those who do not see it. */
export function Charts({ cards, board }: { cards: CardModel[]; board: BoardModel }) {
  const status = useMemo(() => countParts(cards, board.takenOn), [cards, board]);
  const rows = useMemo(() => countRows(cards, board), [cards, board]);
  if (cards.length === 0) return null;
  return (
    <>
      <ul aria-label="Colours" className="mb-3 flex flex-wrap gap-x-4 gap-y-1">
        {PARTS.map((part) => <li key={part} className="flex items-center gap-1.5"><span aria-hidden className="size-3 rounded-sm" style={{ background: COLOURS[part] }} />{PART_WORDS[part]} <span className="text-muted tabular-nums">{status[part].toLocaleString("en")}</span></li>)}
      </ul>
      <div className="grid gap-4 lg:grid-cols-2">
        <Status counts={status} total={cards.length} />
        <Bars title="Priority" rows={rows.priorities} />
        <Bars title="Bucket" rows={rows.buckets} />
        <Bars title="Members" rows={rows.people} />
      </div>
    </>
  );
}

function Status({ counts, total }: { counts: PartCounts; total: number }) {
  const left = total - counts.completed;
  const words = `${plural(total, "task")}: ${inWords(counts)}.`;
  return (
    <Card aria-labelledby="chart-status">
      <CardHeader id="chart-status" title="Status">{plural(left, "task")} left</CardHeader>
      <CardBody>
        <div role="img" aria-label={words} className="h-56">
          <div inert className="h-full"><ResponsiveContainer width="100%" height="100%">
            <PieChart accessibilityLayer={false}>
              <Pie data={PARTS.filter((part) => counts[part] > 0).map((part) => ({ part, value: counts[part] }))} dataKey="value" innerRadius="58%" outerRadius="95%" stroke="var(--surface)" strokeWidth={2} startAngle={90} endAngle={-270} isAnimationActive={false} rootTabIndex={-1}>
                {PARTS.filter((part) => counts[part] > 0).map((part) => <Cell key={part} fill={COLOURS[part]} />)}
              </Pie>
            </PieChart>
          </ResponsiveContainer></div>
        </div>
      </CardBody>
    </Card>
  );
}

function Bars({ title, rows }: { title: string; rows: Row[] }) {
  const shown = rows.slice(0, BARS);
  const id = `chart-${title.toLowerCase()}`;
  const words = shown.map((row) => `${row.name}: ${plural(row.total, "task")}${row.total > 0 ? `, ${inWords(row.parts)}` : ""}`).join("; ");
  return (
    <Card aria-labelledby={id}>
      <CardHeader id={id} title={title}>{rows.length > shown.length ? `${shown.length} of ${rows.length}; all are in the table` : null}</CardHeader>
      <CardBody>
        <div role="img" aria-label={words} style={{ height: shown.length * BAR + 30 }}>
          <div inert className="h-full"><ResponsiveContainer width="100%" height="100%">
            <BarChart layout="vertical" data={shown.map((row) => ({ name: row.name, ...row.parts }))} margin={{ left: 0, right: 12, top: 0, bottom: 0 }} barCategoryGap={6} accessibilityLayer={false}>
              <XAxis type="number" allowDecimals={false} tick={{ fill: "var(--muted)", fontSize: 12 }} axisLine={{ stroke: "var(--line)" }} tickLine={false} />
              <YAxis type="category" dataKey="name" width={112} interval={0} tick={{ fill: "var(--ink)", fontSize: 12 }} tickFormatter={short} axisLine={false} tickLine={false} />
              {PARTS.map((part) => <Bar key={part} dataKey={part} stackId="parts" fill={COLOURS[part]} isAnimationActive={false} />)}
            </BarChart>
          </ResponsiveContainer></div>
        </div>
        <details className="mt-2">
          <summary className="w-fit rounded text-muted">As a table</summary>
          <table className="mt-2 w-full text-left text-[0.8125rem] tabular-nums max-sm:block">
            <caption className="sr-only">{title}</caption>
            <thead className="max-sm:sr-only"><tr><th scope="col" className="py-1 pr-2 font-medium">{title}</th>{PARTS.map((part) => <th key={part} scope="col" className="px-2 text-right font-medium">{PART_WORDS[part]}</th>)}<th scope="col" className="pl-2 text-right font-medium">All</th></tr></thead>
            <tbody className="max-sm:block">
              {rows.map((row, place) => (
                <tr key={place} className="border-t border-line max-sm:flex max-sm:flex-wrap max-sm:gap-x-3 max-sm:py-1">
                  <th scope="row" className="py-1 pr-2 font-normal [overflow-wrap:anywhere] max-sm:w-full">{row.name}</th>
                  {PARTS.map((part) => <td key={part} className="px-2 text-right max-sm:px-0"><span className="text-muted sm:hidden">{PART_WORDS[part]} </span>{row.parts[part]}</td>)}
                  <td className="pl-2 text-right max-sm:pl-0"><span className="text-muted sm:hidden">All </span>{row.total}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </CardBody>
    </Card>
  );
}

const short = (name: string) => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

const inWords = (counts: PartCounts) => PARTS.filter((part) => counts[part] > 0).map((part) => `${counts[part]} ${PART_WORDS[part].toLowerCase()}`).join(", ");
