import { downloadHeaders, toWebStream } from "@/app/download";
import { route } from "@/app/handler";
import { exportSnapshot } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; snapshotId: string }> }

/** `?format=xlsx|csv|json|ics|zip&tasks=ID,ID`: the snapshot, or these tasks of it, streamed as a file to save. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, snapshotId } = await params;
  const query = new URL(request.url).searchParams;
  return route(async (actor) => {
    const tasks = query.get("tasks");
    const file = await exportSnapshot(actor, workspaceId, snapshotId, { format: query.get("format") ?? "xlsx", tasks: tasks === null ? null : tasks.split(",") });
    return new Response(toWebStream(file.stream), { headers: downloadHeaders({ name: file.name }) });
  });
}
