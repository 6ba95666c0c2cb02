import { ArchiveRestore, CalendarClock, HardDrive, KeyRound, LayoutDashboard, ListChecks, Plug, ShieldCheck, Users, type LucideIcon } from "lucide-react";

export interface NavItem { label: string; path: string; icon: LucideIcon }

/** Pages of a workspace in the order of the work: look, protect, connect, settle. */
export const NAV: { title: string; items: NavItem[] }[] = [
  {
    title: "Backups",
    items: [
      { label: "Overview", path: "", icon: LayoutDashboard },
      { label: "Plans", path: "/plans", icon: ListChecks },
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
      { label: "Storage", path: "/storage", icon: HardDrive },
    ],
  },
];

/** Which item the address belongs to; a snapshot belongs to Plans. */
export function isCurrent(item: NavItem, base: string, pathname: string): boolean {
  if (item.path === "") return pathname === base;
  if (item.path === "/plans" && pathname.startsWith(`${base}/snapshots/`)) return true;
  return pathname === base + item.path || pathname.startsWith(`${base}${item.path}/`);
}
