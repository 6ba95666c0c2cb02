import { NextResponse } from "next/server";
import { clearFlowCookie, failedPage, readFlowCookie } from "@/app/flow";
import { currentActor, currentAddress } from "@/app/session";
import { config } from "@/lib/config";
import { finishConnect, type ConnectOutcome } from "@/lib/workspaces";

/** Where Microsoft sends the browser after a connection account signed in. */
export async function GET(request: Request): Promise<Response> {
  const outcome = await finish(new URL(request.url).searchParams).catch((error: unknown) => ({ kind: "failed", page: failedPage(error) }) as const);
  if (outcome.kind !== "foreign_browser") await clearFlowCookie();
  return NextResponse.redirect(new URL(outcome.kind === "failed" ? outcome.page : pageOf(outcome), config().appOrigin), { status: 303, headers: { "cache-control": "no-store" } });
}

async function finish(query: URLSearchParams): Promise<ConnectOutcome> {
  const [flowCookie, actor] = [await readFlowCookie(), await currentActor()];
  return finishConnect({ query, flowCookie, sessionHash: actor?.sessionHash ?? null, ip: await currentAddress() });
}

/** Back to where the sign-in began; without a workspace only a page that tells nothing about one. */
function pageOf(outcome: ConnectOutcome): string {
  const { kind, workspaceId, connectionId } = outcome;
  if (!workspaceId) return `/consent/result?outcome=${kind}`;
  return connectionId ? `/w/${workspaceId}/connections/${connectionId}?outcome=${kind}` : `/w/${workspaceId}/connections?outcome=${kind}`;
}
