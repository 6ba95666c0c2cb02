import Link from "next/link";
import { ArrowRight, Check, Hourglass } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { Time } from "@/components/ui/time";
import type { OnboardingStep, OnboardingView } from "@/lib/workspaces/types";

const STEPS: { step: OnboardingStep; title: string; text: string; path: string; action: string }[] = [
  { step: "consent", title: "Consent", text: "An administrator of the Microsoft tenant allows Planback to read plans. Once.", path: "/consent", action: "Grant consent" },
  { step: "connection", title: "Account", text: "Sign in the account that Planback reads with. Its requirements are checked.", path: "/connections", action: "Connect account" },
  { step: "policy", title: "Plans", text: "Choose groups and plans, how often, and how long snapshots are kept.", path: "/policies/new", action: "Choose plans" },
  { step: "firstBackup", title: "First backup", text: "Start it, and watch it plan by plan.", path: "/policies", action: "Open policies" },
];

/** The way to the first backup: what is done, the one next step, and who or what it waits for. */
export function Onboarding({ base, view }: { base: string; view: OnboardingView }) {
  const next = STEPS.findIndex(({ step }) => step === view.next);
  return (
    <Card aria-label="Getting started">
      <ol className="divide-y divide-line">
        {STEPS.map(({ step, title, text, path, action }, index) => {
          const done = view.done[step];
          const current = index === next;
          return (
            <li key={step} aria-current={current ? "step" : undefined} className={cn("flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-4 sm:px-5", current && "bg-accent-tint")}>
              <span aria-hidden className={cn("flex size-7 shrink-0 items-center justify-center rounded-full border text-[0.8125rem] font-semibold", done ? "border-accent bg-accent text-accent-ink" : current ? "border-accent text-accent" : "border-line-strong text-muted")}>
                {done ? <Check className="size-4" /> : index + 1}
              </span>
              <div className="min-w-0 flex-1 basis-56">
                <h2 className={cn("font-semibold", !done && !current && "text-muted")}>{title}<span className="sr-only">{done ? " (done)" : current ? " (next step)" : ""}</span></h2>
                <p className="text-muted">{text}</p>
                {current ? <p className="mt-1 flex items-start gap-1.5"><Hourglass aria-hidden className="mt-1 size-3.5 shrink-0" /><span><WaitsFor view={view} /></span></p> : null}
              </div>
              {current ? <NextButton base={base} path={path} action={action} view={view} /> : null}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function WaitsFor({ view: { next, isYours, people, link, run } }: { view: OnboardingView }) {
  if (link) {
    return (
      <>
        Waiting for an administrator of Microsoft 365: {link.requestedBy} made a link for them <Time value={link.createdAt} relative />, {link.openedAt ? <>opened <Time value={link.openedAt} relative /></> : "not opened yet"}, valid until <Time value={link.expiresAt} />.
      </>
    );
  }
  if (run) return run.isRunning ? "Waiting for the backup that is running." : "The last run ended without a snapshot. Nothing in Microsoft 365 was changed.";
  if (!isYours) return `Waiting for ${peopleText(people)}: your role cannot do this step.`;
  return next === "consent" ? "Waiting for you, if you are an administrator of Microsoft 365. If not, send a link to somebody who is." : "Waiting for you.";
}

function NextButton({ base, path, action, view: { isYours, run } }: { base: string; path: string; action: string; view: OnboardingView }) {
  const [href, words] = run ? [`/runs/${run.id}`, run.isRunning ? "Watch the run" : "See why"] : [path, action];
  if (!run && !isYours) return null;
  return <Button asChild variant="primary"><Link href={base + href}>{words}<ArrowRight aria-hidden /></Link></Button>;
}

/** "Ada, Ben or 2 others". */
function peopleText(people: string[]): string {
  const [named, others] = [people.slice(0, 3), people.length - 3];
  const all = others > 0 ? [...named, others === 1 ? "another" : `${others} others`] : named;
  return new Intl.ListFormat("en", { type: "disjunction" }).format(all);
}
