/** Snapshot records: their order, their canonical bytes, and the two shapes they come in. Pure. */
import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import { PlanbackError } from "@/lib/errors";
import { RECORD_KINDS, type OutlineRecord, type RecordKind, type SnapshotContent, type SnapshotOutline, type SnapshotRecord } from "@/lib/planner/types";
import { damaged } from "./header";

const KIND_ORDER = Object.fromEntries(RECORD_KINDS.map((kind, index) => [kind, index])) as Record<RecordKind, number>;

/** Order of records in a snapshot: by kind as in RECORD_KINDS, then by id (UTF-16 code units). */
export function compareRecords(a: OutlineRecord, b: OutlineRecord): number {
  return KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** RFC 8785 text of a JSON value. Members that are undefined are left out. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new PlanbackError("internal", "A value without JSON form cannot be stored.");
  return text;
}

/** What tells records of one snapshot apart. Kinds hold no space, so no two records share a key by accident. */
export function recordKey(record: { kind: RecordKind; id: string }): string {
  return `${record.kind} ${record.id}`;
}

/** Where a record lies: 32 bytes, of which a segment's prefix names the first bits. */
export function positionOf(record: { kind: RecordKind; id: string }): Buffer {
  return hash("sha256", recordKey(record), "buffer");
}

/** As prefixes are written: "0110…". */
export function bitsOf(position: Uint8Array): string {
  return [...position].map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

/** Sorts records into kinds. Throws repository_damaged when the plan itself is not among them. */
export function groupRecords(records: Iterable<SnapshotRecord>): SnapshotContent;
export function groupRecords(records: Iterable<OutlineRecord>): SnapshotOutline;
export function groupRecords(records: Iterable<OutlineRecord>): SnapshotOutline {
  const content: Omit<SnapshotOutline, "plan"> & { plan: SnapshotContent["plan"] | null } = {
    group: null, plan: null, planDetails: null, buckets: [], tasks: [], comments: [], attachments: [], people: [],
  };
  for (const record of records) {
    switch (record.kind) {
      case "group": content.group = record.group; break;
      case "plan": content.plan = record.plan; break;
      case "planDetails": content.planDetails = record.details; break;
      case "bucket": content.buckets.push(record.bucket); break;
      case "task": content.tasks.push(record); break;
      case "comment": content.comments.push(record.comment); break;
      case "attachment": content.attachments.push(record.attachment); break;
      case "person": content.people.push(record.person); break;
      default: throw new PlanbackError("internal", `A snapshot holds a record of an unknown kind (${(record satisfies never as SnapshotRecord).kind}).`);
    }
  }
  if (!content.plan) throw damaged("missing", "the plan record of a snapshot");
  return { ...content, plan: content.plan };
}

/** The inverse of `groupRecords`, in canonical order. */
export function contentToRecords(content: SnapshotContent): SnapshotRecord[] {
  const records: SnapshotRecord[] = [
    { kind: "plan", id: content.plan.id, plan: content.plan },
    ...content.buckets.map((bucket) => ({ kind: "bucket" as const, id: bucket.id, bucket })),
    ...content.tasks,
    ...content.comments.map((comment) => ({ kind: "comment" as const, id: comment.id, comment })),
    ...content.attachments.map((attachment) => ({ kind: "attachment" as const, id: attachment.id, attachment })),
    ...content.people.map((person) => ({ kind: "person" as const, id: person.id, person })),
  ];
  if (content.group) records.push({ kind: "group", id: content.group.id, group: content.group });
  if (content.planDetails) records.push({ kind: "planDetails", id: content.planDetails.id, details: content.planDetails });
  return records.sort(compareRecords);
}
