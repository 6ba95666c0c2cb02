/**
 * `npm run demo`: the whole product on one machine, with the simulator in the place of Microsoft 365.
 * Flags: --port N, --simulator-port N, --data DIR, --size default|small|large, --fresh (forget what was stored),
 * --dev (next dev instead of a build), --quiet. DATABASE_URL takes the place of the embedded Postgres.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { migrate } from "@/lib/db/migrate";
import { selfSignedCertificate } from "@/simulator/entra/certificate";
import { APPS, CONTOSO, PEOPLE } from "@/simulator/fixtures";
import { buildWeb } from "./build";
import { freePort } from "./ports";
import { ensurePostgres } from "./postgres";
import { WORKER_ENV, WORKER_FLAGS } from "./workerLaunch.mjs";
import { Processes, untilReady } from "./processes";

const { values: flags } = parseArgs({
  options: {
    port: { type: "string", default: "3000" },
    "simulator-port": { type: "string", default: "4800" },
    data: { type: "string", default: ".data/demo" },
    size: { type: "string", default: "default" },
    fresh: { type: "boolean", default: false },
    dev: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});

function portFlag(name: "port" | "simulator-port"): number {
  const port = Number(flags[name]);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`--${name} must be a port number from 1 to 65535.`);
  return port;
}

/** Secrets of this demo, made once and kept, so that stored backups stay readable. */
function secrets(dir: string): { INSTALLATION_KEY: string; SESSION_SECRET: string } {
  const file = path.join(dir, "secrets.json");
  if (!existsSync(file)) {
    const made = { INSTALLATION_KEY: randomBytes(32).toString("base64"), SESSION_SECRET: randomBytes(32).toString("base64") };
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A certificate for app-only connections, made once and kept; the simulator is told of it. */
function certificateFile(dir: string): string {
  const file = path.join(dir, "app-only.pem");
  if (!existsSync(file)) {
    const { certificate, privateKey } = selfSignedCertificate("Planback demo", 3650);
    writeFileSync(file, certificate + privateKey, { mode: 0o600 });
  }
  return file;
}

/** Removes everything an earlier demo stored in `dir`, its database included. */
async function forget(dir: string): Promise<void> {
  if (process.env.DATABASE_URL) throw new Error("--fresh only clears the embedded Postgres; unset DATABASE_URL or empty that database yourself.");
  if (existsSync(path.join(dir, "postgres"))) await (await ensurePostgres(path.join(dir, "postgres"))).stop();
  rmSync(dir, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const data = path.resolve(flags.data);
  if (flags.fresh) await forget(data);
  mkdirSync(data, { recursive: true });

  const port = await freePort(portFlag("port"), "the web application");
  const simulatorPort = await freePort(portFlag("simulator-port"), "the simulator", [port]);
  const appOrigin = `http://localhost:${port}`;
  const simulator = `http://localhost:${simulatorPort}`;

  const postgres = process.env.DATABASE_URL ? null : await ensurePostgres(path.join(data, "postgres"));
  const databaseUrl = process.env.DATABASE_URL ?? postgres!.url;

  let stopping: Promise<void> | null = null;
  const stop = (code: number): Promise<void> =>
    (stopping ??= (async () => {
      await processes.stop();
      await postgres?.stop();
      process.exit(code);
    })());
  const processes = new Processes((name, code) => {
    console.error(`\nThe ${name} ended by itself (exit code ${code}). Its last lines are above; everything else is being stopped. Backups are kept in ${flags.data}.`);
    void stop(1);
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));

  try {
    await migrate(databaseUrl);
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...secrets(data),
      NODE_ENV: flags.dev ? "development" : "production",
      NEXT_TELEMETRY_DISABLED: "1",
      DATABASE_URL: databaseUrl,
      APP_ORIGIN: appOrigin,
      NEXTAUTH_URL: appOrigin,
      STORAGE_DIR: path.join(data, "repository"),
      BACKUP_CLIENT_ID: APPS.backup.clientId,
      BACKUP_CLIENT_SECRET: APPS.backup.secret,
      RESTORE_CLIENT_ID: APPS.restore.clientId,
      RESTORE_CLIENT_SECRET: APPS.restore.secret,
      APP_ONLY_CLIENT_ID: APPS.appOnly.clientId,
      APP_ONLY_CLIENT_CERTIFICATE_FILE: certificateFile(data),
      LOGIN_ORIGIN: simulator,
      GRAPH_ORIGIN: simulator,
      PLANNER_ORIGIN: simulator,
      SHAREPOINT_URL: `${simulator}/sharepoint/{host}`,
      OPERATORS: process.env.OPERATORS ?? `${CONTOSO.tenantId}:${PEOPLE.priya.id}`,
      WEBHOOK_PRIVATE: process.env.WEBHOOK_PRIVATE ?? "true", // a webhook to try out listens on this machine
      LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
    };
    const quiet = { quiet: flags.quiet };
    processes.start("simulator", ["--import", "tsx", "simulator/main.ts", "--port", String(simulatorPort), "--app-origin", appOrigin, "--size", flags.size, "--certificate", certificateFile(data)], env, quiet);
    if (!flags.dev) buildWeb();
    const next = ["node_modules/next/dist/bin/next", flags.dev ? "dev" : "start", "-p", String(port)];
    processes.start("web", next, env, quiet);
    processes.start("worker", [...WORKER_FLAGS, "--import", "tsx", "worker/main.ts"], { ...WORKER_ENV, ...env }, quiet);
    await untilReady("The simulator", `${simulator}/_simulator`, 60_000);
    await untilReady("The web application", `${appOrigin}/readyz`, 120_000);
  } catch (error) {
    console.error(`\nThe demo could not start. ${error instanceof Error ? error.message : String(error)}`);
    await stop(1);
    return;
  }

  console.log(`
Planback is running.

  Open     ${appOrigin}
  Sign in  ${PEOPLE.priya.userPrincipalName} (global admin) or ${PEOPLE.backup.userPrincipalName} (ordinary account); no password
  Stop     Ctrl-C (backups are kept in ${flags.data})

  1. Sign in as ${PEOPLE.priya.displayName}, create a workspace, grant consent for Backup and Restore.
  2. Connect ${PEOPLE.backup.displayName}, watch the checks, pick plans, press "Back up now", open a snapshot.
  3. Delete a task or a plan in "Microsoft 365" at ${simulator}/webui/ and restore it from the snapshot.
`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
