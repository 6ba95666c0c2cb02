import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const SYSTEM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium to drive, or undefined when Playwright's own download is there. CHROMIUM_PATH overrides. */
export function chromiumPath(): string | undefined {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  if (existsSync(chromium.executablePath())) return undefined;
  return SYSTEM.find((file) => existsSync(file));
}

const available = () => chromiumPath() !== undefined || existsSync(chromium.executablePath());

/** Makes sure that a browser is there: the system's, else apt-get (root on Debian), else Playwright's own. */
export function ensureBrowser(): void {
  if (available()) return;
  const run = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: "inherit" }).status === 0;
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    console.log("Installing Chromium with apt-get ...");
    run("apt-get", "update", "-q");
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium");
  } else {
    run(process.execPath, "node_modules/@playwright/test/cli.js", "install", "chromium");
  }
  if (!available()) throw new Error("No browser for the tests: install Chromium, or set CHROMIUM_PATH to one.");
}
