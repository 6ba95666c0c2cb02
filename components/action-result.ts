import type { ErrorCode } from "@/lib/errors";

/** What a server action answers: a value, or a sentence for the person and a code for the page. */
export type ActionResult<T = void> = { ok: true; value: T } | { ok: false; message: string; code: ErrorCode };
