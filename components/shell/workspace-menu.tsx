"use client";

import Link from "next/link";
import { Check, ChevronsUpDown, Plus } from "lucide-react";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/components/ui/menu";

export function WorkspaceMenu({ current, workspaces }: { current: { id: string; name: string }; workspaces: { id: string; name: string }[] }) {
  return (
    <Menu>
      <MenuTrigger aria-label={`Workspace: ${current.name}`} className="flex h-9 min-w-0 items-center gap-2 rounded-md px-2 font-medium hover:bg-subtle">
        <span className="truncate">{current.name}</span>
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-muted" />
      </MenuTrigger>
      <MenuContent align="start" className="max-w-80">
        <MenuLabel>Your workspaces</MenuLabel>
        {workspaces.map((workspace) => (
          <MenuItem key={workspace.id} asChild>
            <Link href={`/w/${workspace.id}`}>
              <Check aria-hidden className={workspace.id === current.id ? "" : "invisible"} />
              <span className="truncate">{workspace.name}</span>
            </Link>
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem asChild><Link href="/welcome"><Plus aria-hidden />New workspace</Link></MenuItem>
      </MenuContent>
    </Menu>
  );
}
