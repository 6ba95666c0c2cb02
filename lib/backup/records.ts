import type { Attachment, Comment, GroupFacts, Person, SnapshotRecord } from "@/lib/planner/types";
import { withoutAnnotations } from "./annotations";
import { withNames } from "./chat";
import type { CommentReading } from "./comments";
import type { FileReading } from "./files";
import type { Listing } from "./listing";
import { unpack } from "@/lib/repository/packed";
import type { HeldTask } from "./taskReading";

/** Everything that was read of a plan. */
export interface WholeReading {
  listing: Pick<Listing, "plan" | "planDetails" | "buckets">;
  group: GroupFacts | null;
  tasks: Map<string, HeldTask>;
  comments: ReadonlyMap<string, CommentReading>;
  files: ReadonlyMap<string, FileReading>;
  people: ReadonlyMap<string, Person>;
}

/** The records of a snapshot in their order, by kind and id, each made when it is asked for. Tasks are let go one by one: who takes the records holds them. */
export function* recordsOf({ listing, group, tasks, comments, files, people }: WholeReading): Generator<SnapshotRecord> {
  const { plan, planDetails, buckets } = listing;
  if (group) yield { kind: "group", id: group.id, group };
  yield { kind: "plan", id: plan.id, plan: withoutAnnotations(plan) };
  if (planDetails) yield { kind: "planDetails", id: plan.id, details: withoutAnnotations(planDetails) };
  for (const bucket of byId(buckets)) yield { kind: "bucket", id: bucket.id, bucket: withoutAnnotations(bucket) };
  for (const id of [...tasks.keys()].sort()) {
    const { record } = tasks.get(id)!;
    tasks.delete(id);
    yield unpack(record);
  }
  for (const { id, packed } of byId(packedComments(comments))) yield { kind: "comment", id, comment: withNames(unpack<Comment>(packed), people) };
  for (const attachment of byId(attachmentsOf({ files }))) yield { kind: "attachment", id: attachment.id, attachment };
  for (const person of byId(people.values())) yield { kind: "person", id: person.id, person };
}

export function attachmentsOf({ files }: Pick<WholeReading, "files">): Attachment[] {
  return [...files.values()].flatMap((reading) => reading.attachments);
}

function* packedComments(comments: WholeReading["comments"]) {
  for (const [taskId, reading] of comments) for (const { id, packed } of reading.comments) yield { id: `${taskId}/${id}`, packed };
}

function byId<T extends { id: string }>(objects: Iterable<T>): T[] {
  return [...objects].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
