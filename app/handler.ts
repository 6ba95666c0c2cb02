import "server-only";
import { isPlanbackError } from "@/lib/errors";
import type { Actor } from "@/lib/workspaces/types";
import { logUnexpected } from "./log";
import { currentActor } from "./session";

/** Body of a route handler for signed-in people. Errors become JSON `{ message, code }` with the code's HTTP status. */
export async function route(work: (actor: Actor) => Promise<Response>): Promise<Response> {
  try {
    const actor = await currentActor();
    if (!actor) return problem(401, "not_signed_in", "Your session ended. Sign in again; nothing was changed.");
    return await work(actor);
  } catch (error) {
    if (isPlanbackError(error)) return problem(error.status, error.code, error.message);
    return problem(500, "internal", `Something went wrong on our side. Nothing was changed. Error id for the operator: ${logUnexpected(error)}`);
  }
}

function problem(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { "Cache-Control": "no-store" } });
}
