import Link from "next/link";
import { ArrowRight, Check } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import type { OverviewView } from "@/lib/workspaces/types";

const STEPS = [
  { key: "consent", title: "Consent", text: "An administrator of the Microsoft tenant allows Planback to read plans. Once.", path: "/consent", action: "Grant consent" },
  { key: "connection", title: "Account", text: "Sign in the account that Planback reads with. Its requirements are checked.", path: "/connections", action: "Connect account" },
  { key: "policy", title: "Plans", text: "Choose groups and plans, how often, and how long snapshots are kept.", path: "/policies/new", action: "Choose plans" },
  { key: "firstBackup", title: "First backup", text: "Start it, and watch it plan by plan.", path: "/policies", action: "Open policies" },
] as const;

/** The way to the first backup: what is done, and the one next step. */
export function Onboarding({ base, steps }: { base: string; steps: OverviewView["onboarding"] }) {
  const next = STEPS.findIndex((step) => !steps[step.key]);
  return (
    <Card aria-label="Getting started">
      <ol className="divide-y divide-line">
        {STEPS.map((step, index) => {
          const done = steps[step.key];
          const current = index === next;
          return (
            <li key={step.key} aria-current={current ? "step" : undefined} className={cn("flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-4 sm:px-5", current && "bg-accent-tint")}>
              <span aria-hidden className={cn("flex size-7 shrink-0 items-center justify-center rounded-full border text-[0.8125rem] font-semibold", done ? "border-accent bg-accent text-accent-ink" : current ? "border-accent text-accent" : "border-line-strong text-muted")}>
                {done ? <Check className="size-4" /> : index + 1}
              </span>
              <div className="min-w-0 flex-1 basis-56">
                <h2 className={cn("font-semibold", !done && !current && "text-muted")}>{step.title}<span className="sr-only">{done ? " (done)" : current ? " (next step)" : ""}</span></h2>
                <p className="text-muted">{step.text}</p>
              </div>
              {current ? <Button asChild variant="primary"><Link href={base + step.path}>{step.action}<ArrowRight aria-hidden /></Link></Button> : null}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
