import "server-only";
import { notFound, unstable_rethrow } from "next/navigation";
import { isPlanbackError } from "@/lib/errors";
import { logUnexpected } from "./log";
import { toSignIn } from "./session";

/**
 * Reads what a page shows. A missing or foreign thing is the not-found page, a lost session the sign-in page; any other
 * PlanbackError reaches error.tsx with its code and message in the digest, the only part of an error that Next sends on;
 * of all else the digest is the id of its entry in the log.
 */
export async function load<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    unstable_rethrow(error);
    if (isPlanbackError(error, "not_found")) notFound();
    if (isPlanbackError(error, "not_signed_in")) await toSignIn();
    if (isPlanbackError(error)) throw Object.assign(new Error(error.code), { digest: `planback|${error.code}|${error.message}` });
    // Next writes what is thrown into the log, with its words.
    throw Object.assign(new Error("internal"), { digest: logUnexpected(error) });
  }
}
