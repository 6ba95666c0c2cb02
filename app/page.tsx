import Link from "next/link";
import { ArchiveRestore, ArrowRight, CalendarClock, Eye, ShieldCheck } from "lucide-react";
import { redirect } from "next/navigation";
import { PublicFrame } from "@/components/shell/public-frame";
import { SignInButton } from "@/components/shell/sign-in-button";
import { WorkspaceList } from "@/components/shell/workspace-list";
import { Button } from "@/components/ui/button";
import { listWorkspaces } from "@/lib/workspaces";
import { load } from "./load";
import { currentActor } from "./session";

const POINTS = [
  { icon: CalendarClock, title: "Complete copies, on schedule", text: "Buckets, tasks, order, labels, checklists, assignments, files and comments. What could not be read is named, with the reason." },
  { icon: Eye, title: "Look at the past as a board", text: "Open any snapshot as Planner would show it, even when the plan, the group or Microsoft 365 is gone." },
  { icon: ArchiveRestore, title: "Restore without fear", text: "The default touches nothing that exists. You see every operation before it runs, and a read-back comparison after it." },
  { icon: ShieldCheck, title: "Sealed for your workspace", text: "Everything is encrypted with keys of your workspace. Access follows what an administrator granted, and no more." },
];

export default async function HomePage() {
  const actor = await currentActor();
  if (!actor) return <Landing />;
  const workspaces = await load(() => listWorkspaces(actor));
  if (workspaces.length === 0) redirect("/welcome");
  if (workspaces.length === 1) redirect(`/w/${workspaces[0]!.id}`);
  return (
    <PublicFrame>
      <h1 className="text-xl font-semibold tracking-tight">Your workspaces</h1>
      <WorkspaceList workspaces={workspaces} />
      <Button asChild className="mt-4"><Link href="/welcome">New workspace</Link></Button>
    </PublicFrame>
  );
}

function Landing() {
  return (
    <PublicFrame wide>
      <h1 className="max-w-2xl text-4xl leading-[1.1] font-semibold tracking-tight sm:text-5xl">Backup and restore for Microsoft Planner</h1>
      <p className="mt-5 max-w-xl text-base text-muted sm:text-lg">Planner has no recycle bin: any group member can delete any task or plan. Planback keeps snapshots of your plans and puts back what you choose.</p>
      <div className="mt-8 flex flex-wrap items-center gap-4">
        <SignInButton callbackUrl="/" />
        <Link href="#how" className="inline-flex items-center gap-1 rounded py-1 font-medium text-muted hover:text-ink">How it works <ArrowRight aria-hidden className="size-4" /></Link>
      </div>
      <ul className="mt-16 grid gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-2">
        {POINTS.map(({ icon: Icon, title, text }) => (
          <li key={title} className="bg-surface p-6">
            <Icon aria-hidden className="size-5 text-accent" />
            <h2 className="mt-3 text-[0.9375rem] font-semibold">{title}</h2>
            <p className="mt-1 text-muted">{text}</p>
          </li>
        ))}
      </ul>
      <section id="how" aria-labelledby="how-title" className="mt-16">
        <h2 id="how-title" className="text-xl font-semibold tracking-tight">Four steps to the first backup</h2>
        <ol className="mt-5 grid gap-6 sm:grid-cols-2 lg:grid-cols-4">
          {[
            ["Consent", "An administrator of your Microsoft tenant grants consent once. Not one? Send them a link."],
            ["Account", "Sign in a connection account. Each requirement is checked and shown with its evidence."],
            ["Plans", "Choose groups and plans, how often, and how long snapshots are kept."],
            ["First backup", "Watch it run, plan by plan. Then open the board of what was stored."],
          ].map(([title, text], index) => (
            <li key={title} className="border-t-2 border-accent pt-3">
              <p className="font-semibold"><span className="mr-2 text-muted tabular-nums">{index + 1}</span>{title}</p>
              <p className="mt-1 text-muted">{text}</p>
            </li>
          ))}
        </ol>
      </section>
    </PublicFrame>
  );
}
