/**
 * What could only be done later than planned: a file that was refused at first and is uploaded when the restore goes on, a
 * person who becomes a member then. What was written without them gets what it lacks, and nothing else of it is touched.
 * Repeating it does no harm.
 */
import { isPlanbackError } from "@/lib/errors";
import { decodeReferenceKey, encodeReferenceKey } from "@/lib/planner";
import type { GraphObject } from "@/lib/planner/types";
import { inParallel } from "@/lib/repository/parallel";
import { readObject } from "./etags";
import type { Results } from "./resolve";
import { type Answered, detailsPath, type Sending, taskPath } from "./send";
import type { Operation, OperationBodies, RestorePlan } from "./types";

const AT_ONCE = 16;
const DONE: Answered = { kind: "done", remoteId: null, etag: null };

/** What was written before this upload or this membership came, and would have had it. */
export async function makeUp(sending: Sending, cause: Operation, url: string | null): Promise<Answered> {
  const { plan, results } = sending;
  const written = plan.operations.filter(({ seq, afterSettled }) => afterSettled?.includes(cause.seq) && results.isDone(seq));
  const outcomes = await inParallel(written, AT_ONCE, (operation) => complete(sending, operation, { seq: cause.seq, url }));
  return outcomes.find(({ kind }) => kind !== "done") ?? DONE;
}

/** What has come only now, and what it gave. */
interface Newest { seq: number; url: string | null }

/** Gives an object what it lacks by now. `id`: of an object that the journal does not know yet. */
export async function complete(sending: Omit<Sending, "attempts">, operation: Operation, newest?: Newest, id?: string): Promise<Answered> {
  const { graph, results, etags, plan } = sending;
  const details = operation.kind === "update_task_details";
  if (!(details ? hasUploads(operation) : lateAssignments(operation, plan, results, newest?.seq))) return DONE;
  const path = (details ? detailsPath : taskPath)(id ?? results.target(operation));
  for (let tries = 1; ; tries += 1) {
    const current = await readObject(graph, path, operation.version).catch((error: unknown) => {
      if (isPlanbackError(error, "graph_not_found")) return null;
      throw error;
    });
    if (current === null) return DONE; // deleted since: read-back says so
    const body = details ? lackingReferences(operation.body as OperationBodies["update_task_details"], current, results, newest) : lackingAssignments(operation, current, sending, newest?.seq);
    if (body === null) return DONE;
    const outcome = await graph.patch(path, current["@odata.etag"], body, operation.version);
    if (outcome.kind === "done") {
      etags.set(path, outcome.value["@odata.etag"]);
      return DONE;
    }
    if (outcome.kind === "unknown") return outcome;
    if (isPlanbackError(outcome.error, "graph_conflict") && tries < 4) continue;
    // New members are not known everywhere at once.
    return { ...outcome, soon: !details && isPlanbackError(outcome.error, "graph_forbidden", "graph_rejected") };
  }
}

const hasUploads = ({ body }: Operation): boolean => ((body as OperationBodies["update_task_details"]).references ?? []).some(({ url }) => typeof url !== "string");

function lackingReferences({ references = [] }: OperationBodies["update_task_details"], current: GraphObject, results: Results, newest?: Newest): GraphObject | null {
  const keys = Object.keys((current.references as GraphObject | null | undefined) ?? {});
  const keyOf = (url: string) => keys.find((key) => decodeReferenceKey(key) === url);
  const changes = references.flatMap(({ url, otherwise, value }): [string, GraphObject | null][] => {
    const now = typeof url !== "string" && url.$ref === newest?.seq ? newest.url : results.of(url);
    if (otherwise === undefined || now === null || now === otherwise) return [];
    const old = keyOf(otherwise);
    return [...(keyOf(now) === undefined ? [[encodeReferenceKey(now), value] as [string, GraphObject]] : []), ...(old === undefined ? [] : [[old, null] as [string, null]])];
  });
  return changes.length === 0 ? null : { references: Object.fromEntries(changes) };
}

function lackingAssignments(operation: Operation, current: GraphObject, { plan, results }: Pick<Sending, "plan" | "results">, newest?: number): GraphObject | null {
  const assigned = (current.assignments as GraphObject | null | undefined) ?? {};
  const lacking = Object.entries(lateAssignments(operation, plan, results, newest) ?? {}).filter(([id]) => !assigned[id]);
  return lacking.length === 0 ? null : { assignments: Object.fromEntries(lacking) };
}

/** Assignments of people whom this restore makes members and who are members by now; null: none. */
function lateAssignments({ body, afterSettled }: Operation, plan: RestorePlan, results: Results, newest?: number): GraphObject | null {
  const assignments = (body.assignments ?? {}) as GraphObject;
  const joined = (afterSettled ?? []).filter((seq) => plan.operations[seq]?.kind === "add_member" && (seq === newest || results.isDone(seq))).map((seq) => plan.operations[seq]!.source);
  const late = joined.filter((id) => assignments[id]).map((id) => [id, assignments[id]]);
  return late.length === 0 ? null : Object.fromEntries(late);
}
