import { liveResponse } from "@/app/live";
import { getConnection } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; connectionId: string }> }

/** Never ends by itself: a check can be started from another page, and the sign-in can die at any time. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, connectionId } = await params;
  return liveResponse(request, (actor) => getConnection(actor, workspaceId, connectionId), () => false);
}
