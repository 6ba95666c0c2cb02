import { ERROR_CODES, PlanbackError } from "@/lib/errors";

/** True when the same job may succeed later: the other side was away, or something nobody foresaw happened. */
export function isPassing(error: unknown): boolean {
  return error instanceof PlanbackError ? ERROR_CODES[error.code].retry : true;
}
