/**
 * Keys of plannerExternalReferences are URLs in which the characters that open types forbid are percent-encoded.
 * https://learn.microsoft.com/graph/api/resources/plannerexternalreferences
 */
const ENCODED: Record<string, string> = { "%": "%25", ".": "%2E", ":": "%3A", "@": "%40", "#": "%23" };

export const encodeReferenceKey = (url: string): string => url.replace(/[%.:@#]/g, (char) => ENCODED[char] ?? char);

/** The URL behind a key; null when a forbidden character is bare, or the rest is not an absolute http(s) URL. */
export function decodeReferenceKey(key: string): string | null {
  if (!/^(?:[^.:%@#]|%[0-9A-Fa-f]{2})+$/.test(key)) return null;
  let url: string;
  try {
    url = decodeURIComponent(key);
  } catch {
    return null;
  }
  if (/[\s\p{Cc}]/u.test(url) || !/^https?:\/\/[^/?#]/i.test(url) || !URL.canParse(url)) return null;
  return url;
}
