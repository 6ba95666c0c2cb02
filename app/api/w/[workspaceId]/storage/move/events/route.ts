import { liveResponse } from "@/app/live";
import { getStorage } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string }> }

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId } = await params;
  return liveResponse(request, (actor) => getStorage(actor, workspaceId), ({ move }) => move === null || move.finishedAt !== null);
}
