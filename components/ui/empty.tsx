import type { ReactNode } from "react";
import type { LucideIcon } from "lucide-react";

/** What this place is for, why nothing is here yet, and the one way on. */
export function Empty({ icon: Icon, title, children, action, level = 2 }: { icon: LucideIcon; title: string; children: ReactNode; action?: ReactNode; level?: 2 | 3 }) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <div className="flex flex-col items-center rounded-lg border border-dashed border-line bg-surface px-6 py-12 text-center">
      <span className="flex size-10 items-center justify-center rounded-full bg-subtle text-muted"><Icon aria-hidden className="size-5" /></span>
      <Heading className="mt-4 text-[0.9375rem] font-semibold">{title}</Heading>
      <div className="mt-1 max-w-md text-muted">{children}</div>
      {action ? <div className="mt-5">{action}</div> : null}
    </div>
  );
}
