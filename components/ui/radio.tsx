"use client";

import type { ReactNode } from "react";
import { RadioGroup } from "radix-ui";
import { cn } from "./cn";

export interface Choice<T extends string> { value: T; label: string; hint?: ReactNode; disabled?: boolean }

/** One of a few, each with its consequence spelled out. */
export function RadioCards<T extends string>({ name, label, labelShown = false, value, onChange, choices, className }: {
  name: string; label: string; /** Where the heading above does not ask the question. */ labelShown?: boolean; value: T; onChange: (value: T) => void; choices: Choice<T>[]; className?: string;
}) {
  const group = (
    <RadioGroup.Root name={name} aria-label={label} value={value} onValueChange={(next) => onChange(next as T)} className={cn("grid gap-2", className)}>
      {choices.map((choice) => (
        <label
          key={choice.value}
          className={cn("flex cursor-pointer items-start gap-3 rounded-lg border border-line bg-surface px-4 py-3 has-data-[state=checked]:border-accent has-data-[state=checked]:bg-accent-tint", choice.disabled && "cursor-not-allowed opacity-60")}
        >
          <RadioGroup.Item
            value={choice.value}
            disabled={choice.disabled}
            aria-label={choice.label}
            className="mt-0.5 flex size-[1.125rem] shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-[state=checked]:border-accent"
          >
            <RadioGroup.Indicator className="size-2.5 rounded-full bg-accent" />
          </RadioGroup.Item>
          <span className="min-w-0">
            <span className="font-medium">{choice.label}</span>
            {choice.hint ? <span className="block text-muted">{choice.hint}</span> : null}
          </span>
        </label>
      ))}
    </RadioGroup.Root>
  );
  return labelShown ? <div><p aria-hidden className="mb-1.5 font-medium">{label}</p>{group}</div> : group;
}
