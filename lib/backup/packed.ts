import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Records kept small while the rest of a plan is read: as objects, 9,000 tasks would take tens of times the room. */
export type Packed<T> = string & { readonly holds?: T };

export function pack<T>(value: T): Packed<T> {
  return deflateRawSync(JSON.stringify(value), { level: 1 }).toString("latin1");
}

export function unpack<T>(packed: Packed<T>): T {
  return JSON.parse(inflateRawSync(Buffer.from(packed, "latin1")).toString()) as T;
}
