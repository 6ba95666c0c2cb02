/** Helm, for the tests: the binary in a pinned package of npm, unpacked once. */
import { spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, renameSync, chmodSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import yauzl from "yauzl";

const ARCHIVE = "node_modules/@aws-cdk/asset-kubectl-v20/lib/layer.zip";
const FILE = path.resolve(".data/helm/helm");

/** The path of a helm of this machine's kind; null when there is none. */
export async function findHelm(): Promise<string | null> {
  if (process.platform !== "linux" || process.arch !== "x64") return spawnSync("helm", ["version"]).status === 0 ? "helm" : null;
  if (existsSync(FILE)) return FILE;
  mkdirSync(path.dirname(FILE), { recursive: true });
  const zip = await promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open)(ARCHIVE, { lazyEntries: true, autoClose: false });
  for await (const entry of entries(zip)) {
    if (entry.fileName !== "helm/helm") continue;
    const partial = `${FILE}.${process.pid}`;
    await pipeline(await promisify(zip.openReadStream.bind(zip) as (entry: yauzl.Entry, done: (error: Error | null, stream: NodeJS.ReadableStream) => void) => void)(entry), createWriteStream(partial));
    chmodSync(partial, 0o755);
    renameSync(partial, FILE);
  }
  zip.close();
  return FILE;
}

async function* entries(zip: yauzl.ZipFile): AsyncIterable<yauzl.Entry> {
  for (let left = zip.entryCount; left > 0; left--) {
    const entry = new Promise<yauzl.Entry>((resolve, reject) => zip.once("entry", resolve).once("error", reject));
    zip.readEntry();
    yield await entry;
  }
}
