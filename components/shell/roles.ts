import type { Permission, Role } from "@/lib/workspaces/types";

export const ROLE_NAMES: Record<Role, string> = { owner: "Owner", admin: "Admin", operator: "Operator", viewer: "Viewer" };

export const ROLE_SENTENCES: Record<Role, string> = {
  owner: "Everything, and may make others owner.",
  admin: "Connects accounts, manages policies, members and storage.",
  operator: "Backs up and restores.",
  viewer: "Looks at plans and snapshots.",
};

/** What each right allows, in the order of the table. */
export const PERMISSION_WORDS: Record<Permission, string> = {
  "workspace.view": "See plans, policies, runs, accounts, members and how things stand",
  "content.view": "Look into snapshots: tasks, files, comments, search, compare, export",
  "backup.run": "Start and stop backups, say that a plan is empty on purpose",
  "restore.run": "Preview and run restores",
  "storage.verify": "Verify the storage, build the search anew",
  "storage.manage": "Choose where backups are kept, and move them",
  "policy.manage": "Make and change policies, release the hold after a loss",
  "connection.manage": "Grant consent, connect and remove accounts",
  "channel.manage": "Choose who is told, and what messages may name",
  "audit.view": "Read, export and verify the activity log",
  "key.manage": "Make and revoke API keys",
  "member.manage": "Invite and remove members, choose roles and groups, rename the workspace",
  "owner.manage": "Make and unmake owners, hand the workspace over",
  "key.rotate": "Rotate the keys of the workspace",
  "workspace.delete": "Delete the workspace",
};
