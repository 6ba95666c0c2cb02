import type { Role } from "@/lib/workspaces/types";

export const ROLE_NAMES: Record<Role, string> = { owner: "Owner", admin: "Admin", operator: "Operator", viewer: "Viewer" };

export const ROLE_SENTENCES: Record<Role, string> = {
  owner: "Everything, and may make others owner.",
  admin: "Connects accounts, manages policies, members and storage.",
  operator: "Backs up and restores.",
  viewer: "Looks at plans and snapshots.",
};
