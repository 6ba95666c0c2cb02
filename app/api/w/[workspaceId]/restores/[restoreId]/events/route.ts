import { liveResponse } from "@/app/live";
import { isRestoreAtRest } from "@/components/run/states";
import { getRestore } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; restoreId: string }> }

/** Ends at rest: a preview waits for a person, whose click renders the page (and opens the stream) again. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, restoreId } = await params;
  return liveResponse(request, (actor) => getRestore(actor, workspaceId, restoreId), (restore) => isRestoreAtRest(restore.state));
}
