import type { BundleLimits } from "./bundles";
import type { KeyMaterial } from "./header";
import type { Gap, OutlineRecord, RecordKind, SnapshotContent, SnapshotRecord, TaskRecord } from "@/lib/planner/types";

/** A record that is not the same in two snapshots; null: that one does not have it. */
export interface Difference { before: SnapshotRecord | null; after: SnapshotRecord | null }

/** Records (or outlines of them) of segments that were read, by the segments' ids. */
export type ReadSegments<R = SnapshotRecord> = ReadonlyMap<string, R[]>;

/** What a snapshot may be read from besides its own objects. `known`: segments that other snapshots brought. `bundleId`: the plan's bundle (bundles.ts). */
export interface ReadFrom<R = SnapshotRecord> { known?: readonly ReadSegments<R>[]; bundleId?: string | null }
/** What could be read of a snapshot. */
export interface ReadParts<R = SnapshotRecord> { manifest: Manifest; records: R[]; damaged: Damage[]; segments: ReadSegments<R> }

/** Where sealed bytes live. Keys are `/`-separated ASCII paths made by us. One suite of tests runs on every driver. */
export interface ObjectStore {
  /** Writes atomically; an existing key is left as it is (objects are immutable). A chunk holds until the next is asked for. Returns true when it was new. */
  put(key: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<boolean>;
  /** Throws PlanbackError repository_damaged when the key does not exist, storage_unavailable on I/O errors. */
  get(key: string): Promise<Uint8Array>;
  getStream(key: string): AsyncIterable<Uint8Array>;
  has(key: string): Promise<boolean>;
  list(prefix: string): AsyncIterable<{ key: string; size: number; modified: Date }>;
  remove(key: string): Promise<void>;
  /** Of a storage that locks what it keeps. */
  locks?: Locks;
}

export interface Locks {
  /** As `has`, for a snapshot that needs the object: it is locked for as long as if it were stored now. */
  keep(key: string): Promise<boolean>;
  /** Until when nobody can remove the object; null: it is not locked, or the storage does not say. */
  until(key: string): Promise<Date | null>;
}

/** The keys of one workspace, unwrapped. 32 bytes each. */
export interface WorkspaceKeys {
  workspaceId: string;
  /** Version of the content key that new objects are sealed with. */
  contentKeyVersion: number;
  contentKeys: ReadonlyMap<number, KeyMaterial>;
  /** The content keys as they are now, for something that was sealed after these were read. */
  newerContentKeys?: () => Promise<ReadonlyMap<number, KeyMaterial>>;
  indexKey: KeyMaterial;
}

export type Consistency =
  | { kind: "quiescent"; at: string }
  /** What was read may mix states between `from` and `to`; `moved` are the ids that would not stand still. */
  | { kind: "window"; from: string; to: string; moved: string[] };

export interface SnapshotCounts {
  records: Record<RecordKind, number>;
  /** Files whose content is stored, and their bytes. */
  files: number;
  fileBytes: number;
}

/** docs/snapshot-format.md */
export interface Manifest {
  format: 1;
  workspaceId: string;
  snapshotId: string;
  planId: string;
  microsoftTenantId: string;
  takenAt: string;
  consistency: Consistency;
  complete: boolean;
  gaps: Gap[];
  counts: SnapshotCounts;
  pages: PageEntry[];
  segments: SegmentEntry[];
  previous: string | null;
}

/** The segment that holds all records of a kind whose position begins with the bits of `prefix`. */
export interface SegmentEntry {
  id: string;
  kind: RecordKind;
  prefix: string;
  records: number;
}

/** An object that lists the segments under a prefix. */
export interface PageEntry extends SegmentEntry {
  /** How many entries the snapshots since it was written carried beside it. */
  carried: number;
}

export interface WriteResult {
  manifestId: string;
  newObjects: number;
  newBytes: number;
}

export interface Damage {
  objectId: string;
  type: "manifest" | "page" | "segment" | "file";
  problem: "missing" | "altered" | "unreadable";
  /** What cannot be restored because of it, in words: "3 tasks", "an attached file in 2 snapshots". */
  affects: string;
}

export interface VerifyReport {
  snapshots: number;
  objects: number;
  bytes: number;
  damaged: Damage[];
  /** Ids of the manifests that need something damaged, or are damaged themselves. */
  damagedManifests: string[];
}

/** What a snapshot says of itself; the rest of its manifest follows from its records. */
export type NewSnapshot = Omit<Manifest, "format" | "workspaceId" | "pages" | "segments" | "counts">;

/** An object that a snapshot needs. `kind`: that of the records in a page or segment. */
export interface NeededObject {
  type: Damage["type"];
  id: string;
  kind: RecordKind | null;
}

export interface StoredObject {
  type: Damage["type"] | "bundle";
  id: string;
  /** As it lies in storage. */
  bytes: number;
  modified: Date;
}

/** What capture, restore and the web use of the repository of one workspace (lib/repository/index.ts: openRepository). */
export interface Repository {
  /** Stores a file by content, streamed in frames. Same content in the same workspace: stored once. */
  putFile(content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<{ fileId: string; size: number; sha256: string; isNew: boolean }>;
  readFile(fileId: string): AsyncIterable<Uint8Array>;
  /** False when the file is not there, or is suspected to be damaged and is. */
  hasFile(fileId: string): Promise<boolean>;
  /**
   * Objects first, then the manifest. Records may come in any order. They are held as compact bytes until all are there;
   * the objects that they came in are not.
   */
  writeSnapshot(
    snapshot: NewSnapshot,
    records: Iterable<SnapshotRecord> | AsyncIterable<SnapshotRecord>,
  ): Promise<WriteResult & { counts: SnapshotCounts }>;
  readManifest(manifestId: string): Promise<Manifest>;
  /** Throws repository_damaged if any object is missing or altered. `bundleId` is that of the plan, if it has one; `hold`: what is held of each record as it comes. */
  readSnapshot(manifestId: string, bundleId?: string | null, hold?: (record: SnapshotRecord) => SnapshotRecord): Promise<{ manifest: Manifest; content: SnapshotContent }>;
  /** The records of some kinds in no certain order, a few segments in memory at a time. Throws repository_damaged at the first damaged one. */
  readRecords(manifestId: string, kinds: readonly RecordKind[]): AsyncIterable<SnapshotRecord>;
  /** Those records of a kind with these ids that the snapshot has; reads only where they would lie. Throws repository_damaged. */
  findRecords(manifestId: string, kind: RecordKind, ids: Iterable<string>): Promise<SnapshotRecord[]>;
  /** Reads what can be read; damaged segments are named instead of thrown. */
  readSnapshotParts(manifestId: string, from?: ReadFrom): Promise<ReadParts>;
  /** The same of the records' outlines (lib/planner/outline.ts); those that the bundle has are read at a fifth of the cost. */
  readOutline(manifestId: string, from?: ReadFrom<OutlineRecord>): Promise<ReadParts<OutlineRecord>>;
  /**
   * A task in each of these snapshots, in their order; null for one that is damaged where the task would lie. `behind` is
   * equal in two snapshots that hold the same comments and files. Objects that snapshots share are read once.
   */
  traceTask(manifestIds: readonly string[], taskId: string): Promise<({ task: TaskRecord | null; behind: string } | null)[]>;
  /** Records (of some kinds) that differ between two snapshots, one after the other; segments with equal ids are not read. */
  differences(olderId: string, newerId: string, kinds?: readonly RecordKind[]): AsyncGenerator<Difference>;
  /** The same, all at once and in order. */
  diffSnapshots(olderId: string, newerId: string, kinds?: readonly RecordKind[]): Promise<{ added: SnapshotRecord[]; removed: SnapshotRecord[]; changed: { before: SnapshotRecord; after: SnapshotRecord }[] }>;
  /**
   * Makes a bundle, from which the snapshot is opened with few reads, unless the current one has nearly all of its segments. Null:
   * nothing is to be changed. `id` null: the snapshot is small by now and needs none. `stored`: its bytes in storage.
   */
  makeBundle(manifestId: string, current: string | null, options?: { signal?: AbortSignal; limits?: BundleLimits }): Promise<{ id: string | null; stored: number } | null>;
  /** Every object that the snapshot needs, once each: manifest, pages, segments, files. Throws repository_damaged. */
  objectsOf(manifestId: string): AsyncIterable<NeededObject>;
  /** Which objects the given snapshots need, and of which these bundles are. Throws repository_damaged when that cannot be told. */
  findNeeded(manifestIds: Iterable<string>, options?: { bundleIds?: readonly string[]; signal?: AbortSignal }): Promise<{ has(id: string): boolean }>;
  listStored(): AsyncIterable<StoredObject>;
  /** Until when the storage lets nobody remove the object, as far as it says so. */
  lockedUntil(type: StoredObject["type"], id: string): Promise<Date | null>;
  /** Of one that is not there, nothing. */
  removeObject(type: StoredObject["type"], id: string): Promise<void>;
  /** Reads every object that the given manifests need (all bytes) and says what is damaged. */
  verify(manifestIds: Iterable<string>, options?: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void }): Promise<VerifyReport>;
}
