/**
 * `npm run bench`: ratios, suite by suite. docs/performance.md says how to read them.
 * Flags: --only NAME[,NAME]  some suites;  --days N  length of histories;  --markdown  puts the tables of the suites that ran into docs/performance.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { BenchRow, Suite } from "./framework";

/** In the order of printing. A suite is loaded when its turn comes; add a line here, and its two marks to docs/performance.md. */
const suites: Record<string, () => Promise<{ suite: Suite }>> = {
  repository: () => import("./repository"),
  diff: () => import("./diff"),
  history: () => import("./history"),
  capture: () => import("./capture"),
  jobs: () => import("./jobs"),
  restore: () => import("./restore"),
  search: () => import("./search"),
  storage: () => import("./storage"),
  web: () => import("./web"),
  simulator: () => import("./simulator"),
};

const PAGE = "docs/performance.md";

const { values: flags } = parseArgs({ options: { only: { type: "string" }, days: { type: "string", default: "365" }, markdown: { type: "boolean", default: false } } });
const names = flags.only?.split(",") ?? Object.keys(suites);
const days = Number(flags.days);
for (const name of names) if (!suites[name]) throw new Error(`There is no suite ${name}. Suites: ${Object.keys(suites).join(", ")}.`);
if (!Number.isInteger(days) || days < 2) throw new Error("--days takes a whole number from 2 on.");

let failed = false;
for (const name of names) {
  try {
    const { suite } = await suites[name]!();
    const started = performance.now();
    const rows = await suite.run({ days, progress: (message) => console.error(`  ${name}: ${message}`) });
    console.log(`\n${suite.title} (${name}, ${Math.round((performance.now() - started) / 1000)} s)`);
    for (const row of rows) console.log(`  ${row.name.padEnd(56)} ${row.value.padStart(12)}  ${(row.target ?? "").padEnd(12)} ${row.note}`);
    if (flags.markdown) writeIntoPage(name, rows);
  } catch (error) {
    failed = true;
    console.error(`\n${name} failed:`, error);
  }
}
process.exitCode = failed ? 1 : 0;

/** Replaces what stands between the marks of the suite. */
function writeIntoPage(name: string, rows: BenchRow[]): void {
  const page = readFileSync(PAGE, "utf8");
  const [start, end] = [`<!-- bench ${name} -->`, `<!-- /bench ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} lacks the marks ${start} and ${end}.`);
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const table = ["| what | measured | target | compared |", "|---|---:|---|---|", ...rows.map((row) => `| ${[row.name, row.value, row.target ?? "", row.note].map(cell).join(" | ")} |`)];
  const where = `Run of ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Node ${process.versions.node}.`;
  writeFileSync(PAGE, `${page.slice(0, from)}${start}\n${table.join("\n")}\n\n${where}\n${page.slice(to)}`);
}
