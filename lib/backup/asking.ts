import type { BatchAnswer, BatchRequest, GraphApi } from "@/lib/graph";
import { isPlanbackError } from "@/lib/errors";

export type Answers = ReadonlyMap<string, BatchAnswer>;

/** Answers by the ids of their requests. When beta refuses a whole batch, each of its requests counts as refused. */
export async function ask(graph: GraphApi, requests: BatchRequest[]): Promise<Answers> {
  try {
    return new Map((await graph.batchGet(requests)).map((answer) => [answer.id, answer]));
  } catch (error) {
    if (!isRefusal(error) || !requests.every(({ version }) => version === "beta")) throw error;
    return new Map(requests.map(({ id }) => [id, { id, status: 0, body: null, error: error as Error }]));
  }
}

/** True when Graph answered for good: asking for the same again would not help, asking v1.0 instead of beta may. */
export function isRefusal(error: unknown): boolean {
  return isPlanbackError(error, "graph_forbidden", "graph_not_found", "graph_rejected") || (isPlanbackError(error, "graph_unavailable") && error.facts["status"] === 501);
}

/** Items of a list that came in a batch (all its pages). Throws what Graph refused it with. */
export function itemsOf<T>(answer: BatchAnswer): T[] {
  if (answer.error) throw answer.error;
  return (answer.body as { value?: T[] } | null)?.value ?? [];
}
