"use client";

import type { ComponentProps, ReactNode } from "react";
import { Check, Minus } from "lucide-react";
import { Checkbox as Radix } from "radix-ui";
import { cn } from "./cn";

export function Checkbox({ className, ...props }: ComponentProps<typeof Radix.Root>) {
  return (
    <Radix.Root
      className={cn("relative flex size-[1.125rem] shrink-0 items-center justify-center rounded-[5px] border border-line-strong bg-surface text-accent-ink after:absolute after:-inset-1 data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent disabled:opacity-50", className)}
      {...props}
    >
      <Radix.Indicator>{props.checked === "indeterminate" ? <Minus className="size-3.5" /> : <Check className="size-3.5" />}</Radix.Indicator>
    </Radix.Root>
  );
}

/** A checkbox with its words beside it; the whole line is the target. */
export function CheckboxLine({ label, hint, ...props }: { label: ReactNode; hint?: ReactNode } & ComponentProps<typeof Radix.Root>) {
  return (
    <label className="flex cursor-pointer items-start gap-3">
      <Checkbox className="mt-0.5" {...props} />
      <span className="min-w-0">
        <span className="font-medium">{label}</span>
        {hint ? <span className="block text-muted">{hint}</span> : null}
      </span>
    </label>
  );
}
