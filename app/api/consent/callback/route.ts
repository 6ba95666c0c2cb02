import { NextResponse } from "next/server";
import { clearFlowCookie, failedPage, readFlowCookie } from "@/app/flow";
import { currentActor, currentAddress } from "@/app/session";
import { config } from "@/lib/config";
import { finishConsent, type ConsentOutcome } from "@/lib/workspaces";

/** Where Microsoft sends the browser after the consent page, and after the visit that proves the grant. */
export async function GET(request: Request): Promise<Response> {
  const outcome = await finish(new URL(request.url).searchParams).catch((error: unknown) => ({ kind: "failed", page: failedPage(error) }) as const);
  if (outcome.kind === "proving") return redirectTo(outcome.url);
  if (outcome.kind !== "foreign_browser") await clearFlowCookie();
  if (outcome.kind === "failed") return redirectTo(new URL(outcome.page, config().appOrigin).toString());
  const shown = new URLSearchParams({ outcome: outcome.kind });
  if (outcome.kind === "granted") shown.set("for", outcome.purpose);
  if (outcome.workspaceId) shown.set("workspace", outcome.workspaceId);
  return redirectTo(new URL(`/consent/result?${shown}`, config().appOrigin).toString());
}

async function finish(query: URLSearchParams): Promise<ConsentOutcome> {
  const [flowCookie, actor] = [await readFlowCookie(), await currentActor()];
  return finishConsent({ query, flowCookie, sessionHash: actor?.sessionHash ?? null, ip: await currentAddress() });
}

function redirectTo(url: string): Response {
  return NextResponse.redirect(url, { status: 303, headers: { "cache-control": "no-store" } });
}
