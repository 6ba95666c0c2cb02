import { liveResponse } from "@/app/live";
import { getOnboarding } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string }> }

/** The way to the first backup: somebody else, or a worker, may take the next step. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId } = await params;
  return liveResponse(request, (actor) => getOnboarding(actor, workspaceId), ({ next }) => next === null);
}
