"use client";

import { useId, useState } from "react";
import { Input } from "@/components/ui/field";
import type { RestoreTargets } from "@/lib/workspaces/types";

interface GroupPickerProps { groups: RestoreTargets["groups"]; value: string | null; sourceGroupId: string; onChange: (id: string) => void }

/** Target group: a filter and a list. Groups where the account is not a member are shown, disabled, with the reason. */
export function GroupPicker({ groups, value, sourceGroupId, onChange }: GroupPickerProps) {
  const id = useId();
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const shown = groups
    .filter((group) => group.id === value || group.name.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.id === sourceGroupId) - Number(a.id === sourceGroupId) || Number(b.isMember) - Number(a.isMember) || a.name.localeCompare(b.name));
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium">Target group</label>
      {groups.length > 8 ? <Input type="search" aria-label="Filter groups" placeholder="Filter groups" value={query} onChange={(event) => setQuery(event.target.value)} className="mb-2" /> : null}
      <select id={id} size={Math.min(6, Math.max(2, shown.length))} value={value ?? ""} onChange={(event) => onChange(event.target.value)} className="w-full rounded-md border border-line-strong bg-surface p-1">
        {shown.map((group) => (
          <option key={group.id} value={group.id} disabled={!group.isMember} className="rounded px-2 py-1 checked:font-medium disabled:text-muted">
            {group.name}{group.id === sourceGroupId ? " (where the plan was)" : ""}{group.isMember ? (group.visibility !== "Public" && !group.isOwner ? ", private, not an owner" : "") : ", the account is not a member"}
          </option>
        ))}
      </select>
      {groups.length === 0 ? <p className="mt-1.5 text-[0.8125rem] text-muted">The groups of this account were not read yet. Open the connection and check it.</p> : null}
      {value === null && groups.length > 0 ? <p className="mt-1.5 text-[0.8125rem] text-muted">Choose a group. The one where the plan was is not reachable with this account.</p> : null}
    </div>
  );
}
