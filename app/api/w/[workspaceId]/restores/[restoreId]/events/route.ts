import { liveResponse } from "@/app/live";
import { shownRestore } from "@/components/restore/view";
import { isRestoreAtRest } from "@/components/run/states";
import { followRestore } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; restoreId: string }> }

/** Ends at rest: a preview waits for a person, whose click renders the page (and opens the stream) again. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, restoreId } = await params;
  return liveResponse(request, async (actor) => {
    const restore = await followRestore(actor, workspaceId, restoreId);
    return shownRestore(restore, isRestoreAtRest(restore.state));
  }, (restore) => isRestoreAtRest(restore.state));
}
