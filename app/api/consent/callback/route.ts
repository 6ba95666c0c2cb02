import { NextResponse } from "next/server";
import { clearFlowCookie, readFlowCookie } from "@/app/flow";
import { logUnexpected } from "@/app/log";
import { currentActor, currentAddress } from "@/app/session";
import { config } from "@/lib/config";
import { finishConsent, type ConsentOutcome } from "@/lib/workspaces";

/** Where Microsoft sends the browser after the consent page, and after the visit that proves the grant. */
export async function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const outcome = await finish(query);
  if (outcome.kind === "proving") return redirectTo(outcome.url);
  if (outcome.kind !== "foreign_browser") await clearFlowCookie();
  const shown = new URLSearchParams({ outcome: outcome.kind });
  if (outcome.kind === "granted") shown.set("for", outcome.purpose);
  if (outcome.workspaceId) shown.set("workspace", outcome.workspaceId);
  return redirectTo(new URL(`/consent/result?${shown}`, config().appOrigin).toString());
}

async function finish(query: URLSearchParams): Promise<ConsentOutcome> {
  try {
    const [flowCookie, actor] = [await readFlowCookie(), await currentActor()];
    return await finishConsent({ query, flowCookie, sessionHash: actor?.sessionHash ?? null, ip: await currentAddress() });
  } catch (error) {
    logUnexpected(error);
    return { kind: "error", message: "", workspaceId: null };
  }
}

function redirectTo(url: string): Response {
  return NextResponse.redirect(url, { status: 303, headers: { "cache-control": "no-store" } });
}
