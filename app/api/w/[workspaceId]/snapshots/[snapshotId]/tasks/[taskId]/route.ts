import { panelModel } from "@/components/board/panel";
import { PlanbackError } from "@/lib/errors";
import { getSnapshot } from "@/lib/workspaces";
import { route } from "@/app/handler";

interface Context { params: Promise<{ workspaceId: string; snapshotId: string; taskId: string }> }

/** Everything a snapshot holds of one task, for the panel of the board. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, snapshotId, taskId } = await params;
  return route(async (actor) => {
    const snapshot = await getSnapshot(actor, workspaceId, snapshotId);
    const panel = panelModel(snapshot.content, snapshot.gapList, taskId);
    if (!panel) throw new PlanbackError("not_found", "This task is not in the snapshot. It may be in another one.");
    return Response.json(panel, { headers: { "Cache-Control": "private, no-store" } });
  });
}
