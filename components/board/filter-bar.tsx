"use client";

import { Check, ChevronDown, Search, X } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Input } from "@/components/ui/field";
import { MenuContent } from "@/components/ui/menu";
import { countChoices, FACETS, FACET_NAMES, type Choice, type Facet, type Filter } from "./filter";

interface FilterBarProps {
  filter: Filter;
  choices: Record<Facet, Choice[]>;
  onText: (text: string) => void;
  onChoice: (facet: Facet, values: readonly string[]) => void;
  onClear: () => void;
  /** How many tasks are shown, in words. */
  status: string;
}

/** Words, and a menu of choices for each facet that has a choice. */
export function FilterBar({ filter, choices, onText, onChoice, onClear, status }: FilterBarProps) {
  const offered = FACETS.filter((facet) => choices[facet].length > 1 || filter[facet].length > 0);
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2" role="search" aria-label="Filter tasks">
      <div className="relative w-full sm:w-72">
        <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
        <Input type="search" aria-label="Filter tasks" placeholder="Filter by any word" value={filter.text} onChange={(event) => onText(event.target.value)} className="pl-9" />
      </div>
      {offered.map((facet) => <FacetMenu key={facet} facet={facet} choices={choices[facet]} chosen={filter[facet]} onChange={(values) => onChoice(facet, values)} />)}
      {countChoices(filter) > 0 || filter.text ? <Button variant="ghost" size="small" onClick={onClear}><X aria-hidden />Clear filter</Button> : null}
      <p role="status" className="ml-auto text-muted tabular-nums">{status}</p>
    </div>
  );
}

function FacetMenu({ facet, choices, chosen, onChange }: { facet: Facet; choices: Choice[]; chosen: readonly string[]; onChange: (values: readonly string[]) => void }) {
  const names = choices.filter(({ value }) => chosen.includes(value)).map(({ label }) => label);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button size="small" className={cn("max-w-56", chosen.length > 0 && "border-accent bg-accent-tint")}>
          <span className="truncate">{FACET_NAMES[facet]}{names.length > 0 ? `: ${names.length === 1 ? names[0] : names.length}` : ""}</span><ChevronDown aria-hidden />
        </Button>
      </DropdownMenu.Trigger>
      <MenuContent align="start" className="max-h-80 max-w-80 overflow-y-auto">
        {choices.map(({ value, label }) => (
          <DropdownMenu.CheckboxItem
            key={value}
            checked={chosen.includes(value)}
            onCheckedChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((each) => each !== value))}
            onSelect={(event) => event.preventDefault()} // several may be chosen
            className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md py-1.5 pr-2.5 pl-8 outline-none select-none data-highlighted:bg-subtle [overflow-wrap:anywhere]"
          >
            <DropdownMenu.ItemIndicator className="-ml-6 w-4"><Check aria-hidden className="size-4" /></DropdownMenu.ItemIndicator>{label}
          </DropdownMenu.CheckboxItem>
        ))}
      </MenuContent>
    </DropdownMenu.Root>
  );
}
