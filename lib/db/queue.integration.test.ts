import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Jobs } from "@/lib/jobs/types";
import { withWorkspace } from "./index";
import { sendAll, startHandlers, type Handlers } from "./queue";
import { QUEUES } from "./queues";
import { testDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => { database = await testDatabase(); });
afterAll(() => database?.close());

const due = (workspaceId: string, plans: number) =>
  withWorkspace(workspaceId, (tx) => sendAll("capture-plan", Array.from({ length: plans }, () => ({ workspaceId, runId: randomUUID(), planId: randomUUID() })), tx));

test("workspaces with 2,000 plans that are due, as many of them as a worker has places for, do not hold up another one's single plan", async () => {
  const crowd = Array.from({ length: 3 }, () => randomUUID());
  for (const workspaceId of crowd) await due(workspaceId, 2_000);
  const begun: string[] = [];
  const seen = new Map<string, PromiseWithResolvers<void>>();
  const begins = (workspaceId: string) => seen.set(workspaceId, Promise.withResolvers()).get(workspaceId)!.promise;
  const handlers = Object.fromEntries(QUEUES.map(({ name }) => [name, () => Promise.resolve()])) as unknown as Handlers;
  handlers["capture-plan"] = async ({ workspaceId }: Jobs["capture-plan"]) => {
    begun.push(workspaceId);
    seen.get(workspaceId)?.resolve();
    await new Promise((done) => setTimeout(done, 5));
  };
  const stop = await startHandlers(handlers, () => undefined);
  try {
    // It comes last, when the others are at work.
    await Promise.all(crowd.map(begins));
    const single = randomUUID();
    const hasBegun = begins(single);
    const before = begun.length;
    await due(single, 1);
    await hasBegun;
    expect(begun.length - before).toBeLessThan(100);
    // They take turns as well.
    expect(before).toBeLessThan(100);
  } finally {
    await stop(1_000);
  }
});
