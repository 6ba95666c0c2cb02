import Link from "next/link";
import type { ReactNode } from "react";
import { DeletionNotice } from "@/components/shell/deletion";
import { Logo } from "@/components/shell/logo";
import { SearchBox } from "@/components/shell/search-box";
import { NavMenu, Sidebar } from "@/components/shell/sidebar";
import { ThemeMenu } from "@/components/shell/theme";
import { UserMenu } from "@/components/shell/user-menu";
import { WorkspaceMenu } from "@/components/shell/workspace-menu";
import { getWorkspace, isOperator, listWorkspaces } from "@/lib/workspaces";
import { load } from "../../load";
import { requireActor } from "../../session";
import { cancelDeletionAction } from "./members/actions";

/** The frame of a workspace. Every page below checks the right to see it again by itself. */
export default async function WorkspaceLayout({ children, params }: { children: ReactNode; params: Promise<{ workspaceId: string }> }) {
  const { workspaceId } = await params;
  const actor = await requireActor();
  const [workspace, workspaces] = await load(() => Promise.all([getWorkspace(actor, workspaceId), listWorkspaces(actor)]));
  const base = `/w/${workspace.id}`;
  return (
    <div className="min-h-dvh">
      <header className="sticky top-0 z-30 border-b border-line bg-canvas/90 backdrop-blur print:hidden">
        <div className="flex h-14 items-center gap-2 px-3 sm:px-5">
          <NavMenu base={base} permissions={workspace.permissions} />
          <Link href={base} aria-label="Planback, overview" className="flex shrink-0 items-center gap-2 rounded font-semibold"><Logo className="size-6 text-accent" /><span className="hidden sm:inline">Planback</span></Link>
          <span aria-hidden className="hidden text-line-strong sm:inline">/</span>
          <WorkspaceMenu current={workspace} workspaces={workspaces} />
          <div className="ml-auto flex items-center gap-1.5"><SearchBox base={base} /><ThemeMenu /><UserMenu name={actor.name} username={actor.username} isOperator={isOperator(actor)} /></div>
        </div>
      </header>
      <div className="flex">
        <aside className="sticky top-14 hidden h-[calc(100dvh-3.5rem)] w-56 shrink-0 overflow-y-auto border-r border-line px-3 py-5 lg:block print:hidden"><Sidebar base={base} permissions={workspace.permissions} /></aside>
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 px-4 py-6 outline-none sm:px-8 sm:py-8"><div className="mx-auto max-w-6xl">{workspace.deletion ? <DeletionNotice deletion={workspace.deletion} cancel={workspace.permissions.includes("workspace.delete") ? cancelDeletionAction.bind(null, workspace.id) : null} /> : null}{children}</div></main>
      </div>
    </div>
  );
}
