/** Read-back of what is not in the plan itself: comments, files, the group and its people. */
import { createHash } from "node:crypto";
import { isPlanbackError } from "@/lib/errors";
import { hashOfItem } from "@/lib/graph";
import type { GraphApi } from "@/lib/graph/types";
import type { Attachment, GraphObject } from "@/lib/planner/types";
import { released } from "@/lib/repository/frames";
import type { Repository } from "@/lib/repository/types";
import { isOf, type OperationOf } from "./plan/draft";
import { quickXorHash } from "./quick-xor";
import type { Results } from "./resolve";
import type { Operation, RestoreReport } from "./types";

export type Different = RestoreReport["itemsDifferent"][number];

export interface Inspected {
  /** How many things were looked at. */
  total: number;
  different: Different[];
}

export interface Inspection {
  graph: GraphApi;
  repository: Pick<Repository, "readFile">;
  results: Results;
  attachments: readonly Attachment[];
  /** Operations that are done. */
  done: readonly Operation[];
  /** A drill uploads no file: each is read from the backup instead. */
  drill: boolean;
}

/** So many files are looked for at once; what they hold is read one after the other. */
const AT_ONCE = 6;

export async function inspectAround(inspection: Inspection): Promise<Inspected> {
  const parts = [await comments(inspection), await files(inspection), await storedFiles(inspection), await group(inspection), await people(inspection)];
  return { total: parts.reduce((sum, { total }) => sum + total, 0), different: parts.flatMap(({ different }) => different) };
}

const differs = ({ label, source }: Operation, field: string, wanted: string | null, found: string | null): Different => ({ label, source, fields: [{ field, wanted, found }] });

/** Comments that were posted and do not show in their conversation, or more than once. */
async function comments({ graph, results, done }: Inspection): Promise<Inspected> {
  const posted = done.filter(isOf("post_comment"));
  const threads = new Map<string, string[]>();
  const different: Different[] = [];
  for (const operation of posted) {
    const { groupId, threadId, reference } = operation.body;
    const thread = (threadId === undefined ? results.of({ $ref: operation.seq, field: "threadId" }) : results.of(threadId)) ?? "";
    const texts = threads.get(thread) ?? (await orNone(graph.threadPosts(results.of(groupId) ?? "", thread))).map(({ body }) => JSON.stringify(body ?? ""));
    threads.set(thread, texts);
    const times = texts.filter((text) => text.includes(reference)).length;
    if (times !== 1) different.push(differs(operation, "Comment", reference, times === 0 ? null : `${times} times`));
  }
  return { total: posted.length, different };
}

/**
 * Files that were uploaded: size, and the hash that SharePoint computes of what it holds against the same hash of what is
 * stored. A file without such a hash is downloaded again and compared by SHA-256.
 */
async function files(inspection: Inspection): Promise<Inspected> {
  const { graph, results, done } = inspection;
  const uploads = done.filter(isOf("upload_file"));
  const different: Different[] = [];
  for (let at = 0; at < uploads.length; at += AT_ONCE) {
    const some = uploads.slice(at, at + AT_ONCE);
    const items = await Promise.all(some.map(({ seq, body }) => graph.driveItemOfUrl(results.of(body.groupId) ?? "", results.of({ $ref: seq, field: "webUrl" }) ?? "").catch(nothingThere)));
    for (const [index, operation] of some.entries()) different.push(...(await file(inspection, operation, items[index] ?? null)));
  }
  return { total: uploads.length, different };
}

type DriveItem = Awaited<ReturnType<GraphApi["driveItemOfUrl"]>>;

async function file({ graph, repository, attachments }: Inspection, operation: OperationOf<"upload_file">, item: DriveItem | null): Promise<Different[]> {
  const { size, fileId } = operation.body;
  if (item === null) return [differs(operation, "File", `${size} bytes`, null)];
  if (item.size !== size) return [differs(operation, "File size", `${size} bytes`, `${item.size} bytes`)];
  const given = hashOfItem(item);
  const [wanted, found] = given !== null
    ? [await quickXorHash(released(repository.readFile(fileId))), given]
    : [attachments.find((one) => one.fileId === fileId)?.sha256 ?? null, await sha256(await graph.download(item.driveId, item.id))];
  return wanted === found ? [] : [differs(operation, "File content", wanted, found)];
}

/** Files of a drill, one after the other: what the backup holds of each, to the last byte. */
async function storedFiles({ drill, repository, attachments }: Inspection): Promise<Inspected> {
  if (!drill) return { total: 0, different: [] };
  const different: Different[] = [];
  for (const { fileId, taskId, name, sha256: wanted } of attachments) {
    const found = await sha256({ stream: released(repository.readFile(fileId)) }).catch((error: unknown) => {
      if (isPlanbackError(error, "repository_damaged")) return null;
      throw error;
    });
    if (found !== wanted) different.push({ label: name, source: taskId, fields: [{ field: "Stored file", wanted, found }] });
  }
  return { total: attachments.length, different };
}

async function sha256({ stream }: { stream: AsyncIterable<Uint8Array> }): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/** A group that was made, by what was asked of it. */
async function group({ graph, results, done }: Inspection): Promise<Inspected> {
  const made = done.filter(isOf("create_group"));
  const different: Different[] = [];
  for (const operation of made) {
    const { displayName, description, visibility, mailNickname } = operation.body;
    const found: GraphObject | null = await graph.group(results.of({ $ref: operation.seq, field: "id" }) ?? "").catch(nothingThere);
    const facts = Object.entries({ Name: [displayName, found?.displayName], Description: [description, found?.description], Visibility: [visibility, found?.visibility], "Mail name": [mailNickname, found?.mailNickname] });
    const fields = facts.flatMap(([field, [wanted, is]]) => ((wanted ?? "") === (is ?? "") ? [] : [{ field, wanted: (wanted as string | null) ?? null, found: (is as string | null | undefined) ?? null }]));
    if (fields.length > 0) different.push({ label: operation.label, source: operation.source, fields });
  }
  return { total: made.length, different };
}

/** People who were made members or owners. */
async function people({ graph, results, done }: Inspection): Promise<Inspected> {
  const added = [...done.filter(isOf("add_member")), ...done.filter(isOf("add_owner"))];
  const lists = new Map<string, Set<string>>();
  const different: Different[] = [];
  for (const operation of added) {
    const [groupId, owner] = [results.of(operation.body.groupId) ?? "", operation.kind === "add_owner"];
    const key = `${owner ? "owners" : "members"} ${groupId}`;
    const list = lists.get(key) ?? new Set((await orNone(owner ? graph.owners(groupId) : graph.members(groupId))).map(({ id }) => id));
    lists.set(key, list);
    if (!list.has(operation.body.userId)) different.push(differs(operation, owner ? "Owner" : "Member", operation.label, null));
  }
  return { total: added.length, different };
}

function nothingThere(error: unknown): null {
  if (isPlanbackError(error, "graph_not_found")) return null;
  throw error;
}

const orNone = async <T>(reading: Promise<T[]>): Promise<T[]> => (await reading.catch(nothingThere)) ?? [];
