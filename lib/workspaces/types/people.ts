/** Who acts, and what a workspace and its members are. */

/** The signed-in person, from the session row (never from the cookie alone). */
export interface Actor {
  tid: string;
  oid: string;
  name: string;
  username: string;
  /** SHA-256 of the session secret, hex. */
  sessionHash: string;
  /** When he last proved to Microsoft who he is. Absent: not known, so not lately. */
  authenticatedAt?: Date;
  /** Where the request came from, as the configured proxy says; null or absent when that is not known. */
  ip?: string | null;
  /** A program that acts for this person, with no more than these scopes, in this workspace only. Absent: the person himself. */
  key?: { id: string; name: string; workspaceId: string; memberId: string; scopes: readonly ApiScope[] };
}

/** What an API key may be used for (lib/workspaces/scopes.ts). */
export type ApiScope = "read:status" | "read:content" | "backup" | "restore" | "restore:remove" | "manage";
export interface ApiKeyView {
  id: string; name: string; scopes: ApiScope[]; madeBy: string; createdAt: string; expiresAt: string; lastUsedAt: string | null;
  /** Why it does not work (any more); null: it does. `maker`: who made it is not a member any more. */
  ended: "expired" | "revoked" | "maker" | null;
}

/** A part of a long list: so many, after the thing with this id. */
export interface PageRequest { limit: number; after?: string }

export type Role = "owner" | "admin" | "operator" | "viewer";

/** What a role may do. Owner: all. Admin: all but ownership. Operator: backs up and restores. Viewer: looks. */
export type Permission =
  | "workspace.view"
  | "workspace.delete"
  | "owner.manage"
  | "key.rotate"
  | "content.view"
  | "member.manage"
  | "connection.manage"
  | "policy.manage"
  | "backup.run"
  | "restore.run"
  | "storage.verify"
  | "storage.manage"
  | "audit.view"
  | "key.manage"
  | "channel.manage";

export interface WorkspaceView {
  id: string; name: string; role: Role; permissions: Permission[];
  /** Only content of some groups is seen. */
  isLimited: boolean;
  /** An owner has asked for its end. */
  deletion: { at: string; askedBy: string } | null;
}
/** What stays of a deleted workspace. Counts are null until they are known. */
export interface ErasureView { workspaceId: string; askedAt: string; keysDestroyedAt: string; finishedAt: string | null; rows: number; objects: number | null; bytes: number | null; anchor: string | null }
export interface MemberView {
  id: string; name: string; username: string; role: Role; isYou: boolean; joinedAt: string; isLimited: boolean;
  /** Ids of the groups that a limited member sees, for who may choose them; else null. */
  groups: string[] | null;
}
/** A group that the workspace knows: an account sees it, or plans of it were backed up. */
export interface GroupView { id: string; name: string; tenantName: string | null }
export interface InvitationView {
  id: string; role: Role; createdAt: string; expiresAt: string; isLimited: boolean; groups: string[];
  /** Of its e-mail; null: none is sent. */
  mail: "queued" | "sent" | "failed" | null;
}
