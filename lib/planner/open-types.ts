/** Entries of an OData open type, less its annotations (`@odata.type`, `name@odata.type`) and removed (null) members. */
export function openEntries<T>(value: Record<string, T | null> | null | undefined): [string, T][] {
  return Object.entries(value ?? {}).filter((entry): entry is [string, T] => !entry[0].includes("@odata") && entry[1] !== null && entry[1] !== undefined);
}
