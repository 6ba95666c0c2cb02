/** A server's wish is believed up to one day; beyond that it is taken for junk that must not stop us for years. */
const LONGEST_MS = 24 * 3600_000;
const FIRST_MS = 500;
const CAP_MS = 60_000;

/**
 * Reads a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3). Returns milliseconds to wait from `now`, 0 for
 * a date in the past, null when the header is missing, negative or not understood.
 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | null {
  const text = header?.trim();
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS);
  // Date.parse takes nearly anything ("-5" is a year): only what looks like an HTTP date is one.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null;
  const date = Date.parse(text);
  if (Number.isNaN(date)) return null;
  return Math.min(Math.max(0, date - now), LONGEST_MS);
}

/** Exponential backoff with jitter for the given attempt (1 = after the first failure), in milliseconds. */
export function backoff(attempt: number, random: () => number): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** (attempt - 1));
  return ceiling * (0.5 + random() / 2);
}

/** A service that names a time and then throttles the same request again is believed so often. */
const BELIEVED = 3;

/**
 * How long nobody may send after a 429 or 503. Never shorter than the server asked; growing with the attempts of the
 * request when it asks for nothing, or again and again for too little. Up to a tenth of jitter is added, never taken away.
 */
export function throttleDelay(header: string | null | undefined, attempt: number, now: number, random: () => number): number {
  const asked = parseRetryAfter(header, now) ?? 0;
  if (asked === 0) return backoff(attempt, random);
  const jitter = Math.min(asked / 10, 2_000) * random();
  return Math.max(asked + jitter, attempt > BELIEVED ? backoff(attempt - BELIEVED, random) : 0);
}
