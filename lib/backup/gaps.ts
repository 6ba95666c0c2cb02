import { isPlanbackError } from "@/lib/errors";
import type { Gap, GapReason } from "@/lib/planner/types";

/**
 * Why something could not be read, for a gap. Rethrows what is not about one object: a lost sign-in, a cancelled run, a
 * broken repository must end the capture and not become a snapshot full of holes.
 */
export function gapReason(error: unknown): GapReason {
  if (isPlanbackError(error, "graph_forbidden")) return "forbidden";
  if (isPlanbackError(error, "graph_not_found")) return "not_found";
  if (isPlanbackError(error, "graph_unavailable")) return "unavailable";
  if (isPlanbackError(error, "graph_conflict")) return "changed_while_reading";
  if (isPlanbackError(error, "graph_rejected", "graph_limit")) return "rejected";
  throw error;
}

const WHY: Record<GapReason, string> = {
  forbidden: "Microsoft 365 does not let the connection account read it",
  not_found: "Microsoft 365 says that it does not exist",
  unavailable: "Microsoft 365 did not answer after several tries",
  too_large: "it is larger than Planback is set up to keep",
  malware: "Microsoft 365 has marked it as malware",
  not_a_file: "it is a folder or a notebook, and Planback keeps single files",
  not_microsoft_365: "it is not kept in Microsoft 365",
  thread_unreadable: "the connection account has no Exchange Online mailbox to read the conversation with",
  mail_file: "Planback keeps the files that are attached to tasks, and of e-mails the text",
  app_only: "Microsoft shows it to signed-in accounts only, and this backup is app-only",
  changed_while_reading: "it was changed again and again while it was read",
  rejected: "Microsoft 365 did not accept the request for it",
  suspiciously_empty: "nothing was found where the last backup had content",
};

/** A gap with one sentence for a person; `what` names the kind of thing, never its content. */
export function gap(kind: Gap["kind"], id: string, what: string, reason: GapReason, more: { taskId?: string; permanent?: boolean } = {}): Gap {
  return { kind, id, ...(more.taskId ? { taskId: more.taskId } : {}), reason, detail: `${what} was not saved: ${WHY[reason]}.`, permanent: more.permanent ?? false };
}
