import Link from "next/link";
import type { ReactNode } from "react";
import { PublicFrame } from "@/components/shell/public-frame";
import { cn } from "@/components/ui/cn";
import { TOPICS } from "./topics";

/** A page of the help: the other pages stand beside it, always in the same order. */
export function HelpPage({ path, title, intro, children }: { path: string; title: string; intro: ReactNode; children: ReactNode }) {
  return (
    <PublicFrame wide>
      <div className="gap-12 md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
        <nav aria-label="Help" className="mb-8 md:mb-0">
          <p className="mb-1 px-2.5 text-xs text-muted">Help</p>
          <ul>
            {TOPICS.map((topic) => (
              <li key={topic.path}><Link href={topic.path} aria-current={topic.path === path ? "page" : undefined} className={cn("block rounded-md px-2.5 py-1.5 text-muted hover:bg-subtle hover:text-ink", topic.path === path && "bg-subtle font-medium text-ink")}>{topic.title}</Link></li>
            ))}
          </ul>
        </nav>
        <article className="max-w-2xl text-[0.9375rem] leading-relaxed">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          <div className="mt-3 text-muted">{intro}</div>
          {children}
        </article>
      </div>
    </PublicFrame>
  );
}

/** A question with its answer; `id` makes it a place to link to. */
export function Section({ id, title, children }: { id?: string; title: ReactNode; children: ReactNode }) {
  return <section id={id} className="mt-9 scroll-mt-6"><h2 className="text-lg font-semibold tracking-tight">{title}</h2><div className="mt-2 space-y-3">{children}</div></section>;
}

export function MoreAbout({ href, children }: { href: string; children: ReactNode }) {
  return <Link href={href} className="inline-block rounded py-1 underline decoration-line-strong underline-offset-2 hover:decoration-current">{children}</Link>;
}
