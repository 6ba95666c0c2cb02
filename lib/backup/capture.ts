import { PlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph";
import type { PlannerTask, SnapshotRecord } from "@/lib/planner/types";
import type { Consistency, Repository } from "@/lib/repository/types";
import { withoutAnnotations } from "./annotations";
import { readComments, type CommentReading } from "./comments";
import { FileReader, type FileReading } from "./files";
import { groupRequests, listingRequests, readGroup, readListing, type GroupReading, type Listing } from "./listing";
import { mentionedUserIds, readPeople } from "./people";
import { detailsRequest, readTasks, type TaskReading } from "./taskReading";
import type { CapturePhase, CaptureProgress, CaptureResult } from "./types";

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
  private listing!: Listing;
  private group!: GroupReading;
  private readonly tasks = new Map<string, TaskReading>();
  private readonly comments = new Map<string, CommentReading>();
  private readonly files = new Map<string, FileReading>();
  private readonly fileReader: FileReader;
  private readonly startedAt = new Date().toISOString();

  constructor(private readonly input: CaptureInput) {
    const { graph, repository, groupId, previousManifestId, maxFileBytes = Infinity, signal } = input;
    this.fileReader = new FileReader(graph, repository, { groupId, previousManifestId, maxFileBytes, signal });
  }

  async readAll(): Promise<void> {
    const { graph, groupId, planId } = this.input;
    this.progress("listing", 0, 1);
    const answers = await this.ask([...listingRequests(planId), ...groupRequests(groupId)]);
    this.listing = await readListing(graph, planId, answers);
    this.group = await readGroup(graph, groupId, answers);
    this.progress("listing", 1, 1);
    await this.readBehind(this.listing.tasks, true);
  }

  /** Looks again until two looks agree. Ids that would not stand still are named. */
  async settle(): Promise<Consistency> {
    for (let round = 1; ; round++) {
      this.progress("checking", round - 1, ROUNDS);
      const at = new Date().toISOString();
      const moved = await this.lookAgain();
      if (moved.size === 0) {
        this.progress("checking", ROUNDS, ROUNDS);
        return { kind: "quiescent", at };
      }
      await this.readBehind(this.listing.tasks.filter((task) => moved.has(task.id)), false);
      if (round === ROUNDS) return { kind: "window", from: this.startedAt, to: new Date().toISOString(), moved: [...moved].sort() };
    }
  }

  /** Stores records and manifest. */
  async store(consistency: Consistency): Promise<CaptureResult> {
    const { repository, planId, microsoftTenantId, snapshotId, takenAt, previousManifestId } = this.input;
    this.progress("storing", 0, 1);
    const readings = [...this.tasks.values()];
    const comments = [...this.comments.values()].flatMap((reading) => reading.comments);
    const attachments = [...this.files.values()].flatMap((reading) => reading.attachments);
    const mentioned = mentionedUserIds([this.listing.plan, this.listing.planDetails, this.listing.buckets, readings]);
    const directory = await readPeople(this.input.graph, this.group.people, mentioned, comments);
    const behind = [...readings, ...this.comments.values(), ...this.files.values()];
    const gaps = [...this.listing.gaps, ...this.group.gaps, ...behind.flatMap((reading) => reading.gaps), ...directory.gaps];
    const complete = gaps.every((one) => one.permanent);
    const records: SnapshotRecord[] = [
      ...this.planRecords(),
      ...readings.map(taskRecord),
      ...comments.map((comment): SnapshotRecord => ({ kind: "comment", id: `${comment.taskId}/${comment.id}`, comment })),
      ...attachments.map((attachment): SnapshotRecord => ({ kind: "attachment", id: attachment.id, attachment })),
      ...directory.people.map((person): SnapshotRecord => ({ kind: "person", id: person.id, person })),
    ];
    const files = [...new Set(attachments.map((attachment) => attachment.fileId))].sort();
    const written = await repository.writeSnapshot({ snapshotId, planId, microsoftTenantId, takenAt, consistency, complete, gaps, files, previous: previousManifestId }, records);
    this.input.onProgress?.({ phase: "storing", done: 1, total: 1 });
    const { added } = this.fileReader;
    return { ...written, newObjects: written.newObjects + added.files, newBytes: written.newBytes + added.bytes, complete, gaps, consistency, reading: { extras: false, full: true, read: readings.length, takenOver: 0, disagreements: 0 }, planTitle: this.listing.plan.title, groupName: this.group.group?.displayName ?? "" };
  }

  private planRecords(): SnapshotRecord[] {
    const { plan, planDetails, buckets } = this.listing;
    const { group } = this.group;
    return [
      ...(group ? [{ kind: "group" as const, id: group.id, group }] : []),
      { kind: "plan", id: plan.id, plan: withoutAnnotations(plan) },
      ...(planDetails ? [{ kind: "planDetails" as const, id: plan.id, details: withoutAnnotations(planDetails) }] : []),
      ...buckets.map((bucket): SnapshotRecord => ({ kind: "bucket", id: bucket.id, bucket: withoutAnnotations(bucket) })),
    ];
  }

  /** Details, boards, comments and files of tasks; replaces what was read of them before. */
  private async readBehind(tasks: Listing["tasks"], isFirst: boolean): Promise<void> {
    const { graph, groupId } = this.input;
    const report = (phase: CapturePhase) => (done: number, total: number) => isFirst && this.progress(phase, done, total);
    report("details")(0, tasks.length);
    const readings = await readTasks(graph, tasks, (done) => report("details")(done, tasks.length));
    replace(this.tasks, tasks, readings);
    replace(this.comments, tasks, await readComments(graph, groupId, tasks, report("comments")));
    const details = [...readings.values()].flatMap((reading) => reading.details ?? []);
    replace(this.files, tasks, await this.fileReader.read(details, report("files")));
  }

  /**
   * Lists the plan again, and the details, whose etags no list shows. Takes over the new list, forgets what has gone, and
   * returns the ids of what is not as it was read.
   */
  private async lookAgain(): Promise<Set<string>> {
    const { graph, planId } = this.input;
    const before = this.listing;
    const answers = await this.ask([...listingRequests(planId), ...before.tasks.map((task) => detailsRequest(task.id))]);
    const now = (this.listing = await readListing(graph, planId, answers));
    const moved = movedIds([before.plan, ...before.buckets, ...before.tasks], [now.plan, ...now.buckets, ...now.tasks]);
    if (before.planDetails?.["@odata.etag"] !== now.planDetails?.["@odata.etag"]) moved.add(planId);
    const listed = new Set(now.tasks.map((task) => task.id));
    for (const task of before.tasks) {
      if (!listed.has(task.id)) this.forget(task.id);
      const answer = answers.get(`details ${task.id}`);
      const etag = (answer?.body as { "@odata.etag"?: string } | null)?.["@odata.etag"];
      if (etag !== undefined && etag !== this.tasks.get(task.id)?.details?.["@odata.etag"]) moved.add(task.id);
    }
    // The lists of a batch are not read at one moment: a task may name a bucket that is not there yet, or no more.
    const buckets = new Set(now.buckets.map((bucket) => bucket.id));
    for (const task of now.tasks) if (task.bucketId && !buckets.has(task.bucketId)) moved.add(task.id);
    return moved;
  }

  private forget(taskId: string): void {
    this.tasks.delete(taskId);
    this.comments.delete(taskId);
    this.files.delete(taskId);
  }

  private async ask(requests: Parameters<GraphApi["batchGet"]>[0]) {
    return new Map((await this.input.graph.batchGet(requests)).map((answer) => [answer.id, answer]));
  }

  /** Also the place where a cancelled capture stops between two requests. */
  private progress(phase: CapturePhase, done: number, total: number): void {
    if (this.input.signal?.aborted) throw new PlanbackError("cancelled", "The backup was cancelled. Earlier snapshots are kept.");
    this.input.onProgress?.({ phase, done, total });
  }
}

function taskRecord(reading: TaskReading): SnapshotRecord {
  const { task, details, formats } = reading;
  return { kind: "task", id: task.id, task: withoutAnnotations(task), details: withoutAnnotations(details), formats: withoutAnnotations(formats) };
}

function replace<T>(all: Map<string, T>, tasks: PlannerTask[], readings: Map<string, T>): void {
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
