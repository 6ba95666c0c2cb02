import { route } from "@/app/handler";
import { findInSnapshot } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; snapshotId: string }> }

/** Ids of the tasks of a snapshot that have all the words of `q` somewhere. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, snapshotId } = await params;
  const text = new URL(request.url).searchParams.get("q") ?? "";
  return route(async (actor) => Response.json({ ids: await findInSnapshot(actor, workspaceId, snapshotId, text) }, { headers: { "Cache-Control": "private, no-store" } }));
}
