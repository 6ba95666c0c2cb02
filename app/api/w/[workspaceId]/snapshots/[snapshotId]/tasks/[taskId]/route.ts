import { panelModel } from "@/components/board/panel";
import { PlanbackError } from "@/lib/errors";
import { getSnapshotTask } from "@/lib/workspaces";
import { route } from "@/app/handler";

interface Context { params: Promise<{ workspaceId: string; snapshotId: string; taskId: string }> }

/** Everything a snapshot holds of one task, for the panel of the board. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, snapshotId, taskId } = await params;
  return route(async (actor) => {
    const { content, gapList } = await getSnapshotTask(actor, workspaceId, snapshotId, taskId);
    const panel = panelModel(content, gapList, taskId);
    if (!panel) throw new PlanbackError("not_found", "This task is not in the snapshot. It may be in another one.");
    return Response.json(panel, { headers: { "Cache-Control": "private, no-store" } });
  });
}
