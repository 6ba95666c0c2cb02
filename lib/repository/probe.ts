/** Tries a storage before anything depends on it: one object is written, written again, read, listed and removed. */
import { randomBytes, randomUUID } from "node:crypto";
import { isPlanbackError, type PlanbackError } from "@/lib/errors";
import type { ObjectStore } from "./types";

export interface ProbeStep { step: "write" | "keep" | "read" | "list" | "remove"; problem: string | null }

/** Stops at the first step that fails. `isLocked`: what is written cannot be removed, so that is not tried. */
export async function probeStore(store: ObjectStore, prefix: string, isLocked: boolean): Promise<ProbeStep[]> {
  const key = `${prefix}/probe/${randomUUID()}`;
  const bytes = randomBytes(64);
  const tries: [ProbeStep["step"], () => Promise<string | null>][] = [
    ["write", async () => ((await store.put(key, bytes)) ? null : "It says that there is such an object already.")],
    ["keep", async () => ((await store.put(key, Buffer.from("another"))) ? "It writes over what is there, though it was asked not to (If-None-Match). Planback cannot keep backups safe there." : null)],
    ["read", async () => (Buffer.compare(await store.get(key), bytes) === 0 ? null : "It gives back something else than what was written.")],
    ["list", async () => {
      for await (const { key: found } of store.list(`${prefix}/probe/`)) if (found === key) return null;
      return "The list does not hold what was written.";
    }],
    ["remove", async () => {
      if (isLocked) return null;
      await store.remove(key);
      return (await store.has(key)) ? "What was removed is still there." : null;
    }],
  ];
  const steps: ProbeStep[] = [];
  for (const [step, attempt] of tries) {
    const problem = await attempt().catch((error: unknown) => {
      if (isPlanbackError(error)) return reasonOf(error);
      throw error;
    });
    steps.push({ step, problem });
    if (problem) return steps;
  }
  return steps;
}

const REASONS: Record<string, string> = {
  EPRIVATE: "The address leads into a private network, where this installation stores nothing.", ENOTFOUND: "There is no such host.", timeout: "No answer came in time.",
  NoSuchBucket: "There is no such bucket.", ContainerNotFound: "There is no such container.", SignatureDoesNotMatch: "The secret does not belong to the key.", InvalidAccessKeyId: "There is no such key.", AccessDenied: "The key lacks a right that is needed.",
  PermanentRedirect: "The bucket is in another region.", AuthorizationPermissionMismatch: "The signature lacks a right that is needed.", AuthenticationFailed: "The key or signature is refused.",
};

function reasonOf({ facts, message }: PlanbackError): string {
  const code = String(facts.service ?? "");
  return REASONS[code] ?? (code ? `It answered: ${code}${Number(facts.status) > 0 ? ` (${facts.status})` : ""}.` : message);
}
