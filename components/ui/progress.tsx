import { cn } from "./cn";

/** `label` names it, `text` is what is said of it: "120 of 300 tasks". Unknown total: a bar that only says "going on". */
export function Progress({ label, done, total, text, className }: { label: string; done: number; total: number; text?: string; className?: string }) {
  const known = total > 0;
  const percent = known ? Math.min(100, Math.round((done / total) * 100)) : 0;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? percent : undefined}
      aria-valuetext={text ?? (known ? `${done} of ${total}` : "In progress")}
      className={cn("h-1.5 w-full overflow-hidden rounded-full bg-subtle", className)}
    >
      <div className={cn("h-full rounded-full bg-accent transition-[width] duration-500", !known && "w-1/4 animate-pulse")} style={known ? { width: `${percent}%` } : undefined} />
    </div>
  );
}
