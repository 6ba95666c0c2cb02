import "server-only";
import { unstable_rethrow } from "next/navigation";
import { z } from "zod";
import type { ActionResult } from "@/components/action-result";
import { isPlanbackError } from "@/lib/errors";
import { logUnexpected } from "./log";
import { toStepUp } from "./session";

/**
 * Runs the body of a server action. Errors meant for a person become `{ ok: false, message }`; others are logged and
 * answered with a sentence that tells nothing of the inside. Redirects pass through.
 */
export async function action<T>(work: () => Promise<T>): Promise<ActionResult<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    unstable_rethrow(error);
    if (isPlanbackError(error, "step_up_required")) await toStepUp();
    if (isPlanbackError(error)) return { ok: false, message: error.message, code: error.code };
    if (error instanceof z.ZodError) {
      return { ok: false, message: error.issues[0]?.message ?? "Something in the form is not as expected. Nothing was changed.", code: "invalid_input" };
    }
    return { ok: false, message: `Something went wrong on our side. Look whether it was done, and try again. Error id for the operator: ${logUnexpected(error)}`, code: "internal" };
  }
}
