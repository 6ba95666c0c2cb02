import type { ReactNode } from "react";
import { cn } from "./cn";

export type Tone = "neutral" | "ok" | "warn" | "danger" | "info";

const TONES: Record<Tone, string> = {
  neutral: "bg-subtle text-muted",
  ok: "bg-ok-tint text-ok",
  warn: "bg-warn-tint text-warn",
  danger: "bg-danger-tint text-danger",
  info: "bg-info-tint text-info",
};

/** A state in a word, with an icon: colour never says it alone. */
export function Badge({ tone = "neutral", icon, children, className }: { tone?: Tone; icon?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <span className={cn("inline-flex min-h-6 max-w-full shrink-0 items-center gap-1 rounded-xl px-2 text-xs font-medium sm:whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0", TONES[tone], className)}>
      {icon}
      {children}
    </span>
  );
}
