"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { ThemeProvider as NextThemes, useTheme } from "next-themes";
import type { ReactNode } from "react";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { Button } from "@/components/ui/button";

export function ThemeProvider({ children, nonce }: { children: ReactNode; nonce?: string }) {
  return <NextThemes attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={nonce}>{children}</NextThemes>;
}

const THEMES = [
  { value: "system", label: "As the system", Icon: Monitor },
  { value: "light", label: "Light", Icon: Sun },
  { value: "dark", label: "Dark", Icon: Moon },
] as const;

export function ThemeMenu() {
  const { setTheme } = useTheme();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label="Theme"><Sun aria-hidden className="dark:hidden" /><Moon aria-hidden className="hidden dark:block" /></Button>
      </MenuTrigger>
      <MenuContent className="min-w-40">
        {THEMES.map(({ value, label, Icon }) => <MenuItem key={value} onSelect={() => setTheme(value)}><Icon aria-hidden />{label}</MenuItem>)}
      </MenuContent>
    </Menu>
  );
}
