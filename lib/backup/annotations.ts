/**
 * A copy without `@odata.etag` and `@odata.context`, at any depth: they change without the content changing.
 * Everything else stays as Microsoft sent it; `@odata.type` is needed to restore open types.
 */
export function withoutAnnotations<T>(value: T): T {
  return strip(value) as T;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([name]) => !name.endsWith("@odata.etag") && !name.endsWith("@odata.context"));
  return Object.fromEntries(kept.map(([name, inner]) => [name, strip(inner)]));
}
