import { unstable_rethrow } from "next/navigation";
import type { ActionResult } from "./action-result";

/**
 * The answer of a server action, also when none came: a lost network or a proxy's error must not take the page away, with what
 * was typed into it. The code is that of an outcome that is not known: what is sent again carries the same request key.
 */
export async function settled<T>(answer: Promise<ActionResult<T>> | ActionResult<T>): Promise<ActionResult<T>> {
  try {
    return await answer;
  } catch (error) {
    unstable_rethrow(error);
    return { ok: false, code: "internal", message: "Planback did not answer, so it is not known whether this was done. Look at your connection and try again; if that does not help, reload the page." };
  }
}
