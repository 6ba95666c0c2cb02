import { liveResponse } from "@/app/live";
import { isRunFinished } from "@/components/run/states";
import { getRun } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; runId: string }> }

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, runId } = await params;
  return liveResponse(request, (actor) => getRun(actor, workspaceId, runId), (run) => isRunFinished(run.state));
}
