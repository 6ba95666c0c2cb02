/** A year of daily snapshots of 1,000 tasks, ten of which change a day, in our repository and in restic's, from the same records. */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SnapshotRecord } from "../lib/planner/types";
import { createFileStore, openRepository } from "../lib/repository";
import { canonicalJson, compareRecords } from "../lib/repository/records";
import { keysOf, snapshotOf } from "../lib/repository/testing";
import { medians, percent, size, times, type BenchOptions, type BenchRow, type Suite } from "./framework";
import { livingPlan } from "./plan";

const TASKS = 1000;
const CHANGES = TASKS / 100;
const BLOCK = 4096;
const WORKSPACE = "0b9f4d0e-0000-4000-8000-000000000001";

interface Size { bytes: number; onBlocks: number; files: number }

async function sizeOf(dir: string): Promise<Size> {
  const total: Size = { bytes: 0, onBlocks: 0, files: 0 };
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const { size: bytes } = await stat(path.join(entry.parentPath, entry.name));
    total.bytes += bytes;
    total.onBlocks += Math.ceil(bytes / BLOCK) * BLOCK;
    total.files++;
  }
  return total;
}

/** Days of the plan, each made once and given to whoever stores it. */
function* days(count: number): Generator<{ day: number; records: SnapshotRecord[] }> {
  const plan = livingPlan(5, TASKS);
  for (let day = 0; day < count; day++) {
    if (day > 0) plan.work(CHANGES);
    yield { day, records: plan.records().sort(compareRecords) };
  }
}

async function ours(dir: string, count: number): Promise<{ size: Size; first: number; oldest: string; newest: string; open(manifestId: string): Promise<unknown> }> {
  const repository = openRepository({ store: createFileStore(dir), keys: keysOf(WORKSPACE) });
  const manifests: string[] = [];
  let first = 0;
  for (const { day, records } of days(count)) {
    const written = await repository.writeSnapshot(snapshotOf(`s${day}`, manifests.at(-1) ?? null), records);
    if (day === 0) first = written.newBytes;
    manifests.push(written.manifestId);
  }
  const open = (manifestId: string) => openRepository({ store: createFileStore(dir), keys: keysOf(WORKSPACE) }).readSnapshot(manifestId);
  return { size: await sizeOf(dir), first, oldest: manifests[0]!, newest: manifests.at(-1)!, open };
}

class Restic {
  readonly #env: NodeJS.ProcessEnv;
  constructor(private readonly repository: string, cache: string, private readonly compression: "auto" | "max") {
    this.#env = { ...process.env, RESTIC_PASSWORD: "bench", RESTIC_REPOSITORY: repository, RESTIC_CACHE_DIR: cache };
    this.run(["init", "--repository-version", "2"]);
  }

  run(args: string[], cwd?: string): SpawnSyncReturns<string> {
    const result = spawnSync("restic", ["--quiet", "--compression", this.compression, ...args], { env: this.#env, cwd, encoding: "utf8", maxBuffer: 1e9 });
    if (result.status !== 0) throw new Error(`restic ${args[0]} failed: ${result.stderr}`);
    return result;
  }

  /** Backs up a folder; the time is that of the day, so that the oldest can be found. */
  backUp(folder: string, day: number): void {
    this.run(["backup", "--host", "bench", "--time", new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 19).replace("T", " "), "."], folder);
  }

  oldest(): string {
    const found = JSON.parse(this.run(["snapshots", "--json"]).stdout) as { id: string; time: string }[];
    return found.sort((a, b) => (a.time < b.time ? -1 : 1))[0]!.id;
  }

  size = () => sizeOf(this.repository);
}

function resticVersion(): string | null {
  const version = () => { const result = spawnSync("restic", ["version"], { encoding: "utf8" }); return result.status === 0 ? result.stdout.trim() : null; };
  const found = version();
  if (found) return found;
  spawnSync("apt-get", ["install", "-y", "--no-install-recommends", "restic"], { stdio: "ignore" });
  return version();
}

async function run({ days: count, progress }: BenchOptions): Promise<BenchRow[]> {
  const dir = await mkdtemp(path.join(tmpdir(), "planback-bench-"));
  try {
    progress(`${count} days into our repository`);
    const mine = await ours(path.join(dir, "ours"), count);
    const rows: BenchRow[] = [{
      name: `${count} days of ${TASKS} tasks, ${CHANGES} changed a day: mean day`, value: percent((mine.size.bytes - mine.first) / (count - 1), mine.first, 2),
      note: `of the first snapshot (${size(mine.first)}); in all ${size(mine.size.bytes)} in ${mine.size.files} objects`,
    }];
    const version = resticVersion();
    if (!version) return [...rows, { name: "against restic", value: "not measured", target: "<= 1.0 ×", note: "restic is not installed here and apt-get could not install it" }];
    return [...rows, ...(await againstRestic(dir, mine, version, count, progress))];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function againstRestic(dir: string, mine: Awaited<ReturnType<typeof ours>>, version: string, count: number, progress: (message: string) => void): Promise<BenchRow[]> {
  const [exported, apart] = [path.join(dir, "export"), path.join(dir, "apart")];
  await mkdir(exported);
  await mkdir(apart);
  const restic = (name: string, compression: "auto" | "max") => new Restic(path.join(dir, name), path.join(dir, "cache"), compression);
  const [auto, max, records] = [restic("auto", "auto"), restic("max", "max"), restic("records", "max")];
  let before = new Map<string, string>();
  for (const { day, records: all } of days(count)) {
    if (day % 30 === 0) progress(`day ${day} of ${count} into three restic repositories (about 3 s a day)`);
    const lines = new Map(all.map((record) => [`${record.kind}-${Buffer.from(record.id).toString("base64url")}`, `${canonicalJson(record)}\n`]));
    await writeFile(path.join(exported, "plan.json"), [...lines.values()].join(""));
    for (const [name, line] of lines) if (before.get(name) !== line) await writeFile(path.join(apart, name), line);
    for (const name of before.keys()) if (!lines.has(name)) await rm(path.join(apart, name));
    before = lines;
    auto.backUp(exported, day);
    max.backUp(exported, day);
    records.backUp(apart, day);
  }
  progress("opening the oldest and the newest");
  const oldest = max.oldest();
  const ms = await medians(5, {
    oldest: () => mine.open(mine.oldest),
    newest: () => mine.open(mine.newest),
    restic: async () => max.run(["dump", oldest, "/plan.json"]),
    resticStart: async () => max.run(["cat", "config"]),
  });
  const row = async (name: string, repository: Restic, target?: string): Promise<BenchRow> => {
    const theirs = await repository.size();
    return { name, value: times(mine.size.bytes, theirs.bytes, 3), target, note: `our ${size(mine.size.bytes)} of its ${size(theirs.bytes)}; in blocks of 4 KiB ${size(mine.size.onBlocks)} of ${size(theirs.onBlocks)}` };
  };
  return [
    await row("size against restic, a JSON file a day, compression auto", auto, "<= 1.0 ×"),
    await row("size against restic, a JSON file a day, compression max", max, "<= 1.0 ×"),
    await row("size against restic, a file a record, compression max", records),
    { name: "opening the oldest against restic dump of the oldest", value: times(ms.oldest, ms.restic), note: `${ms.oldest.toFixed(0)} against ${ms.restic.toFixed(0)} ms, of which ${ms.resticStart.toFixed(0)} ms restic takes to open any repository; ${version.split(" compiled")[0]}` },
    { name: "opening the newest against opening the oldest", value: times(ms.newest, ms.oldest), target: "about 1 ×", note: `after ${count} days (${ms.newest.toFixed(0)} against ${ms.oldest.toFixed(0)} ms)` },
  ];
}

export const suite: Suite = { title: `A history of daily snapshots of ${TASKS} tasks`, run };
