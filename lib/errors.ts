/**
 * The one error class of the product. The code decides HTTP status and whether a job may be tried again; the
 * message is written for the person who sees it: what happened, what was not lost, what to do next.
 * Messages never hold content, tokens or full URLs.
 */
export const ERROR_CODES = {
  invalid_input: { status: 400, retry: false },
  not_signed_in: { status: 401, retry: false },
  forbidden: { status: 403, retry: false },
  /** Dangerous: the person must prove once more who he is. */
  step_up_required: { status: 403, retry: false },
  not_found: { status: 404, retry: false },
  conflict: { status: 409, retry: false },
  expired: { status: 410, retry: false },
  too_large: { status: 413, retry: false },
  /** An idempotency key that belongs to another request. */
  key_reused: { status: 422, retry: false },
  /** More requests than an API key may send; `retryAfterSeconds` in facts. */
  rate_limited: { status: 429, retry: true },
  /** Consent was declined, removed, or a permission is missing. */
  consent_missing: { status: 409, retry: false },
  /** The connection account must sign in again: refresh token revoked, password reset, MFA asked. */
  needs_sign_in: { status: 409, retry: false },
  /** Microsoft says the object does not exist (any more). */
  graph_not_found: { status: 409, retry: false },
  /** Microsoft refuses: not a member, missing scope, policy. */
  graph_forbidden: { status: 409, retry: false },
  /** A documented Planner limit (Maximum* codes). */
  graph_limit: { status: 409, retry: false },
  /** 409/412 of Planner: somebody else changed the object. */
  graph_conflict: { status: 409, retry: false },
  /** 400 and other answers that say our request is wrong. */
  graph_rejected: { status: 502, retry: false },
  /** 429/5xx/timeouts after all tries. Nothing is known to have been applied. */
  graph_unavailable: { status: 503, retry: true },
  /** A write whose outcome nobody knows (504, reset, timeout, cut body). Never re-sent blindly. */
  graph_unknown_outcome: { status: 503, retry: false },
  /** An object of the repository is missing, cut, altered, or sealed for another place. */
  repository_damaged: { status: 500, retry: false },
  storage_unavailable: { status: 503, retry: true },
  /** The service that holds the keys cannot be reached, or has no time. Jobs wait for it. */
  keys_unavailable: { status: 503, retry: true },
  database_unavailable: { status: 503, retry: true },
  /** A message to people could not be delivered. */
  delivery_failed: { status: 502, retry: true },
  cancelled: { status: 409, retry: false },
  /** The lease of a job went to another worker; this one must stop at once. */
  lease_lost: { status: 409, retry: false },
  config: { status: 500, retry: false },
  /** The database belongs to a newer or older version. */
  schema: { status: 503, retry: true },
  internal: { status: 500, retry: false },
} as const satisfies Record<string, { status: number; retry: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export class PlanbackError extends Error {
  readonly code: ErrorCode;
  /** Facts for logs and tests (never content or tokens): HTTP status, Graph code, request-id, retryAfterMs ... */
  readonly facts: Readonly<Record<string, string | number | boolean | undefined>>;

  constructor(code: ErrorCode, message: string, options: { facts?: PlanbackError["facts"]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "PlanbackError";
    this.code = code;
    this.facts = options.facts ?? {};
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** True when `error` is a PlanbackError with one of `codes` (any code when none is given). */
export function isPlanbackError(error: unknown, ...codes: ErrorCode[]): error is PlanbackError {
  return error instanceof PlanbackError && (codes.length === 0 || codes.includes(error.code));
}
