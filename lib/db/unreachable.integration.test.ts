import { afterEach, beforeAll, expect, test } from "vitest";
import { isPlanbackError } from "@/lib/errors";
import { closeDatabase, isDatabaseReady, withWorkspace } from "./index";
import { migrate } from "./migrate";
import { closeQueue, send, startHandlers } from "./queue";
import { testDatabase } from "./testing";

const NOBODY = "postgresql://someone:secret@127.0.0.1:1/planback";
const unavailable = (error: unknown) => isPlanbackError(error, "database_unavailable") && !error.message.includes("secret");

beforeAll(async () => {
  const database = await testDatabase(); // sets the rest of the configuration
  await database.close();
  process.env.DATABASE_URL = NOBODY;
});
afterEach(async () => {
  await closeQueue();
  await closeDatabase();
});

test("a database that is not there is said in words, by every way to it", async () => {
  await expect(withWorkspace(crypto.randomUUID(), (tx) => tx.workspace.findMany())).rejects.toSatisfy(unavailable);
  await expect(send("verify", { workspaceId: crypto.randomUUID(), verificationId: crypto.randomUUID() })).rejects.toSatisfy(unavailable);
  await expect(startHandlers({} as never, () => undefined)).rejects.toSatisfy(unavailable);
  await expect(migrate(NOBODY)).rejects.toSatisfy(unavailable);
  expect(await isDatabaseReady()).toBe(false);
});
