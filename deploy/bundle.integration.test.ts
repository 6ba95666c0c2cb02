/**
 * What the image holds of worker and migration, run as the container does as far as that goes without one: from files alone, as
 * another user, on a root file system that cannot be written (a mount namespace, which needs root; else only as far as rights go).
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { migrationNames } from "@/lib/db/schema";
import { until } from "@/lib/jobs/testing/world";

const isRoot = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
let database: TestDatabase;
let image: string;
let url: string;
let name: string;

beforeAll(async () => {
  database = await testDatabase();
  image = mkdtempSync(path.join(os.tmpdir(), "planback-image-"));
  chmodSync(image, 0o755);
  const made = spawnSync(process.execPath, ["scripts/bundle.mjs", path.join(image, "app")], { encoding: "utf8" });
  expect(made.status, made.stderr).toBe(0);
  mkdirSync(path.join(image, "bin"));
  mkdirSync(path.join(image, "writable"), { mode: 0o777 });
  copyFileSync(process.execPath, path.join(image, "bin/node"));
  name = `planback_image_${Date.now()}`;
  await onServer(`CREATE DATABASE ${name}`);
  url = Object.assign(new URL(database.adminUrl), { pathname: `/${name}` }).toString();
  writeFileSync(path.join(image, "database_url"), `${url}\n`);
});
afterAll(async () => {
  if (name) await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  if (image) rmSync(image, { recursive: true, force: true });
  await database?.close();
});

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Runs it in the image's folder, with nothing but its own variables; only `writable` can be written. */
function inImage(command: string, env: Record<string, string> = {}): ChildProcess {
  const closed = `mount --make-rprivate / && mount -t tmpfs -o mode=1777 tmpfs ${image}/writable && mount -o remount,bind,ro / && cd ${image}/app && exec setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs --bounding-set=-all ${command}`;
  const [program, ...args] = isRoot ? ["unshare", "--mount", "sh", "-c", closed] : ["sh", "-c", `exec ${command}`];
  return spawn(program!, args, {
    cwd: path.join(image, "app"),
    env: { NODE_ENV: "production", PATH: `${image}/bin:${process.env.PATH}`, TMPDIR: `${image}/writable`, DATABASE_URL_FILE: `${image}/database_url`, ...env },
  });
}

async function saidBy(child: ChildProcess): Promise<{ code: number; said: string }> {
  let said = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const [code] = (await once(child, "exit")) as [number];
  return { code, said };
}

test.runIf(isRoot)("nothing but the writable folder can be written there", async () => {
  expect(await saidBy(inImage("sh -c 'touch here 2>/dev/null || echo closed; touch ../writable/here && echo open; id -u'"))).toEqual({ code: 0, said: "closed\nopen\n1000\n" });
});

test("the migration, then the worker: ready, and ended by SIGTERM", async () => {
  const { code, said } = await saidBy(inImage("node migrate.mjs"));
  expect([code, said]).toEqual([0, `Applied: ${migrationNames().join(", ")}\n`]);
  const port = "39464";
  const { BACKUP_CLIENT_ID, BACKUP_CLIENT_SECRET, RESTORE_CLIENT_ID, RESTORE_CLIENT_SECRET, SESSION_SECRET, INSTALLATION_KEY } = process.env as Record<string, string>;
  const worker = inImage("./worker", {
    BACKUP_CLIENT_ID: BACKUP_CLIENT_ID!, BACKUP_CLIENT_SECRET: BACKUP_CLIENT_SECRET!, RESTORE_CLIENT_ID: RESTORE_CLIENT_ID!, RESTORE_CLIENT_SECRET: RESTORE_CLIENT_SECRET!,
    SESSION_SECRET: SESSION_SECRET!, INSTALLATION_KEY: INSTALLATION_KEY!, APP_ORIGIN: "https://planback.example.com", STORAGE_DIR: `${image}/writable/repository`, METRICS_PORT: port, PLANBACK_VERSION: "1.2.3-image",
  });
  const ended = saidBy(worker);
  await until(() => fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.status, () => 0), (status) => status === 200, 30_000);
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('planback_build_info{process="worker",version="1.2.3-image"} 1');
  worker.kill("SIGTERM");
  const last = await ended;
  expect(last.code, last.said).toBe(0);
  expect(last.said).toContain('"msg":"worker stopping"');
});
