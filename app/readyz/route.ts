import { isReady } from "@/lib/workspaces";

/** 200 when the database answers, else 503: a load balancer sends no one here meanwhile. */
export async function GET(): Promise<Response> {
  const ready = await isReady();
  return new Response(ready ? "ready\n" : "the database does not answer\n", {
    status: ready ? 200 : 503,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  });
}

export const dynamic = "force-dynamic";
