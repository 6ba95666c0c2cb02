"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { CircleHelp, Menu as MenuIcon } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { cn } from "@/components/ui/cn";
import type { Permission } from "@/lib/workspaces/types";
import { isCurrent, navFor } from "./nav";

interface Props { base: string; permissions: readonly Permission[] }

export function Sidebar({ base, permissions }: Props) {
  const pathname = usePathname();
  return (
    <nav aria-label="Workspace" className="space-y-5">
      {navFor(permissions).map((section) => (
        <div key={section.title}>
          <p className="px-2.5 pb-1 text-xs text-muted">{section.title}</p>
          <ul>
            {section.items.map((item) => {
              const current = isCurrent(item, base, pathname);
              return (
                <li key={item.path}>
                  <Link
                    href={base + item.path}
                    aria-current={current ? "page" : undefined}
                    className={cn("flex h-8 items-center gap-2.5 rounded-md px-2.5 text-muted hover:bg-subtle hover:text-ink", current && "bg-subtle font-medium text-ink")}
                  >
                    <item.icon aria-hidden className="size-4" />{item.label}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
      <Link href="/help" className="flex h-8 items-center gap-2.5 rounded-md px-2.5 text-muted hover:bg-subtle hover:text-ink"><CircleHelp aria-hidden className="size-4" />Help</Link>
    </nav>
  );
}

/** The same pages on a narrow screen. */
export function NavMenu({ base, permissions }: Props) {
  const pathname = usePathname();
  return (
    <Menu>
      <MenuTrigger asChild><Button variant="ghost" size="icon" aria-label="Pages" className="lg:hidden"><MenuIcon aria-hidden /></Button></MenuTrigger>
      <MenuContent align="start">
        {navFor(permissions).map((section) => (
          <div key={section.title}>
            <MenuLabel>{section.title}</MenuLabel>
            {section.items.map((item) => (
              <MenuItem key={item.path} asChild>
                <Link href={base + item.path} aria-current={isCurrent(item, base, pathname) ? "page" : undefined}><item.icon aria-hidden />{item.label}</Link>
              </MenuItem>
            ))}
          </div>
        ))}
        <MenuSeparator />
        <MenuItem asChild><Link href="/help"><CircleHelp aria-hidden />Help</Link></MenuItem>
      </MenuContent>
    </Menu>
  );
}
