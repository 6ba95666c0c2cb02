import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Logo } from "./logo";
import { ThemeMenu } from "./theme";

/** Frame of the pages outside a workspace. */
export function PublicFrame({ children, wide = false, actions }: { children: ReactNode; wide?: boolean; actions?: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="mx-auto flex h-16 w-full max-w-5xl items-center justify-between px-4 sm:px-6">
        <Link href="/" className="flex items-center gap-2 rounded text-[0.9375rem] font-semibold"><Logo className="size-6 text-accent" />Planback</Link>
        <div className="flex items-center gap-2">{actions}<Button asChild variant="ghost" size="small"><Link href="/help">Help</Link></Button><ThemeMenu /></div>
      </header>
      <main id="main" tabIndex={-1} className={`mx-auto w-full flex-1 px-4 py-8 outline-none sm:px-6 sm:py-12 ${wide ? "max-w-5xl" : "max-w-2xl"}`}>{children}</main>
      <footer className="mx-auto w-full max-w-5xl px-4 py-8 text-[0.8125rem] text-muted sm:px-6">Planback keeps its own sealed copy of your Planner data. It is not a product of Microsoft.</footer>
    </div>
  );
}
