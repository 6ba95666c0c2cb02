"use client";

import { useEffect, useRef } from "react";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { Search } from "lucide-react";
import { Button } from "@/components/ui/button";

const TYPED_IN = "input, textarea, select, [contenteditable], [role=dialog], [role=menu]";

/** The way to the search from every page; `/` leads there too, unless something is being typed. */
export function SearchBox({ base }: { base: string }) {
  const router = useRouter();
  const url = `${base}/search`;
  const isHere = usePathname() === url;
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || (event.target as Element | null)?.closest?.(TYPED_IN)) return;
      event.preventDefault();
      const input = document.querySelector<HTMLInputElement>("main [data-search]") ?? box.current;
      if (input?.checkVisibility()) input.focus();
      else router.push(url);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router, url]);
  if (isHere) return null;
  return (
    <>
      <form
        method="get"
        role="search" aria-label="Search" action={url} className="relative hidden w-64 md:block"
        onSubmit={(event) => {
          event.preventDefault();
          router.push(`${url}?${new URLSearchParams({ q: box.current!.value })}`);
        }}
      >
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" />
        <input ref={box} name="q" type="search" aria-label="Search in all backups" aria-keyshortcuts="/" placeholder="Search in all backups" autoComplete="off" maxLength={500} className="h-8 w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 text-[0.8125rem] placeholder:text-muted" />
      </form>
      <Button variant="ghost" size="icon" asChild className="md:hidden"><Link href={url} aria-label="Search in all backups"><Search aria-hidden /></Link></Button>
    </>
  );
}
