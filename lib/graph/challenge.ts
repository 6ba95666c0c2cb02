/**
 * Reads the claims challenge of continuous access evaluation out of a WWW-Authenticate header. The value is base64 and
 * may end in "=" padding, so the header is parsed as parameters and not split at "=". Returns the claims as JSON text,
 * null when there is no (readable) challenge.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function parseClaimsChallenge(header: string | null | undefined): string | null {
  if (!header) return null;
  const parameters = new Map<string, string>();
  for (const [, name, quoted, bare] of header.matchAll(/([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    parameters.set(name!.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? bare!);
  }
  const claims = parameters.get("claims");
  if (!claims) return null;
  const text = claims.trimStart().startsWith("{") ? claims : Buffer.from(claims, "base64").toString("utf8");
  try {
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}
