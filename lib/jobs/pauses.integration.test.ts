/** Pauses that one worker process learns hold in the others. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { governorFor, LANES } from "@/lib/graph";
import { sharePauses } from "./pauses";

type Pauses = Record<(typeof LANES)[number], number>;

let database: TestDatabase;
const children: ChildProcess[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function startProcess(): ChildProcess {
  const child = fork(path.join(import.meta.dirname, "testing/throttled.ts"), { execArgv: ["--import", "tsx"] });
  children.push(child);
  return child;
}

async function say(child: ChildProcess, message: "throttle" | "tell"): Promise<Pauses> {
  const answer = once(child, "message");
  child.send(message);
  return (await answer)[0] as Pauses;
}

async function until(read: () => Promise<Pauses> | Pauses, what: (pauses: Pauses) => boolean): Promise<Pauses> {
  for (let tries = 0; tries < 600; tries++) {
    const pauses = await read();
    if (what(pauses)) return pauses;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not come to that in 30 s.");
}

test("a pause is known in the other process, in one that starts later, and in one that had lost the database", async () => {
  const first = startProcess();
  const second = startProcess();
  await Promise.all([say(first, "tell"), say(second, "tell")]);
  await say(first, "throttle");
  const known = await until(() => say(second, "tell"), ({ sharepoint }) => sharepoint > 0);
  expect(known.sharepoint).toBeGreaterThan(Date.now() + 30_000);
  expect(known.graph).toBe(0);

  const end = sharePauses();
  const governor = governorFor("app", "tenant");
  const here = () => Object.fromEntries(LANES.map((lane) => [lane, governor.state(lane).pausedUntil])) as Pauses;
  await until(here, ({ sharepoint }) => sharepoint > 0);

  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
  await admin.query("SELECT pg_notify('planback_pauses', 'not a message')");
  await admin.end();
  // Said by this process after the connections broke; whoever comes back asks for it.
  void governor.run(async (turn) => turn.throttled(50_000, true), { lane: "graph" });
  await until(() => say(second, "tell"), ({ graph, outlook }) => graph > Date.now() + 30_000 && outlook > Date.now() + 30_000);
  await end();
});
