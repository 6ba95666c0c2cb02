"use client";

import Link from "next/link";
import { CircleHelp, LogOut, Server } from "lucide-react";
import { signOut } from "next-auth/react";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { initials } from "@/components/board/initials";

export function UserMenu({ name, username, isOperator }: { name: string; username: string; isOperator: boolean }) {
  return (
    <Menu>
      <MenuTrigger className="flex size-8 items-center justify-center rounded-full bg-accent-tint text-xs font-semibold text-accent">{initials(name)}<span className="sr-only">, account of {name}</span></MenuTrigger>
      <MenuContent>
        <div className="px-2.5 py-1.5">
          <p className="font-medium">{name}</p>
          <p className="text-[0.8125rem] text-muted">{username}</p>
        </div>
        <MenuSeparator />
        <MenuItem asChild><Link href="/help"><CircleHelp aria-hidden />Help</Link></MenuItem>
        {isOperator ? <MenuItem asChild><Link href="/operator"><Server aria-hidden />Installation</Link></MenuItem> : null}
        <MenuItem onSelect={() => void signOut({ callbackUrl: "/" })}><LogOut aria-hidden />Sign out</MenuItem>
      </MenuContent>
    </Menu>
  );
}
