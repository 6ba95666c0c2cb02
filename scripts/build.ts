import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const SOURCES = ["app", "components", "lib", "package-lock.json", "instrumentation.ts", "next.config.js", "postcss.config.mjs", "proxy.ts", "tsconfig.json"];

/** Every file that the build reads below `entry`, in a fixed order. */
function* files(entry: string): Generator<string> {
  if (!existsSync(entry)) return;
  if (!statSync(entry).isDirectory()) yield entry;
  else for (const child of readdirSync(entry).sort()) if (!/\.test\.tsx?$/.test(child)) yield* files(path.join(entry, child));
}

function sourceHash(): string {
  const hash = createHash("sha256");
  for (const source of SOURCES) for (const file of files(source)) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

/** `next build`, unless .next holds the build of exactly these sources. */
export function buildWeb(): void {
  const stamp = ".next/planback-sources";
  const wanted = sourceHash();
  if (existsSync(".next/BUILD_ID") && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Building the web application (about a minute the first time) ...");
  const result = spawnSync(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
    encoding: "utf8",
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" },
  });
  if (result.status !== 0) throw new Error(`The build failed:\n${result.stdout}\n${result.stderr}`);
  writeFileSync(stamp, wanted);
}
