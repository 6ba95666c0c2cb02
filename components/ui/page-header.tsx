import Link from "next/link";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

export interface Crumb { label: string; href: string }

/** The page's one h1, where it stands, and its one main action. */
export function PageHeader({ title, children, actions, crumbs = [], badge }: { title: ReactNode; children?: ReactNode; actions?: ReactNode; crumbs?: Crumb[]; badge?: ReactNode }) {
  return (
    <header className="mb-6">
      {crumbs.length > 0 ? (
        <nav aria-label="Breadcrumb" className="mb-2 print:hidden">
          <ol className="flex flex-wrap items-center gap-1 text-[0.8125rem] text-muted">
            {crumbs.map((crumb) => (
              <li key={crumb.href} className="flex min-w-0 items-center gap-1">
                <Link href={crumb.href} className="max-w-64 truncate rounded py-1 hover:text-ink hover:underline">{crumb.label}</Link>
                <ChevronRight aria-hidden className="size-3.5 shrink-0" />
              </li>
            ))}
          </ol>
        </nav>
      ) : null}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="min-w-0 text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">{title}</h1>
            {badge}
          </div>
          {children ? <div className="mt-1 max-w-3xl text-muted">{children}</div> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
    </header>
  );
}
