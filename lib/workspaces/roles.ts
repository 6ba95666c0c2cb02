/** What each role may do: the one table that rights are checked by, and that the pages show. Pure. */
import type { Permission, Role } from "./types";

const LOOK: Permission[] = ["workspace.view", "content.view"];
const OPERATE: Permission[] = [...LOOK, "backup.run", "restore.run", "storage.verify"];
const MANAGE: Permission[] = [...OPERATE, "connection.manage", "policy.manage", "member.manage", "audit.view", "key.manage", "channel.manage", "storage.manage"];

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: [...MANAGE, "owner.manage", "key.rotate", "workspace.delete"],
  admin: MANAGE,
  operator: OPERATE,
  viewer: LOOK,
};

export const roleMay = (role: Role, permission: Permission): boolean => ROLE_PERMISSIONS[role].includes(permission);
