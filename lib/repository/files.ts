/**
 * Files of tasks, stored once per workspace by content. The id depends on every byte, and the seal depends on the id,
 * so a file is spooled while it is hashed and sealed for its place afterwards; known content is not stored again.
 */
import { createHash } from "node:crypto";
import { PlanbackError } from "@/lib/errors";
import type { ObjectAccess } from "./objects";
import { spool } from "./spool";
import type { Repository } from "./types";

export async function putFile(objects: ObjectAccess, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): ReturnType<Repository["putFile"]> {
  const idHash = objects.idHash("file");
  const sha256 = createHash("sha256");
  let size = 0;
  async function* measured() {
    for await (const chunk of content) {
      throwIfCancelled(signal);
      idHash.update(chunk);
      sha256.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  throwIfCancelled(signal);
  const spooled = await spool(measured());
  try {
    throwIfCancelled(signal);
    const fileId = idHash.id();
    const isNew = !(await objects.has("file", fileId)) && (await objects.writeStream("file", fileId, spooled.content()));
    return { fileId, size, sha256: sha256.digest("hex"), isNew };
  } finally {
    await spooled.discard();
  }
}

export function throwIfCancelled(signal?: AbortSignal): void {
  if (signal?.aborted) throw new PlanbackError("cancelled", "Stopped as asked. What was stored before is untouched.");
}
