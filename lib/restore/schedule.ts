/**
 * Which operation may be sent next. Each waits for a number of others; when the last of them has ended it is ready. What
 * waits for something that failed is hopeless. A step costs what it concerns, not the size of the plan.
 */
import type { Operation, OperationKind } from "./types";

export type Ending = "done" | "failed" | "skipped";
export interface Hopeless { operation: Operation; reason: string }

/** Files are streamed and comments wait for Outlook: more at once would only hold the places of others. */
const AT_ONCE: Partial<Record<OperationKind, number>> = { post_comment: 4, upload_file: 2 };

/**
 * First what others wait for or what is slow, then the tasks, then what fills them. Among equals the first of the plan goes
 * first, but tasks are created from the last to the first: on its boards Planner puts a new task above the older ones, so
 * most come to stand where they belong and need not be moved afterwards.
 */
const RANK: Partial<Record<OperationKind, number>> = { create_task: 1, update_task: 2, update_task_details: 2 };
const TASKS = RANK.create_task;

export class Schedule {
  private readonly dependants = new Map<number, { operation: Operation; strict: boolean }[]>();
  /** How many things an operation waits for. */
  private readonly missing = new Map<number, number>();
  private readonly ready: [Operation[], Operation[], Operation[]] = [[], [], []];
  private readonly taken = new Map<OperationKind, number>();
  private readonly earliest = new Map<number, number>();
  private readonly hopeless: Hopeless[] = [];
  private readonly lost = new Set<number>();

  /** `ended`: how what has ended before ended; null: open. What is held waits until it is released. */
  constructor(private readonly operations: readonly Operation[], ended: (operation: Operation) => Ending | null, isHeld: (operation: Operation) => boolean) {
    for (const operation of operations.filter((one) => ended(one) === null)) {
      let missing = isHeld(operation) ? 1 : 0;
      const waitFor = (seq: number, strict: boolean) => {
        const before = operations[seq]!;
        const how = ended(before);
        if (how !== null) return strict && how !== "done" ? this.lose(operation, before) : undefined;
        missing += 1;
        const list = this.dependants.get(seq) ?? [];
        this.dependants.set(seq, list);
        list.push({ operation, strict });
      };
      for (const seq of operation.after) waitFor(seq, true);
      for (const seq of operation.afterSettled ?? []) waitFor(seq, false);
      this.missing.set(operation.seq, missing);
      if (missing === 0) this.push(operation);
    }
  }

  /** Takes an operation that may be sent now; null: none. */
  take(now: number): Operation | null {
    const mayGo = ({ seq, kind }: Operation) => (this.earliest.get(seq) ?? 0) <= now && (this.taken.get(kind) ?? 0) < (AT_ONCE[kind] ?? Infinity);
    for (const [rank, queue] of this.ready.entries()) {
      const at = rank === TASKS ? queue.findLastIndex(mayGo) : queue.findIndex(mayGo);
      if (at < 0) continue;
      const [operation] = queue.splice(at, 1);
      this.taken.set(operation!.kind, (this.taken.get(operation!.kind) ?? 0) + 1);
      return operation!;
    }
    return null;
  }

  /** The attempt at an operation that was taken is over, whatever came of it. */
  free({ kind }: Operation): void {
    this.taken.set(kind, (this.taken.get(kind) ?? 1) - 1);
  }

  /** Some of a kind that are ready. */
  next(kind: OperationKind, most: number): Operation[] {
    return this.ready[RANK[kind] ?? 0]!.filter((operation) => operation.kind === kind).slice(0, most);
  }

  /** When the first of those that are ready may be sent; null: none is ready. */
  nextAt(): number | null {
    const times = this.ready.flat().map(({ seq }) => this.earliest.get(seq) ?? 0);
    return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
  }

  /** An operation that was taken may be sent again, not before `at`. */
  again(operation: Operation, at: number): void {
    this.earliest.set(operation.seq, at);
    this.push(operation);
  }

  ended({ seq }: Operation, how: Ending): void {
    for (const { operation, strict } of this.dependants.get(seq) ?? []) {
      if (strict && how !== "done") this.lose(operation, this.operations[seq]!);
      else this.release(operation);
    }
  }

  /** One thing less to wait for. */
  release(operation: Operation): void {
    const left = (this.missing.get(operation.seq) ?? 0) - 1;
    this.missing.set(operation.seq, left);
    if (left === 0) this.push(operation);
  }

  /** Operations like these are not begun any more. */
  stop(isMeant: (operation: Operation) => boolean, reason: string): void {
    for (const queue of this.ready) queue.splice(0, queue.length, ...queue.filter((operation) => !isMeant(operation)));
    for (const operation of this.operations) if (isMeant(operation)) this.giveUp(operation, reason);
  }

  giveUp(operation: Operation, reason: string): void {
    if (this.lost.has(operation.seq)) return;
    this.lost.add(operation.seq);
    this.hopeless.push({ operation, reason });
  }

  /** What became hopeless since this was asked last. */
  takeHopeless(): Hopeless[] {
    return this.hopeless.splice(0);
  }

  private lose(operation: Operation, because: Operation): void {
    this.giveUp(operation, `Not done, because this failed before: ${because.label}`);
  }

  /** Queues are in the order of the plan, whenever their operations became ready. */
  private push(operation: Operation): void {
    if (this.lost.has(operation.seq)) return;
    const queue = this.ready[(RANK[operation.kind] ?? 0) as 0 | 1 | 2];
    let [low, high] = [0, queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (queue[middle]!.seq < operation.seq) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, operation);
  }
}
