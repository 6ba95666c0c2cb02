"use client";

import { useState } from "react";
import { Check, Copy } from "lucide-react";
import { Button } from "./button";

/** A text one cannot remember, and a button that copies it. */
export function CopyField({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex flex-wrap gap-2">
      <input readOnly aria-label={label} value={value} onFocus={(event) => event.currentTarget.select()} className="h-9 min-w-0 flex-1 basis-32 rounded-md border border-line-strong bg-subtle px-3 font-mono text-[0.8125rem]" />
      <CopyButton value={value} />
    </div>
  );
}

type Outcome = "copied" | "refused" | null;

export function CopyButton({ value, children = "Copy" }: { value: string; children?: string }) {
  const [outcome, setOutcome] = useState<Outcome>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setOutcome("copied");
      setTimeout(() => setOutcome(null), 2_000);
    } catch {
      setOutcome("refused"); // by the browser: no permission, or an address without https
    }
  };
  return (
    <>
      <Button onClick={copy}>{outcome === "copied" ? <Check aria-hidden /> : <Copy aria-hidden />}{children}</Button>
      <span role="status" className={outcome === "refused" ? "self-center text-[0.8125rem] text-warn" : "sr-only"}>{outcome === "copied" ? "Copied" : outcome === "refused" ? "The browser does not allow it: select the text and copy it." : ""}</span>
    </>
  );
}
