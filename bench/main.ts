/** `npm run bench`: ratios, each against a baseline or a lower bound in the same run. Times alone say nothing. */
import { repositoryBench } from "./repository";
import { simulatorBench } from "./simulator";

export interface BenchRow {
  name: string;
  value: string;
  note: string;
}

const suites: [string, () => Promise<BenchRow[]>][] = [
  ["Repository", repositoryBench],
  ["Simulator", simulatorBench],
];

for (const [title, run] of suites) {
  console.log(`\n${title}`);
  for (const row of await run()) console.log(`  ${row.name.padEnd(52)} ${row.value.padStart(12)}   ${row.note}`);
}
