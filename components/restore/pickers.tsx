"use client";

import { useId, useState, type ReactNode } from "react";
import { Input } from "@/components/ui/field";
import type { RestoreTargets } from "@/lib/workspaces/types";

type Group = RestoreTargets["groups"][number];

interface Option { value: string; label: string; disabled?: boolean }

/** A filter and a list, for hundreds of groups and plans. */
function Picker({ label, filter, options, value, empty, hint, onChange }: { label: string; filter: string; options: Option[]; value: string; empty: string; hint: ReactNode; onChange: (value: string) => void }) {
  const id = useId();
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const shown = options.filter((option) => option.value === value || option.label.toLowerCase().includes(wanted));
  const chosen = options.some((option) => option.value === value);
  const below = options.length === 0 ? empty : chosen ? null : hint;
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium">{label}</label>
      {options.length > 8 ? <Input type="search" aria-label={filter} placeholder={filter} value={query} onChange={(event) => setQuery(event.target.value)} className="mb-2" /> : null}
      <select id={id} size={Math.min(6, Math.max(2, shown.length))} value={chosen ? value : ""} aria-describedby={below ? `${id}-hint` : undefined} onChange={(event) => onChange(event.target.value)} className="w-full rounded-md border border-line-strong bg-surface p-1">
        {shown.map((option) => <option key={option.value} value={option.value} disabled={option.disabled} className="rounded px-2 py-1 checked:font-medium disabled:text-muted">{option.label}</option>)}
      </select>
      {below ? <p id={`${id}-hint`} className="mt-1.5 text-[0.8125rem] text-muted">{below}</p> : null}
    </div>
  );
}

const byName = (a: Group, b: Group) => a.name.localeCompare(b.name);

/** Target group. Groups where the account is not a member are shown, disabled, with the reason. */
export function GroupPicker({ groups, value, sourceGroupId, onChange }: { groups: Group[]; value: string; sourceGroupId: string; onChange: (id: string) => void }) {
  const sorted = [...groups].sort((a, b) => Number(b.id === sourceGroupId) - Number(a.id === sourceGroupId) || Number(b.isMember) - Number(a.isMember) || byName(a, b));
  const options = sorted.map((group) => ({
    value: group.id, disabled: !group.isMember,
    label: `${group.name}${group.id === sourceGroupId ? " (where the plan was)" : ""}${group.isMember ? (group.visibility !== "Public" && !group.isOwner ? ", private, not an owner" : "") : ", the account is not a member"}`,
  }));
  return <Picker label="Target group" filter="Filter groups" options={options} value={value} onChange={onChange} empty="The groups of this account were not read yet. Open the connection and check it." hint="Choose a group. The one where the plan was is not reachable with this account." />;
}

/** A plan that exists and that the account can write to; `withoutPlan` is restored in place instead. */
export function PlanPicker({ groups, value, withoutPlan, onChange }: { groups: Group[]; value: string; withoutPlan: string; onChange: (chosen: { groupId: string; planId: string }) => void }) {
  const plans = groups.filter(({ isMember }) => isMember).sort(byName).flatMap((group) => group.plans.filter(({ id }) => id !== withoutPlan).map((plan) => ({ group, plan })));
  return (
    <Picker
      label="Target plan" filter="Filter plans" value={value}
      options={plans.map(({ group, plan }) => ({ value: plan.id, label: `${plan.title} (${group.name})` }))}
      onChange={(planId) => onChange({ planId, groupId: plans.find(({ plan }) => plan.id === planId)!.group.id })}
      empty="The account sees no other plan. Restore into a new one." hint="Choose a plan."
    />
  );
}
