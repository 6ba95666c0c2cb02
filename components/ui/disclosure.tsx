"use client";

import { useState, type ReactNode } from "react";
import { cn } from "./cn";

interface DisclosureProps { summary: ReactNode; /** As the page comes; afterwards it stays as the person left it. */ open?: boolean; className?: string; children: ReactNode }

/** Folded until it is asked for. What is done inside it, or saved, never folds it over itself. */
export function Disclosure({ summary, open = false, className, children }: DisclosureProps) {
  const [isOpenAtFirst] = useState(open);
  return (
    <details open={isOpenAtFirst}>
      <summary className={cn("w-fit rounded font-medium", className)}>{summary}</summary>
      <div className="mt-3">{children}</div>
    </details>
  );
}
