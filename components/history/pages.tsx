import Link from "next/link";
import { Button } from "@/components/ui/button";

/** Newer and older pages of the timeline. */
export function Pages({ page, pages, url }: { page: number; pages: number; url: (page: number) => string }) {
  if (pages === 1) return null;
  return (
    <nav aria-label="Pages of the history" className="flex items-center justify-between gap-3">
      {page > 1 ? <Button asChild><Link href={url(page - 1)}>Newer</Link></Button> : <span />}
      <span className="text-muted tabular-nums">Page {page} of {pages}</span>
      {page < pages ? <Button asChild><Link href={url(page + 1)}>Older</Link></Button> : <span />}
    </nav>
  );
}
