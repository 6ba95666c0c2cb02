/** Records kept as bytes while the rest of a plan is read: as objects, 9,000 tasks would take several times the room. */
export type Packed<T> = Uint8Array & { readonly holds?: T };

export function pack<T>(value: T): Packed<T> {
  return Buffer.from(JSON.stringify(value), "utf8");
}

export function unpack<T>(packed: Packed<T>): T {
  return JSON.parse(Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).toString("utf8")) as T;
}
