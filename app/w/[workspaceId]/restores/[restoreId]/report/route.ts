import { downloadHeaders } from "@/app/download";
import { route } from "@/app/handler";
import { exportReport } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; restoreId: string }> }

/** The report of a restore as JSON, to save. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, restoreId } = await params;
  return route(async (actor) => {
    const { name, json } = await exportReport(actor, workspaceId, restoreId);
    return new Response(json, { headers: downloadHeaders({ name }) });
  });
}
