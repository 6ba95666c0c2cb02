/** A worker process in a test: at one of its steps it can die, stand still, or have its step fail. */
import { PlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph/types";
import type { Journal } from "../journal";

/** die: never comes back. stall: stands still until it is resumed. fail-before, fail-after: the step fails, undone or done. */
export type Mishap = "die" | "stall" | "fail-before" | "fail-after";

const never = new Promise<never>(() => undefined);
/** Every call is two steps: before it leaves, and when its answer is back. */
const WRITES: ReadonlySet<string> = new Set<keyof GraphApi>(["createPlan", "createBucket", "createTask", "patch", "upsertGroup", "addOwner", "setArchived", "remove", "addMember", "createThread", "replyToThread", "upload"]);

export class TestWorker {
  steps = 0;
  /** The steps at which it had a mishap. */
  hit = 0;
  /** Journal writes that went through after it was resumed. */
  writesAfterwards = 0;
  readonly died: Promise<"died">;
  readonly stalled: Promise<"stalled">;
  private dead = false;
  private standing: Promise<void> | null = null;
  private wasResumed = false;
  private tellDied!: (how: "died") => void;
  private tellStalled!: (how: "stalled") => void;
  private goOn: () => void = () => undefined;

  constructor(private readonly at = Infinity, private readonly mishap: Mishap = "die", private readonly onStep: (step: number) => void = () => undefined) {
    this.died = new Promise((resolve) => (this.tellDied = resolve));
    this.stalled = new Promise((resolve) => (this.tellStalled = resolve));
  }

  resume(): void {
    this.wasResumed = true;
    this.standing = null;
    this.goOn();
  }

  graph(api: GraphApi): GraphApi {
    return this.wrap(api, (name, after) => {
      if (!WRITES.has(name)) throw new PlanbackError("graph_unavailable", "Nobody answers.");
      return after ? { kind: "unknown", error: new PlanbackError("graph_unknown_outcome", "The answer was lost.") } : { kind: "not_applied", error: new PlanbackError("graph_unavailable", "Nobody answers.") };
    });
  }

  journal(journal: Journal): Journal {
    return this.wrap(journal, () => {
      throw new PlanbackError("database_unavailable", "The database is away.");
    }, () => {
      if (this.wasResumed) this.writesAfterwards += 1;
    });
  }

  private wrap<T extends object>(target: T, failure: (name: string, after: boolean) => unknown, afterwards: () => void = () => undefined): T {
    const wrapped = new Map<string, unknown>();
    return new Proxy(target, {
      get: (object, name: string) => {
        const method = (object as Record<string, unknown>)[name];
        if (typeof method !== "function") return method;
        if (!wrapped.has(name)) {
          wrapped.set(name, async (...args: unknown[]) => {
            if (await this.step("fail-before")) return failure(name, false);
            const result: unknown = await (method as (...all: unknown[]) => unknown).apply(object, args);
            if (name !== "claimed") afterwards();
            return (await this.step("fail-after")) ? failure(name, true) : result;
          });
        }
        return wrapped.get(name);
      },
    });
  }

  /** True when the step has to fail. */
  private async step(side: "fail-before" | "fail-after"): Promise<boolean> {
    if (this.dead) return never;
    if (this.standing) await this.standing;
    this.steps += 1;
    this.onStep(this.steps);
    if (this.steps < this.at || this.hit > 0) return false;
    if (this.mishap.startsWith("fail") && this.mishap !== side) return false;
    this.hit = this.steps;
    if (this.mishap === "die") {
      this.dead = true;
      this.tellDied("died");
      return never;
    }
    if (this.mishap === "stall") {
      this.standing = new Promise((resolve) => (this.goOn = resolve));
      this.tellStalled("stalled");
      await this.standing;
      return false;
    }
    return true;
  }
}
