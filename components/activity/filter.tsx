import Link from "next/link";
import { Button } from "@/components/ui/button";
import { Field, Input, Select } from "@/components/ui/field";
import type { ActivityFilter, ActivityView } from "@/lib/workspaces/types";
import { ACTION_GROUPS, actionText } from "./words";

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Sent by GET: the address holds the filter, also without script. */
export function Filter({ filter, actors, here }: { filter: ActivityFilter; actors: ActivityView["actors"]; here: string }) {
  const active = Object.values(filter).some(Boolean);
  return (
    <form method="get" action={here} className="mb-4 grid grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap">
      <Field label="Person" className="col-span-2 min-w-0 sm:w-52">{(control) => (
        <Select {...control} name="actor" defaultValue={filter.actor ?? ""} className="w-full">
          <option value="">Everybody</option>
          {actors.map((actor) => <option key={actor.id} value={actor.id}>{actor.name}</option>)}
        </Select>
      )}</Field>
      <Field label="Action" className="col-span-2 min-w-0 sm:w-52">{(control) => (
        <Select {...control} name="action" defaultValue={filter.action ?? ""} className="w-full">
          <option value="">Everything</option>
          {ACTION_GROUPS.map((group) => (
            <optgroup key={group.title} label={group.title}>{Object.keys(group.actions).map((action) => <option key={action} value={action}>{capital(actionText(action, false))}</option>)}</optgroup>
          ))}
        </Select>
      )}</Field>
      <Field label="From (UTC)" className="min-w-0">{(control) => <Input {...control} type="date" name="from" defaultValue={filter.from} />}</Field>
      <Field label="To (UTC)" className="min-w-0">{(control) => <Input {...control} type="date" name="to" defaultValue={filter.to} />}</Field>
      {filter.target ? <input type="hidden" name="target" value={filter.target} /> : null}
      <div className="col-span-2 flex gap-2">
        <Button type="submit">Filter</Button>
        {active ? <Button asChild variant="ghost"><Link href={here}>Show everything</Link></Button> : null}
      </div>
    </form>
  );
}
