import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type Steps, TASKS_IN_STEP } from "@/lib/planner";
import type { Attachment } from "@/lib/planner/types";
import type { RestorePlan } from "./types";

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/**
 * SHA-256 (hex) of a restore plan in canonical JSON (RFC 8785): what a person confirmed is what runs. Lists go into it an
 * element at a time: the text of a large plan would take 200 MiB.
 */
export function* hashSteps(plan: RestorePlan): Steps<string> {
  const hash = createHash("sha256").update("{");
  const keys = (Object.keys(plan) as (keyof RestorePlan)[]).filter((key) => plan[key] !== undefined && key !== "candidates").sort();
  for (const [index, key] of keys.entries()) {
    const value: unknown = plan[key];
    hash.update(`${index > 0 ? "," : ""}${JSON.stringify(key)}:`);
    if (!Array.isArray(value)) {
      hash.update(canonicalize(value)!);
      continue;
    }
    hash.update("[");
    for (const [at, element] of value.entries()) {
      if (at % TASKS_IN_STEP === 0) yield;
      hash.update(`${at > 0 ? "," : ""}${canonicalize(element)!}`);
    }
    hash.update("]");
  }
  return hash.update("}").digest("hex");
}

/** Short and visible in a restored comment: the only way to find it again, because Graph names no id for it. */
export function commentReference(restoreId: string, commentId: string): string {
  return `pb-${sha256(`${restoreId}\n${commentId}`).slice(0, 10)}`;
}

/** Names a version of an attached file: another content is another file. */
export const fileKey = ({ id, sha256: content }: Pick<Attachment, "id" | "sha256">): string => sha256(`${id}\n${content}`).slice(0, 16);

/** Where a restored file goes below the root of the group's drive; the same again for the same file. */
export function uploadPath(restoreId: string, attachment: Pick<Attachment, "id" | "sha256" | "name">): string {
  const safe = attachment.name.replace(/["*:<>?/\\|\u0000-\u001f]/g, "_").replace(/[. ]+$/, "") || "file";
  return `Planback/${sha256(restoreId).slice(0, 8)}/${fileKey(attachment)}/${safe}`;
}

/** The fileKey of what went to a path. */
export const fileKeyIn = (path: string): string => path.split("/")[2] ?? "";
