import Link from "next/link";
import { ChevronRight } from "lucide-react";
import type { WorkspaceView } from "@/lib/workspaces/types";
import { ROLE_NAMES } from "./roles";

export function WorkspaceList({ workspaces }: { workspaces: WorkspaceView[] }) {
  return (
    <ul className="mt-4 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      {workspaces.map((workspace) => (
        <li key={workspace.id}>
          <Link href={`/w/${workspace.id}`} className="flex items-center gap-3 px-4 py-3 hover:bg-subtle">
            <span className="min-w-0 flex-1 truncate font-medium">{workspace.name}</span>
            <span className="text-muted">{ROLE_NAMES[workspace.role]}</span>
            <ChevronRight aria-hidden className="size-4 text-muted" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
