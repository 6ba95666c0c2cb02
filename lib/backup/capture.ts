import { PlanbackError } from "@/lib/errors";
import type { BatchRequest, ExpandSupport, GraphApi, GraphVersion, Shown } from "@/lib/graph";
import type { Gap } from "@/lib/planner/types";
import { unpack } from "@/lib/repository/packed";
import { inSlices } from "@/lib/repository/parallel";
import type { Consistency, Repository } from "@/lib/repository/types";
import { ask, isRefusal, type Answers } from "./asking";
import { readComments, type CommentReading } from "./comments";
import { FileReader, type FileReading } from "./files";
import { gap, gapReason } from "./gaps";
import { groupRequests, listingRequests, readGroup, readListing, type GroupReading, type ListedTask, type Listing } from "./listing";
import { Directory, mentionedUserIds } from "./people";
import { recordsOf, type WholeReading } from "./records";
import { compareWithPrevious, digestOf } from "./takeover";
import { detailsRequest, differ, etagOf, holdTakenOver, NOTHING, readTasks, signsOfListed, type HeldTask } from "./taskReading";
import type { CapturePhase, CaptureProgress, CaptureResult, PlanSize, ReadingFacts } from "./types";

export interface CaptureInput {
  graph: GraphApi;
  repository: Repository;
  groupId: string;
  planId: string;
  microsoftTenantId: string;
  snapshotId: string;
  /** ISO 8601, UTC. */
  takenAt: string;
  previousManifestId: string | null;
  /** Reads Microsoft's beta interface, which shows more; v1.0 stands in for what it refuses. */
  extras?: boolean;
  /** An application reads, nobody who signed in: Microsoft shows it no chats. */
  appOnly?: boolean;
  /** What lists of tasks, and single tasks, show besides in this Microsoft tenant. */
  expand?: ExpandSupport | null;
  /** Details and board places of tasks that beta calls unchanged come from the snapshot before (see takeover.ts). */
  takeOver?: boolean;
  /** What the newest snapshot with anything to go by held, unless a person said that it was emptied on purpose. */
  lastContent?: PlanSize | null;
  /** Larger files become gaps. Without it: no limit. */
  maxFileBytes?: number;
  onProgress?: (progress: CaptureProgress) => void;
  signal?: AbortSignal;
}

/** How often what moved is read again before the snapshot is called a window. */
const ROUNDS = 5;

/**
 * Takes a snapshot of one plan: lists it, reads everything behind the list, then looks again until nothing has moved
 * (at most {@link ROUNDS} times), and writes it. What cannot be read becomes a gap with its reason. Nothing is written
 * when the plan itself cannot be listed: throws graph_not_found (also when it is deleted while it is read),
 * graph_forbidden, graph_unavailable, needs_sign_in, cancelled, or what the repository throws.
 */
export async function capturePlan(input: CaptureInput): Promise<CaptureResult> {
  const reader = new PlanReader(input);
  await reader.readAll();
  const consistency = await reader.settle();
  return reader.store(consistency);
}

class PlanReader {
  /** The last look; its tasks are held, each as it was read. */
  private listing!: Omit<Listing, "tasks">;
  private group!: GroupReading;
  private version: GraphVersion;
  private readonly tasks = new Map<string, HeldTask>();
  private readonly comments = new Map<string, CommentReading>();
  private readonly files = new Map<string, FileReading>();
  private readonly directory = new Directory();
  private readonly fileReader: FileReader;
  /** Full readings in beta: digests of what was behind the tasks that the signal calls unchanged. */
  private readonly before = new Map<string, string>();
  private betaGap: Gap | null = null;
  private readonly startedAt = new Date().toISOString();

  constructor(private readonly input: CaptureInput) {
    const { graph, repository, groupId, previousManifestId, maxFileBytes = Infinity, signal } = input;
    this.version = input.extras ? "beta" : "v1.0";
    this.fileReader = new FileReader(graph, repository, { groupId, previousManifestId, maxFileBytes, signal });
  }

  async readAll(): Promise<void> {
    await this.readListed();
    await this.readMore([...this.tasks.values()], (phase, done, total) => this.progress(phase, done, total));
  }

  /** The lists, and what is behind the tasks that cannot be taken over. */
  private async readListed(): Promise<void> {
    const { groupId, planId } = this.input;
    this.progress("listing", 0, 1);
    const answers = await this.list(() => groupRequests(groupId, this.version));
    const { tasks, ...listing } = readListing(planId, answers);
    this.listing = listing;
    this.group = readGroup(groupId, answers);
    this.directory.know(this.group.people);
    this.progress("listing", 1, 1);
    await this.buildOnPrevious(tasks);
    const others = tasks.filter(({ task }) => !this.tasks.has(task.id));
    this.progress("details", 0, others.length);
    await this.readTasks(others, this.single, (done) => this.progress("details", done, others.length));
  }

  /** Looks again until two looks agree. Ids that would not stand still are named. */
  async settle(): Promise<Consistency> {
    for (let round = 1; ; round++) {
      this.progress("checking", round - 1, ROUNDS);
      const at = new Date().toISOString();
      const { moved, tasks } = await this.lookAgain();
      if (moved.size === 0) {
        this.progress("checking", ROUNDS, ROUNDS);
        return { kind: "quiescent", at };
      }
      for (const id of moved) this.before.delete(id);
      await this.readMore(await this.readTasks(tasks.filter(({ task }) => moved.has(task.id)), NOTHING));
      if (round === ROUNDS) return { kind: "window", from: this.startedAt, to: new Date().toISOString(), moved: [...moved].sort() };
    }
  }

  /** Stores records and manifest. */
  async store(consistency: Consistency): Promise<CaptureResult> {
    const { repository, planId, microsoftTenantId, snapshotId, takenAt, previousManifestId } = this.input;
    this.progress("storing", 0, 1);
    await this.directory.complete(this.peopleRequests(), (requests) => ask(this.input.graph, requests));
    const { people, gaps: unnamed } = this.directory.result(this.mentioned());
    const reading: WholeReading = { listing: this.listing, group: this.group.group, tasks: this.tasks, comments: this.comments, files: this.files, people };
    const behind = [...this.tasks.values(), ...this.comments.values(), ...this.files.values()];
    const gaps = [...(this.betaGap ? [this.betaGap] : []), ...this.suspicions(), ...this.listing.gaps, ...this.group.gaps, ...behind.flatMap((reading) => reading.gaps), ...unnamed];
    const complete = gaps.every((one) => one.permanent);
    const facts = this.facts();
    const written = await repository.writeSnapshot({ snapshotId, planId, microsoftTenantId, takenAt, consistency, complete, gaps, previous: previousManifestId }, recordsOf(reading));
    this.input.onProgress?.({ phase: "storing", done: 1, total: 1 });
    const { added } = this.fileReader;
    return {
      ...written, newObjects: written.newObjects + added.files, newBytes: written.newBytes + added.bytes,
      complete, gaps, consistency, reading: facts, planTitle: this.listing.plan.title, groupName: this.group.group?.displayName ?? "",
    };
  }

  /** The lists of the plan, and what else is wanted with them. When beta refuses them, v1.0 is asked from then on. */
  private async list(others: () => BatchRequest[]): Promise<Answers> {
    const { graph, planId, expand } = this.input;
    const requests = listingRequests(planId, this.version, expand ?? NOTHING);
    const answers = await ask(graph, [...requests, ...others()]);
    const refusal = requests.map(({ id }) => answers.get(id)!.error).find(isRefusal);
    if (this.version === "v1.0" || !refusal) return answers;
    this.version = "v1.0";
    this.betaGap = gap("plan", planId, "What only Microsoft's beta interface shows (rich notes, recurrence, archive state, chat)", gapReason(refusal));
    return this.list(others);
  }

  /** Takes over what the signal calls unchanged, or remembers it to see whether the signal is true. */
  private async buildOnPrevious(tasks: ListedTask[]): Promise<void> {
    const { repository, previousManifestId } = this.input;
    if (this.version !== "beta" || !previousManifestId) return;
    await compareWithPrevious(repository, previousManifestId, tasks, (listed, before) => {
      if (this.takesOver) this.tasks.set(before.id, holdTakenOver(listed, before));
      else this.before.set(before.id, digestOf(before));
    });
  }

  /** Details and boards of tasks; replaces what was read of them before. */
  private async readTasks(tasks: ListedTask[], single: Shown, onProgress: (done: number) => void = () => {}): Promise<HeldTask[]> {
    const { graph } = this.input;
    // People asked for now travel in places of batches that would stay empty.
    const people = tasks.length > 0 ? ask(graph, this.peopleRequests(tasks)) : new Map();
    const read: HeldTask[] = [];
    const details = readTasks(graph, tasks, this.version, single, (task) => {
      this.tasks.set(task.id, task);
      onProgress(read.push(task));
    });
    const [answers] = await Promise.all([people, details]);
    this.directory.take(answers);
    return read;
  }

  /** Comments and files of tasks; replaces what was read of them before. */
  private async readMore(tasks: HeldTask[], onProgress: (phase: CapturePhase, done: number, total: number) => void = () => {}): Promise<void> {
    const { graph, groupId } = this.input;
    const report = (phase: CapturePhase) => (done: number, total: number) => onProgress(phase, done, total);
    replace(this.comments, tasks, await readComments(graph, groupId, tasks, this.version === "beta" && (this.input.appOnly ? "named" : true), report("comments")));
    replace(this.files, tasks, await this.fileReader.read(tasks, report("files")));
  }

  /**
   * Lists the plan again, and the details where nothing in a list tells whether they moved. Takes over the new list,
   * forgets what has gone, and returns the tasks and the ids of what is not as it was read.
   */
  private async lookAgain(): Promise<{ moved: Set<string>; tasks: ListedTask[] }> {
    const before = this.listing;
    const [answers, details] = await Promise.all([this.list(() => this.peopleRequests()), this.detailsSigns(this.unlistedDetails())]);
    this.directory.take(answers);
    const { tasks, ...now } = readListing(this.input.planId, answers);
    this.listing = now;
    for (const [id, sign] of await this.detailsSigns(this.hiddenDetails(tasks, details))) details.set(id, sign);
    const moved = movedIds([before.plan, ...before.buckets], [now.plan, ...now.buckets]);
    if (etagOf(before.planDetails) !== etagOf(now.planDetails)) moved.add(now.plan.id);
    const buckets = new Set(now.buckets.map((bucket) => bucket.id));
    const listed = new Set<string>();
    for (const one of tasks) {
      const { id, bucketId } = one.task;
      listed.add(id);
      const held = this.tasks.get(id);
      // The lists of a batch are not read at one moment: a task may name a bucket that is not there yet, or no more.
      if (!held || this.hasMoved(held, one, details) || (bucketId && !buckets.has(bucketId))) moved.add(id);
    }
    for (const id of [...this.tasks.keys()].filter((one) => !listed.has(one))) {
      moved.add(id);
      for (const all of [this.tasks, this.comments, this.files]) all.delete(id);
    }
    return { moved, tasks };
  }

  private hasMoved(held: HeldTask, listed: ListedTask, details: ReadonlyMap<string, string | null>): boolean {
    const signs = signsOfListed(listed);
    signs.details ??= details.get(held.id) ?? null;
    // Details that were read and do not answer now are read again: nobody knows whether they stand still.
    return differ(held.signs, signs) || (!this.takesOver && held.signs.details !== null && signs.details === null);
  }

  /** Tasks whose details no list will show. */
  private unlistedDetails(): string[] {
    return this.takesOver || this.input.expand?.details ? [] : [...this.tasks.keys()];
  }

  /** Tasks whose details a list was to show and did not. */
  private hiddenDetails(tasks: ListedTask[], seen: ReadonlyMap<string, unknown>): string[] {
    if (this.takesOver) return [];
    return tasks.filter(({ task: { id }, details }) => !details && !seen.has(id) && this.tasks.get(id)?.signs.details).map(({ task }) => task.id);
  }

  /** The etags that details have now; null: they do not answer. */
  private async detailsSigns(ids: string[]): Promise<Map<string, string | null>> {
    const signs = new Map<string, string | null>();
    await inSlices(ids, async (slice) => {
      const answers = await ask(this.input.graph, slice.map((id) => detailsRequest(id, this.version)));
      for (const id of slice) signs.set(id, etagOf(answers.get(detailsRequest(id, this.version).id)!.body));
    });
    return signs;
  }

  /**
   * What one request for a task is to show. Undocumented, so only where that takes fewer requests, and where details are
   * looked at again by direct reads: what differs is read again, directly too.
   */
  private get single(): Shown {
    const { expand } = this.input;
    if (this.takesOver || expand?.formats || !expand?.single?.formats) return NOTHING;
    return { details: expand.single.details && !expand.details, formats: true };
  }

  private get takesOver(): boolean {
    return this.version === "beta" && this.input.takeOver === true;
  }

  /** For everybody who is mentioned so far, in `unread` too, and not known yet. */
  private peopleRequests(unread: ListedTask[] = []): BatchRequest[] {
    const ids = mentionedUserIds(unread, this.mentioned());
    return this.directory.requests(ids, [...this.comments.values()].flatMap(({ addresses }) => addresses), this.version);
  }

  private mentioned(): Set<string> {
    const ids = mentionedUserIds([this.listing.plan, this.listing.planDetails, this.listing.buckets]);
    for (const { people } of [...this.tasks.values(), ...this.comments.values()]) for (const id of people) ids.add(id);
    return ids;
  }

  /** Nothing where there was something is rather a lost permission or a service in trouble than a plan that was emptied. */
  private get lost(): PlanSize | null {
    const { lastContent } = this.input;
    if (!lastContent || this.tasks.size > 0) return null;
    return lastContent.tasks > 0 || (lastContent.buckets > 0 && this.listing.buckets.length === 0) ? lastContent : null;
  }

  private suspicions(): Gap[] {
    if (!this.lost) return [];
    return [gap("plan", this.input.planId, this.lost.tasks > 0 ? "The plan's tasks" : "The plan's buckets", "suspiciously_empty")];
  }

  private facts(): ReadingFacts {
    const takenOver = [...this.tasks.values()].filter((task) => task.takenOver).length;
    const lies = [...this.before].filter(([id, digest]) => {
      const held = this.tasks.get(id);
      return held && held.gaps.length === 0 && digestOf(unpack(held.record)) !== digest;
    });
    return { extras: this.version === "beta", full: !this.takesOver, read: this.tasks.size - takenOver, takenOver, disagreements: lies.length, ...(this.lost ? { lost: this.lost } : {}) };
  }

  /** Also the place where a cancelled capture stops between two requests. */
  private progress(phase: CapturePhase, done: number, total: number): void {
    if (this.input.signal?.aborted) throw new PlanbackError("cancelled", "The backup was cancelled. Earlier snapshots are kept.");
    this.input.onProgress?.({ phase, done, total });
  }
}

function replace<T>(all: Map<string, T>, tasks: HeldTask[], readings: Map<string, T>): void {
  for (const { id } of tasks) {
    const reading = readings.get(id);
    if (reading) all.set(id, reading);
    else all.delete(id);
  }
}

/** Ids whose etag differs between two lists, or that are in one of them only. */
function movedIds(before: { id: string; "@odata.etag": string }[], now: { id: string; "@odata.etag": string }[]): Set<string> {
  const etags = new Map(before.map((object) => [object.id, object["@odata.etag"]]));
  const moved = new Set<string>();
  for (const object of now) {
    if (etags.get(object.id) !== object["@odata.etag"]) moved.add(object.id);
    etags.delete(object.id);
  }
  for (const gone of etags.keys()) moved.add(gone);
  return moved;
}
