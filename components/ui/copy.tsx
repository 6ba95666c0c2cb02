"use client";

import { useState } from "react";
import { Check, Copy } from "lucide-react";
import { Button } from "./button";

/** A text one cannot remember, and a button that copies it. */
export function CopyField({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex gap-2">
      <input readOnly aria-label={label} value={value} onFocus={(event) => event.currentTarget.select()} className="h-9 min-w-0 flex-1 rounded-md border border-line-strong bg-subtle px-3 font-mono text-[0.8125rem]" />
      <CopyButton value={value} />
    </div>
  );
}

export function CopyButton({ value, children = "Copy" }: { value: string; children?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <>
      <Button onClick={copy}>{copied ? <Check aria-hidden /> : <Copy aria-hidden />}{children}</Button>
      <span role="status" className="sr-only">{copied ? "Copied" : ""}</span>
    </>
  );
}
