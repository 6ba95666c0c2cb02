import { route } from "@/app/handler";
import { downloadHeaders, toWebStream } from "@/app/download";
import { openFile } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; snapshotId: string; attachment: string[] }> }

/** A stored file, streamed from the repository; never shown by the browser, only saved. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, snapshotId, attachment } = await params;
  return route(async (actor) => {
    const file = await openFile(actor, workspaceId, snapshotId, attachment.join("/"));
    return new Response(toWebStream(file.stream), { headers: downloadHeaders(file) });
  });
}
