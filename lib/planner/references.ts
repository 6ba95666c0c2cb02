/**
 * Keys of external references. OData forbids `. : % @ #` in the names of an open type, so Planner stores the URL with
 * exactly these percent-encoded. https://learn.microsoft.com/graph/api/resources/plannerexternalreferences
 */

/** URL -> key of `details.references`. */
export function encodeReferenceKey(url: string): string {
  return url.replace(/[%.:@#]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Key -> URL: one pass, so that a `%20` of the URL itself (`%2520` in the key) stays. A malformed escape stays as it is. */
export function decodeReferenceKey(key: string): string {
  return key.replace(/%(25|2E|3A|40|23)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
