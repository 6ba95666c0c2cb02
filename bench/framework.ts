/** What a suite of the benchmark is. A row compares with a baseline or a lower bound measured in the same run; a time alone says nothing. */

export interface BenchRow {
  name: string;
  /** The ratio, with its unit: "2.4 %", "0.05 ×". */
  value: string;
  /** What was promised: "<= 1.0 ×". */
  target?: string;
  /** What was compared with what; the absolute numbers of this run. */
  note: string;
}

export interface BenchOptions {
  /** Length of the histories that are compared day by day. */
  days: number;
  /** Says what is going on; long suites call it now and then. */
  progress(message: string): void;
}

export interface Suite {
  title: string;
  run(options: BenchOptions): Promise<BenchRow[]>;
}

/** `part` of `whole` in percent. */
export const percent = (part: number, whole: number, digits = 1) => `${((100 * part) / whole).toFixed(digits)} %`;
/** `value` as a multiple of `base`. */
export const times = (value: number, base: number, digits = 2) => `${(value / base).toFixed(digits)} ×`;
/** Bytes for a person. */
export const size = (bytes: number) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`);

/** Milliseconds of each action: the middle of `rounds` rounds, in which the actions take turns, so that load meets all alike. */
export async function medians<K extends string>(rounds: number, actions: Record<K, () => Promise<unknown>>): Promise<Record<K, number>> {
  const names = Object.keys(actions) as K[];
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const started = performance.now();
      await actions[name]();
      taken[name].push(performance.now() - started);
    }
  }
  return Object.fromEntries(names.map((name) => [name, taken[name].sort((a, b) => a - b)[rounds >> 1]])) as Record<K, number>;
}
