/**
 * Tests of the tests: each mutant lacks one protection, and the tests named for it must notice. What is started here is
 * the project's own test run; that the same tests are green without the mutant, the runs before this one show.
 */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { MUTANTS, type Mutant } from "./mutants";
import { mutated } from "./plugin";

const root = path.resolve(import.meta.dirname, "..");

interface Outcome { passed: number; failed: number; output: string }

/** Runs the tests that hold the protection, without it. */
function run({ name, project = "unit", tests, only }: Mutant): Promise<Outcome> {
  const report = path.join(tmpdir(), `planback-mutant-${process.pid}-${name.replace(/\W+/g, "-")}.json`);
  const args = ["node_modules/vitest/vitest.mjs", "run", "--project", project, ...tests, "-t", only, "--bail", "1", "--reporter=json", `--outputFile=${report}`];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, PLANBACK_MUTANT: name, VITEST: undefined }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => void (output += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", () => {
      try {
        const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8")) as { numPassedTests: number; numFailedTests: number };
        resolve({ passed: numPassedTests, failed: numFailedTests, output });
      } catch {
        reject(new Error(`The tests left no report:\n${output}`));
      } finally {
        rmSync(report, { force: true });
      }
    });
  });
}

test("there are at least 15 mutants, each with a name of its own, and each still finds what it removes", () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  expect(MUTANTS.length).toBeGreaterThanOrEqual(15);
  for (const mutant of MUTANTS) expect(mutated(readFileSync(path.join(root, mutant.file), "utf8"), mutant)).toContain(mutant.put);
});

for (const mutant of MUTANTS) {
  test(`without ${mutant.name}, a test turns red`, async () => {
    const outcome = await run(mutant);
    expect(outcome.failed, `${mutant.tests.join(", ")} -t "${mutant.only}" passed ${outcome.passed} tests without noticing.\n${outcome.output}`).toBeGreaterThan(0);
  });
}
