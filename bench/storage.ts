/** (h) Prune of 100,000 objects beside a bare look through the folder and removal; a workspace moved between drivers beside a bare copy. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readdir, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { config } from "../lib/config";
import { testDatabase } from "../lib/db/testing";
import { storeMove } from "../lib/jobs/storeMove";
import { openRepository, openStore } from "../lib/repository";
import { inParallel } from "../lib/repository/parallel";
import { samplePlan, snapshotOf } from "../lib/repository/testing";
import { CloudServer } from "../lib/repository/testing-servers";
import { createWorkspace, getStorage, startMove } from "../lib/workspaces";
import { repositoryKeys } from "../lib/workspaces/keys";
import { pruneWorkspace } from "../lib/workspaces/prune";
import type { Actor } from "../lib/workspaces/types";
import { size, times, type BenchOptions, type BenchRow, type Suite } from "./framework";

const OBJECTS = Number(process.env.PLANBACK_BENCH_OBJECTS ?? 100_000);
const EDITIONS = 4;
const DAY_MS = 24 * 3600_000;
const never = new AbortController().signal;

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
}

/** As the file store names them, without its flushing. */
async function fillWith(dir: string, ws: string): Promise<void> {
  for (let number = 0; number < 256; number++) await mkdir(path.join(dir, ws, "segment", number.toString(16).padStart(2, "0")), { recursive: true });
  await inParallel(Array.from({ length: OBJECTS }, () => randomBytes(16).toString("hex")), 32, (id) => writeFile(path.join(dir, ws, "segment", id.slice(0, 2), id), randomBytes(600)));
}

async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

async function pruning(actor: Actor, { progress }: BenchOptions): Promise<BenchRow[]> {
  const { dir } = config().storage.files!;
  const ws = (await createWorkspace(actor, { name: "Prune" })).id;
  const bare = randomUUID();
  progress(`storing 2 × ${OBJECTS} objects`);
  for (const each of [ws, bare]) await fillWith(dir, each);
  progress("a bare look and removal");
  let files: string[] = [];
  const look = await seconds(async () => { files = await filesIn(path.join(dir, bare)); await inParallel(files, 50, (file) => stat(file)); });
  const removal = await seconds(() => inParallel(files, 50, (file) => unlink(file)));
  progress("the cleaning");
  const condemn = await seconds(() => pruneWorkspace(ws, never, { now: new Date(Date.now() + 3 * DAY_MS) }));
  const again = await seconds(() => pruneWorkspace(ws, never, { now: new Date(Date.now() + 3 * DAY_MS + 60_000) }));
  const sweep = await seconds(() => pruneWorkspace(ws, never, { now: new Date(Date.now() + 7 * DAY_MS) }));
  if ((await filesIn(path.join(dir, ws))).length > 0) throw new Error("Objects are left.");
  const what = `${OBJECTS.toLocaleString("en")} objects`;
  const rate = (s: number) => `${s.toFixed(1)} s, ${Math.round(OBJECTS / s).toLocaleString("en")} a second`;
  return [
    { name: `prune: ${what} found unneeded and condemned`, value: times(condemn, look), note: `of a bare look at names and sizes (${rate(condemn)}; bare ${rate(look)})` },
    { name: "prune: the same again, nothing to do", value: times(again, look), note: `of the same bare look (${rate(again)})` },
    { name: `prune: ${what} claimed and removed`, value: times(sweep, removal), note: `of a bare removal, 50 at once (${rate(sweep)}; bare ${rate(removal)})` },
  ];
}

async function moving(actor: Actor, { progress }: BenchOptions): Promise<BenchRow[]> {
  const ws = (await createWorkspace(actor, { name: "Move" })).id;
  const { files, s3 } = config().storage;
  const [from, to] = [await openStore(files!), await openStore(s3!)];
  const repository = openRepository({ store: from, keys: await repositoryKeys(ws) });
  progress("storing snapshots");
  let previous: string | null = null;
  for (let edition = 1; edition <= EDITIONS; edition++) {
    ({ manifestId: previous } = await repository.writeSnapshot(snapshotOf(`s${edition}`, previous), samplePlan(9_000, { edition, edited: (index) => index % 3 === 0 })));
  }
  const objects = await Array.fromAsync(from.list(`${ws}/`));
  const bytes = objects.reduce((sum, object) => sum + object.size, 0);
  progress(`a bare copy of ${objects.length} objects`);
  const bare = randomUUID();
  const copy = await seconds(() => inParallel(objects, 16, async ({ key }) => to.put(key.replace(ws, bare), await from.get(key))));
  progress("the move");
  const { moveId } = await startMove(actor, ws, "s3");
  const move = await seconds(() => storeMove({ workspaceId: ws, moveId }, { jobId: randomUUID(), attempt: 0, signal: never }));
  const { here, move: outcome } = await getStorage(actor, ws);
  if (here.place !== "s3" || outcome?.objects !== objects.length) throw new Error("It was not moved whole.");
  return [{ name: `move of a workspace: files → S3, ${objects.length.toLocaleString("en")} objects`, value: times(move, copy), note: `of a bare copy, 16 at once, nothing read back (${move.toFixed(1)} s against ${copy.toFixed(1)} s, ${size(bytes)}; the S3 server shares the processors)` }];
}

async function run(options: BenchOptions): Promise<BenchRow[]> {
  const server = await CloudServer.start("s3");
  const place = await server.place();
  if (place.driver !== "s3") throw new Error("not S3");
  Object.assign(process.env, { STORAGE: "files", S3_BUCKET: place.bucket, S3_REGION: place.region, S3_ENDPOINT: place.endpoint!, S3_ACCESS_KEY_ID: place.accessKey!.id, S3_SECRET_ACCESS_KEY: place.accessKey!.secret });
  const database = await testDatabase();
  try {
    const actor: Actor = { tid: randomUUID(), oid: randomUUID(), name: "Bench", username: "b", sessionHash: randomBytes(32).toString("hex"), authenticatedAt: new Date() };
    return [...(await pruning(actor, options)), ...(await moving(actor, options))];
  } finally {
    await database.close();
    await server.close();
  }
}

export const suite: Suite = { title: "Storage: cleaning up, and moving elsewhere", run };
