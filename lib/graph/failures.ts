import { PlanbackError } from "@/lib/errors";

/** What became of a request that got no usable answer. */
export type FaultKind =
  /** The connection was never made: certainly not applied. */
  | "not_sent"
  | "reset"
  | "timeout"
  /** The answer ended before it was whole, or is not what it says it is. */
  | "cut"
  | "cancelled";

export class TransportFault extends Error {
  constructor(
    readonly kind: FaultKind,
    cause?: unknown,
  ) {
    super(`request failed: ${kind}`, { cause });
  }
}

/** Limits of Planner: https://learn.microsoft.com/graph/api/resources/planner-overview (403 and its codes). */
const LIMITS: Record<string, string> = {
  MaximumProjectsOwnedByUser: "the number of plans that this group may own",
  MaximumProjectsSharedWithUser: "the number of plans that may be shared with a user",
  MaximumTasksCreatedByUser: "the number of tasks that the connection account may create",
  MaximumTasksAssignedToUser: "the number of tasks that may be assigned to one person",
  MaximumTasksInProject: "the number of tasks in a plan",
  MaximumActiveTasksInProject: "the number of tasks in a plan that are not completed",
  MaximumBucketsInProject: "the number of buckets in a plan",
  MaximumUsersSharedWithProject: "the number of people a plan may be shared with",
  MaximumReferencesOnTask: "the number of attachments of a task",
  MaximumChecklistItemsOnTask: "the number of checklist items of a task",
  MaximumAssigneesInTasks: "the number of people assigned to a task",
  MaximumPlannerPlans: "the number of plans in this group",
};

export interface GraphErrorBody {
  error?: { code?: string; message?: string; innerError?: { code?: string; "request-id"?: string }; innererror?: { code?: string } };
}

export interface Refusal {
  status: number;
  body: unknown;
  /** Lower-case or any case; only request-id is read. */
  requestId?: string | null;
  retryAfterMs?: number;
  template: string;
}

/**
 * The error for an answer that is not a success, after all tries. Microsoft's own message is not repeated: it may hold
 * content, and it is not meant for people.
 */
export function refusalError(refusal: Refusal): PlanbackError {
  const { status, template } = refusal;
  const error = (refusal.body as GraphErrorBody | null)?.error;
  const code = error?.code || error?.innerError?.code || error?.innererror?.code || "";
  const facts = { status, code, template, requestId: refusal.requestId ?? error?.innerError?.["request-id"], retryAfterMs: refusal.retryAfterMs };
  const make = (kind: PlanbackError["code"], message: string) => new PlanbackError(kind, message, { facts });
  if (status === 403 && code.startsWith("Maximum")) {
    return make("graph_limit", `Microsoft Planner's limit is reached: ${LIMITS[code] ?? `a limit named ${code.replace(/[^A-Za-z]/g, "")}`}. Nothing was changed by this request.`);
  }
  switch (status) {
    case 401:
      return make("needs_sign_in", "Microsoft 365 no longer accepts the sign-in of the connection account. Sign the account in again; nothing was lost.");
    case 403:
      return make("graph_forbidden", "Microsoft 365 does not let the connection account do this: it is not a member of the group, or a permission is missing.");
    case 404:
    case 410:
      return make("graph_not_found", "Microsoft 365 says that this does not exist, or no longer exists.");
    case 409:
    case 412:
    case 423:
      return make("graph_conflict", "Somebody else changed this in Microsoft 365 at the same time. Nothing was overwritten.");
    case 507:
      return make("graph_limit", "The document library in Microsoft 365 is full. Free some space there, then try again.");
    case 429:
      return make("graph_unavailable", "Microsoft 365 is asking Planback to slow down and did not answer after several tries. Nothing was lost; it can be tried again later.");
    default:
      return status >= 500 || status === 408
        ? make("graph_unavailable", "Microsoft 365 does not answer properly at the moment. Nothing was lost; it can be tried again later.")
        : make("graph_rejected", "Microsoft 365 refused the request as not valid. Nothing was changed by it.");
  }
}

/**
 * The error for a refusal by a pre-authenticated address of SharePoint. Its 401 says that the address has expired and
 * nothing about the connection's sign-in.
 */
export function fileRefusal(status: number, template: string): PlanbackError {
  return refusalError({ status: status === 401 ? 503 : status, body: null, template });
}

/** The error for a request that got no usable answer, after all tries. `write`: its outcome is then unknown. */
export function faultError(fault: TransportFault, template: string, write: boolean): PlanbackError {
  const facts = { fault: fault.kind, template };
  if (fault.kind === "cancelled") return new PlanbackError("cancelled", "The work was cancelled. What was finished before is kept.", { facts });
  if (write && fault.kind !== "not_sent") return unknownOutcome(facts);
  return new PlanbackError("graph_unavailable", "Microsoft 365 cannot be reached at the moment. Nothing was lost; it can be tried again later.", { facts, cause: fault });
}

export function unknownOutcome(facts: PlanbackError["facts"]): PlanbackError {
  return new PlanbackError("graph_unknown_outcome", "Microsoft 365 did not say whether the change was made. It is looked up before anything is sent again.", { facts });
}

/** Sorts what fetch throws. undici puts the reason into `cause`. */
export function faultOf(error: unknown, signal: AbortSignal | undefined, headersSeen: boolean): TransportFault {
  if (error instanceof TransportFault) return error;
  if (signal?.aborted) return new TransportFault("cancelled", error);
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) return new TransportFault("timeout", error);
  const code = causeCode(error);
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) return new TransportFault("not_sent", error);
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return new TransportFault("timeout", error);
  return new TransportFault(headersSeen ? "cut" : "reset", error);
}

function causeCode(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const code = (at as Error & { code?: unknown }).code;
    if (typeof code === "string") return code;
  }
  return "";
}
