/** What a wrapped key is and whose it is: it opens for nothing else. */
export interface KeyPlace {
  workspaceId: string;
  purpose: string;
  version: number;
}

/** Who wraps the keys of workspaces. What it wraps with never lies in the database or the storage. */
export interface KeyProvider {
  /** The id of the key that wraps from now on. */
  readonly current: string;
  /** Whether it can unwrap what the key with this id wrapped. */
  knows(keyId: string): boolean;
  /** Wraps by the current key. Throws keys_unavailable. */
  wrap(place: KeyPlace, key: Uint8Array): Promise<Uint8Array>;
  /** Throws keys_unavailable; config when the key is not known (any more); repository_damaged when this was not wrapped by it for this place. */
  unwrap(keyId: string, place: KeyPlace, wrapped: Uint8Array): Promise<Uint8Array>;
}
