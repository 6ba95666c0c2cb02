/** The way into the repository: content-addressed, sealed storage of snapshots. docs/snapshot-format.md */
import { makeBundle } from "./bundles";
import { differences, diffSnapshots } from "./diff";
import { putFile } from "./files";
import { createObjectAccess, type Condemned } from "./objects";
import { findNeeded, listStored } from "./prune";
import { findRecords, readManifest, readOutline, readRecords, readSnapshot, readSnapshotParts, writeSnapshot } from "./snapshots";
import { traceTask } from "./trace";
import type { ObjectStore, Repository, WorkspaceKeys } from "./types";
import { objectsOf, verify } from "./verify";

export { createFileStore } from "./file-store";
export { copyPart, MOVE_PARTS, removePart, isSamePlace } from "./move";
export { createMovingStore } from "./moving-store";
export { probeStore, type ProbeStep } from "./probe";
export { openStore, type AzureSettings, type CloudOptions, type CloudSettings, type S3Settings, type StoreSettings } from "./stores";
export { contentToRecords, groupRecords } from "./records";
export { newKey, open, seal, unwrapKey, wrapKey, type SealKey } from "./seal";
export type { BundleLimits } from "./bundles";
export type { Condemned } from "./objects";
export type * from "./types";

/**
 * The repository of one workspace. Holds no connection and no state but the keys; make one whenever needed. `suspects`
 * are ids that a verification found damaged: a write of one reads it back and replaces it unless it is whole. Whoever writes gives
 * what is `condemned`.
 */
export function openRepository({ store, keys, suspects, condemned }: { store: ObjectStore; keys: WorkspaceKeys; suspects?: ReadonlySet<string>; condemned?: Condemned }): Repository {
  const objects = createObjectAccess(store, keys, suspects, condemned);
  const { workspaceId } = keys;
  return {
    putFile: (content, signal) => putFile(objects, content, signal),
    readFile: (fileId) => objects.readStream("file", fileId),
    hasFile: (fileId) => objects.has("file", fileId),
    writeSnapshot: (snapshot, records) => writeSnapshot(objects, workspaceId, snapshot, records),
    readManifest: async (id) => (await readManifest(objects, workspaceId, id)).manifest,
    readSnapshot: (id, bundleId, hold) => readSnapshot(objects, workspaceId, id, bundleId, hold),
    readRecords: (id, kinds) => readRecords(objects, workspaceId, id, kinds),
    findRecords: (id, kind, ids) => findRecords(objects, workspaceId, id, kind, ids),
    readSnapshotParts: (id, from) => readSnapshotParts(objects, workspaceId, id, from),
    readOutline: (id, from) => readOutline(objects, workspaceId, id, from),
    traceTask: (manifestIds, taskId) => traceTask(objects, workspaceId, manifestIds, taskId),
    differences: (olderId, newerId, kinds) => differences(objects, workspaceId, olderId, newerId, kinds),
    diffSnapshots: (olderId, newerId, kinds) => diffSnapshots(objects, workspaceId, olderId, newerId, kinds),
    makeBundle: async (id, current, options) => makeBundle(objects, (await readManifest(objects, workspaceId, id)).manifest, current, options),
    objectsOf: (id) => objectsOf(objects, workspaceId, id),
    findNeeded: (manifestIds, options) => findNeeded(objects, workspaceId, manifestIds, options),
    listStored: () => listStored(store, workspaceId),
    lockedUntil: (type, id) => objects.lockedUntil(type, id),
    removeObject: (type, id) => objects.remove(type, id),
    verify: (manifestIds, options) => verify(objects, workspaceId, manifestIds, options),
  };
}
