/**
 * The newest etags of what a restore made or changed. One that is not known is read together with those that will be needed
 * next: 20 for one request. What was read for it comes along.
 */
import { bodyOfAnswer } from "@/lib/graph";
import type { GraphApi, GraphVersion, WithEtag } from "@/lib/graph/types";
import type { GraphObject } from "@/lib/planner/types";

const IN_A_BATCH = 20;

export class Etags {
  private readonly known = new Map<string, WithEtag<GraphObject>>();
  private readonly coming = new Map<string, Promise<void>>();

  constructor(private readonly graph: Pick<GraphApi, "batchGet">) {}

  set(path: string, etag: string | null | undefined): void {
    if (etag) this.known.set(path, { "@odata.etag": etag });
  }

  /**
   * Gives an etag once: after the change that it is for there is another one. Without anything else of the object when it is
   * from the answer to a write. `ahead`: paths that are needed soon.
   */
  async take(path: string, version: GraphVersion | undefined, ahead: () => string[]): Promise<WithEtag<GraphObject>> {
    if (!this.known.has(path)) await (this.coming.get(path) ?? this.read(path, version, ahead()));
    const object = this.known.get(path) ?? (await readObject(this.graph, path, version));
    this.known.delete(path);
    return object;
  }

  private read(path: string, version: GraphVersion | undefined, ahead: string[]): Promise<void> {
    const paths = [path, ...ahead.filter((one) => one !== path && !this.known.has(one) && !this.coming.has(one))].slice(0, IN_A_BATCH);
    const reading = this.graph.batchGet(paths.map((one) => ({ id: one, url: one, version }))).then((answers) => {
      // What is refused is asked for again, alone, by whoever needs it.
      for (const { id, body, error } of answers) if (!error) this.known.set(id, body as WithEtag<GraphObject>);
    }).finally(() => {
      for (const one of paths) this.coming.delete(one);
    });
    for (const one of paths) this.coming.set(one, reading);
    return reading;
  }
}

/** Reads of operations that run at the same time share a batch. */
export async function readObject(graph: Pick<GraphApi, "batchGet">, path: string, version: GraphVersion = "v1.0"): Promise<WithEtag<GraphObject>> {
  const [answer] = await graph.batchGet([{ id: path, url: path, version }]);
  return bodyOfAnswer(answer!);
}
