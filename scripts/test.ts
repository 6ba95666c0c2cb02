/**
 * `npm test`: every check of the project in one command, with all its set-up. Stops at the first step that fails.
 * Flags: --long (more repetitions of the random and fault tests).
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureBrowser } from "./browser";
import { buildWeb } from "./build";
import { ensurePostgres } from "./postgres";

const { values: flags } = parseArgs({ options: { long: { type: "boolean", default: false } } });
const results = path.resolve(".data/test-results");
const totals = { passed: 0, failed: 0 };

function tool(name: string, args: string[], env: Record<string, string> = {}): void {
  const started = Date.now();
  console.log(`\n--- ${name}`);
  const result = spawnSync(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...env } });
  if (result.status !== 0) throw new Error(`${name} failed (exit code ${result.status ?? result.signal}).`);
  console.log(`--- ${name}: ${Math.round((Date.now() - started) / 1000)} s`);
}

function vitest(project: string, env: Record<string, string> = {}): void {
  const file = path.join(results, `${project}.json`);
  try {
    tool(`${project} tests`, ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile=${file}`], env);
  } finally {
    count<{ numPassedTests: number; numFailedTests: number }>(file, (r) => ({ passed: r.numPassedTests, failed: r.numFailedTests }));
  }
}

function playwright(env: Record<string, string>): void {
  const file = path.join(results, "playwright.json");
  try {
    tool("browser tests", ["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"], { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  } finally {
    count<{ stats: Record<"expected" | "unexpected" | "flaky", number> }>(file, (r) => ({ passed: r.stats.expected, failed: r.stats.unexpected + r.stats.flaky }));
  }
}

function count<Report>(file: string, read: (report: Report) => { passed: number; failed: number }): void {
  try {
    const { passed, failed } = read(JSON.parse(readFileSync(file, "utf8")) as Report);
    totals.passed += passed;
    totals.failed += failed;
  } catch {
    totals.failed += 1; // a run that left no report did not pass
  }
}

async function main(): Promise<void> {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const env: Record<string, string> = flags.long ? { PLANBACK_LONG: "1" } : {};
  ensureBrowser();
  tool("lint", ["node_modules/eslint/bin/eslint.js", ".", "--max-warnings", "0"]);
  tool("route types", ["node_modules/next/dist/bin/next", "typegen"], { NEXT_TELEMETRY_DISABLED: "1" });
  tool("types", ["node_modules/typescript/bin/tsc", "--noEmit"]);
  vitest("unit", env);
  const postgres = process.env.DATABASE_URL ? null : await ensurePostgres(path.resolve(".data/test-postgres"));
  try {
    const withDatabase = { ...env, DATABASE_URL: process.env.DATABASE_URL ?? postgres!.url };
    vitest("integration", withDatabase);
    vitest("mutation", withDatabase);
  } finally {
    await postgres?.stop();
  }
  buildWeb();
  playwright(env);
}

main().then(
  () => console.log(`\n${totals.passed} passed, ${totals.failed} failed`),
  (error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    console.log(`\n${totals.passed} passed, ${Math.max(1, totals.failed)} failed`);
    process.exit(1);
  },
);
