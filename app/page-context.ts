import "server-only";
import { getWorkspace } from "@/lib/workspaces";
import { isFresh } from "@/lib/workspaces/authorise";
import type { Actor, Permission, WorkspaceView } from "@/lib/workspaces/types";
import { load } from "./load";
import { requireActor, stepUpAddress } from "./session";

export interface PageContext {
  actor: Actor;
  workspace: WorkspaceView;
  /** `/w/{id}` */
  base: string;
  /** Whether the role has the permission: what to show. The library checks it again when it is used. */
  may: (permission: Permission) => boolean;
  /** Where who must have signed in just now is sent before a form is filled in; null: he has, with time for the form. */
  stepUp: () => Promise<string | null>;
}

const FILLING_MS = 3 * 60_000;

/** Who looks at which workspace; sign-in or not-found page when that is not allowed. */
export async function pageContext(params: Promise<{ workspaceId: string }>): Promise<PageContext> {
  const { workspaceId } = await params;
  const actor = await requireActor();
  const workspace = await load(() => getWorkspace(actor, workspaceId));
  const stepUp = async () => (isFresh(actor, Date.now() + FILLING_MS) ? null : stepUpAddress());
  return { actor, workspace, base: `/w/${workspace.id}`, may: (permission) => workspace.permissions.includes(permission), stepUp };
}
