"use client";

import { useEffect, useRef, useState, useSyncExternalStore, useTransition } from "react";
import { usePathname, useRouter } from "next/navigation";
import { Search } from "lucide-react";
import { Input, Select } from "@/components/ui/field";
import { cn } from "@/components/ui/cn";

interface SearchFormProps { text: string; planId: string | null; goneOnly: boolean; plans: { id: string; title: string; groupName: string }[] }

/** While somebody types: not a request for every letter. */
const TYPING_MS = 250;
/** Longer lists of plans are filled in by the browser: thousands of options would be most of the page. */
const MOST_OPTIONS = 100;
const NEVER = () => () => {};

/** The question and its filters, which live in the address. Works without script by Enter. */
export function SearchForm({ text, planId, goneOnly, plans }: SearchFormProps) {
  const router = useRouter();
  const pathname = usePathname();
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState(text);
  const [shown, setShown] = useState(text);
  const [pending, start] = useTransition();
  // Another search came by the address (the box in the header, Back).
  if (text !== shown) {
    setShown(text);
    setTyped(text);
  }
  const isInBrowser = useSyncExternalStore(NEVER, () => true, () => false);
  const all = isInBrowser || plans.length <= MOST_OPTIONS;
  const go = () => {
    const entries = [...new FormData(form.current!)].filter(([, value]) => value !== "") as [string, string][];
    start(() => router.replace(`${pathname}?${new URLSearchParams(entries)}`, { scroll: false }));
  };
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const soon = (ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(go, ms);
  };
  return (
    <form
      ref={form} method="get" role="search" aria-label="Tasks in all backups" action={pathname} className="mb-4 flex flex-wrap items-center gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        soon(0);
      }}
    >
      <div className="relative min-w-0 flex-1 basis-64">
        <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted" />
        <Input
          type="search" name="q" aria-label="Search in all backups" placeholder="Words in a task" autoComplete="off" maxLength={500} value={typed} className="pl-9" data-search
          onChange={(event) => {
            setTyped(event.target.value);
            soon(TYPING_MS);
          }}
        />
      </div>
      <Select name="plan" aria-label="Plan" defaultValue={planId ?? ""} onChange={() => soon(0)} className="max-w-full min-w-0 basis-48">
        <option value="">All plans</option>
        {plans.filter((plan) => all || plan.id === planId).map((plan) => <option key={plan.id} value={plan.id}>{plan.title} ({plan.groupName})</option>)}
      </Select>
      <label className="flex min-h-9 items-center gap-2"><input type="checkbox" name="gone" value="1" defaultChecked={goneOnly} onChange={() => soon(0)} className="size-4 accent-accent" />Gone from Microsoft 365</label>
      <span aria-hidden className={cn("text-muted", !pending && "invisible")}>Searching…</span>
    </form>
  );
}
