import { Skeleton } from "@/components/ui/skeleton";

/** The outline of the board. */
export default function Loading() {
  return (
    <div role="status" aria-label="Loading the board">
      <Skeleton className="h-7 w-64" />
      <Skeleton className="mt-2 h-4 w-80 max-w-full" />
      <div className="mt-8 flex gap-3 overflow-hidden">
        {[5, 3, 4, 2].map((cards, column) => (
          <div key={column} className="w-72 shrink-0 space-y-2 rounded-lg bg-subtle p-2">
            {Array.from({ length: cards }, (_, card) => <div key={card} className="h-24 animate-pulse rounded-md bg-surface" />)}
          </div>
        ))}
      </div>
    </div>
  );
}
