/** A file that is gone from where it was may be in the group still: as the copy that an earlier restore in place uploaded. */
import { isPlanbackError } from "@/lib/errors";
import { hashOfItem } from "@/lib/graph";
import type { GraphApi } from "@/lib/graph/types";
import { encodeReferenceKey, openEntries } from "@/lib/planner";
import type { Attachment, SnapshotContent } from "@/lib/planner/types";
import { released } from "@/lib/repository/frames";
import type { Repository } from "@/lib/repository/types";
import { fileKey } from "./ids";
import { type LiveTarget, orNull } from "./live";
import { chooseItems } from "./plan/choice";
import { quickXorHash } from "./quick-xor";
import { type Creations, renamed } from "./successors";
import type { RestoreRequest } from "./types";

export interface CopiesInput {
  graph: GraphApi;
  repository: Pick<Repository, "readFile">;
  snapshot: SnapshotContent;
  request: RestoreRequest;
  live: LiveTarget;
  creations: Creations;
}

export interface WithCopies {
  snapshot: SnapshotContent;
  live: LiveTarget;
  /** fileKey -> reference key of the copy (Successors). */
  copies: Record<string, string>;
}

/**
 * Where the file of an attachment is gone and a copy of it is there and holds what the snapshot holds: the snapshot with the
 * copy's address, and the file not missing. A copy that its task points to comes before one that it does not, then the newest.
 * A task that still points to where the file was gets it uploaded anew: that takes the dead link's place.
 */
export async function followCopies({ graph, repository, snapshot, request, live, creations }: CopiesInput): Promise<WithCopies> {
  const missing = new Set(live.missingFiles);
  const made = snapshot.attachments.filter((attachment) => missing.has(attachment.id) && creations.has(fileKey(attachment)));
  if (made.length === 0) return { snapshot, live, copies: {} };
  const chosen = new Set(chooseItems(snapshot, request).tasks.map(({ id }) => id));
  const lost = made.filter(({ taskId }) => chosen.has(taskId));
  const copies: Record<string, string> = {};
  const [linkedNow, linkedThen] = [linksOf(live.plan?.content.tasks ?? [], lost), linksOf(snapshot.tasks, lost)];
  for (const attachment of lost) {
    const [now, then] = [linkedNow, linkedThen].map((links) => links.get(attachment.taskId) ?? new Set<string>());
    if (now!.has(attachment.referenceKey)) continue;
    const addresses = creations.get(fileKey(attachment))!.toReversed().filter((address) => !then!.has(encodeReferenceKey(address)));
    const isLinked = (address: string) => now!.has(encodeReferenceKey(address));
    for (const address of [...addresses.filter(isLinked), ...addresses.filter((one) => !isLinked(one))]) {
      if (!(await holdsTheSame(graph, repository, live.group.id, address, attachment))) continue;
      copies[fileKey(attachment)] = encodeReferenceKey(address);
      missing.delete(attachment.id);
      break;
    }
  }
  return { copies, snapshot: renamed(snapshot, copies), live: { ...live, missingFiles: [...missing] } };
}

/** Reference keys of the tasks that these attachments belong to. */
function linksOf(tasks: SnapshotContent["tasks"], attachments: readonly Attachment[]): Map<string, Set<string>> {
  const concerned = new Set(attachments.map(({ taskId }) => taskId));
  return new Map(tasks.flatMap((record) => (concerned.has(record.id) ? [[record.id, new Set(openEntries(record.details?.references).map(([key]) => key))]] : [])));
}

/** By size, and by the hash that SharePoint tells, if it tells one. */
async function holdsTheSame(graph: GraphApi, repository: CopiesInput["repository"], groupId: string, address: string, { size, fileId }: Attachment): Promise<boolean> {
  const item = await orNull(graph.driveItemOfUrl(groupId, address));
  if (item?.size !== size) return false;
  const told = hashOfItem(item);
  if (told === null) return true;
  return quickXorHash(released(repository.readFile(fileId))).then((stored) => stored === told, (error: unknown) => {
    if (isPlanbackError(error, "repository_damaged")) return false; // the upload will say so
    throw error;
  });
}
