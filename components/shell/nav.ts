import { ArchiveRestore, Bell, CalendarClock, HardDrive, History, KeyRound, KeySquare, LayoutDashboard, ListChecks, Plug, Search, ShieldCheck, Users, type LucideIcon } from "lucide-react";
import type { Permission } from "@/lib/workspaces/types";

export interface NavItem {
  label: string; path: string; icon: LucideIcon;
  /** Shown only to those who may. */
  needs?: Permission;
}

/** Pages of a workspace in the order of the work: look, protect, connect, settle. */
export const NAV: { title: string; items: NavItem[] }[] = [
  {
    title: "Backups",
    items: [
      { label: "Overview", path: "", icon: LayoutDashboard },
      { label: "Plans", path: "/plans", icon: ListChecks },
      { label: "Search", path: "/search", icon: Search },
      { label: "Policies", path: "/policies", icon: ShieldCheck },
      { label: "Runs", path: "/runs", icon: CalendarClock },
      { label: "Restores", path: "/restores", icon: ArchiveRestore },
    ],
  },
  {
    title: "Microsoft 365",
    items: [
      { label: "Connections", path: "/connections", icon: Plug },
      { label: "Consent", path: "/consent", icon: KeyRound },
    ],
  },
  {
    title: "Workspace",
    items: [
      { label: "Members", path: "/members", icon: Users },
      { label: "Notifications", path: "/notifications", icon: Bell },
      { label: "Activity", path: "/activity", icon: History, needs: "audit.view" },
      { label: "API keys", path: "/api-keys", icon: KeySquare, needs: "key.manage" },
      { label: "Storage", path: "/storage", icon: HardDrive },
    ],
  },
];

/** The sections with what somebody with these permissions sees. */
export const navFor = (permissions: readonly Permission[]): typeof NAV =>
  NAV.map(({ title, items }) => ({ title, items: items.filter(({ needs }) => needs === undefined || permissions.includes(needs)) }));

/** Which item the address belongs to; a snapshot belongs to Plans. */
export function isCurrent(item: NavItem, base: string, pathname: string): boolean {
  if (item.path === "") return pathname === base;
  if (item.path === "/plans" && pathname.startsWith(`${base}/snapshots/`)) return true;
  return pathname === base + item.path || pathname.startsWith(`${base}${item.path}/`);
}
