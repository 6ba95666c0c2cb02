import { cn } from "./cn";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("animate-pulse rounded-md bg-subtle", className)} />;
}

/** The outline of a page while it loads: heading and rows where they will be. */
export function PageSkeleton({ rows = 4, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      <Skeleton className="h-7 w-56" />
      <Skeleton className="mt-2 h-4 w-80 max-w-full" />
      <div className="mt-8 space-y-3">
        {Array.from({ length: rows }, (_, row) => <Skeleton key={row} className="h-20 w-full" />)}
      </div>
    </div>
  );
}
