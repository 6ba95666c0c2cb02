"use client";

import { useState } from "react";
import { Input, Select } from "@/components/ui/field";
import { plural } from "@/components/ui/text";

export interface PersonRow {
  id: string;
  name: string;
  userPrincipalName: string | null;
  tasks: number;
  /** What happens when nothing is chosen: "the same person", "Alice Meyer (alice@…), same user name". */
  automatic: string;
}

interface PeopleTableProps {
  rows: PersonRow[];
  /** What was chosen by hand: id or user name of a person, or null for nobody. */
  chosen: Readonly<Record<string, string | null>>;
  candidates: { id: string; name: string; userPrincipalName: string | null }[];
  onChange: (chosen: Record<string, string | null>) => void;
}

/** Who becomes whom in the target: what was found by itself, and another choice where wanted. */
export function PeopleTable({ rows, chosen, candidates, onChange }: PeopleTableProps) {
  const choose = (id: string, target: string | null | undefined) => {
    const next = { ...chosen };
    if (target === undefined) delete next[id];
    else next[id] = target;
    onChange(next);
  };
  return (
    <div className="max-h-96 overflow-auto rounded-lg border border-line" role="region" aria-label="People" tabIndex={0}>
      <table className="w-full min-w-96 text-left">
        <thead className="sticky top-0 z-10 bg-subtle text-[0.8125rem] text-muted"><tr><th scope="col" className="px-3 py-2 font-medium">In the snapshot</th><th scope="col" className="px-3 py-2 font-medium">Becomes</th></tr></thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" className="px-3 py-2 align-top font-normal">
                <span className="block font-medium [overflow-wrap:anywhere]">{row.name}</span>
                <span className="block text-[0.8125rem] text-muted [overflow-wrap:anywhere]">{row.userPrincipalName ? `${row.userPrincipalName}, ` : ""}{plural(row.tasks, "task")}</span>
              </th>
              <td className="w-3/5 px-3 py-2 align-top"><Target row={row} value={chosen[row.id]} candidates={candidates} onChange={(target) => choose(row.id, target)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Target({ row, value, candidates, onChange }: { row: PersonRow; value: string | null | undefined; candidates: PeopleTableProps["candidates"]; onChange: (target: string | null | undefined) => void }) {
  const listed = typeof value === "string" && candidates.some(({ id }) => id === value);
  const [typing, setTyping] = useState(typeof value === "string" && !listed);
  const [text, setText] = useState(typeof value === "string" && !listed ? value : "");
  const option = typing ? "other" : value === undefined ? "automatic" : value === null ? "nobody" : value;
  const choose = (next: string) => {
    setTyping(next === "other");
    if (next === "other") return;
    onChange(next === "automatic" ? undefined : next === "nobody" ? null : next);
  };
  return (
    <div className="space-y-2">
      <Select aria-label={`${row.name} becomes`} className="w-full" value={option} onChange={(event) => choose(event.target.value)}>
        <option value="automatic">{row.automatic}</option>
        <option value="nobody">Nobody</option>
        {candidates.map((person) => <option key={person.id} value={person.id}>{person.name}{person.userPrincipalName ? ` (${person.userPrincipalName})` : ""}</option>)}
        <option value="other">Somebody else, by user name…</option>
      </Select>
      {typing ? (
        <Input
          type="email" aria-label={`User name of the person that ${row.name} becomes`} placeholder="name@company.com" value={text}
          onChange={(event) => {
            setText(event.target.value);
            onChange(event.target.value.includes("@") ? event.target.value.trim() : undefined);
          }}
        />
      ) : null}
    </div>
  );
}
