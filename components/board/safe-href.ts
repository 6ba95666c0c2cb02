import { decodeReferenceKey } from "@/lib/planner/references";

/**
 * The address behind a reference key when it is safe to offer as a link: http or https, no credentials. Everything else
 * (javascript:, data:, file:, nonsense) is null and shown as text only.
 */
export function safeHref(referenceKey: string): string | null {
  try {
    const url = new URL(decodeReferenceKey(referenceKey));
    const harmless = (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "";
    return harmless ? url.href : null;
  } catch {
    return null;
  }
}
