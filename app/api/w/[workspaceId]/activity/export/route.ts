import { contentDisposition, toWebStream } from "@/app/download";
import { route } from "@/app/handler";
import { PlanbackError } from "@/lib/errors";
import { exportActivity } from "@/lib/workspaces";
import { activityLines } from "@/lib/workspaces/activityFiles";

interface Context { params: Promise<{ workspaceId: string }> }

const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/x-ndjson; charset=utf-8" } as const;

/** The activity log as a file, streamed. The address takes the page's filters. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId } = await params;
  const { format = "jsonl", ...filter } = Object.fromEntries(new URL(request.url).searchParams);
  return route(async (actor) => {
    if (format !== "csv" && format !== "jsonl") throw new PlanbackError("invalid_input", "Choose csv or jsonl.");
    const { head, rows } = await exportActivity(actor, workspaceId, filter);
    return new Response(toWebStream(encoded(activityLines(format, rows, head))), {
      headers: { "Content-Type": TYPES[format], "Content-Disposition": contentDisposition(`activity-to-${head.seq}.${format}`), "Cache-Control": "private, no-store" },
    });
  });
}

async function* encoded(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const line of lines) yield encoder.encode(line);
}
