/** What every journal must do (lib/restore/journal.ts); run for each implementation. */
import { expect, it } from "vitest";
import type { Journal } from "../journal";
import type { Operation } from "../types";

export interface JournalBench {
  /** Takes the restore's lease anew: journals made before have lost it. */
  take(): Promise<Journal>;
}

const operations: Operation[] = Array.from({ length: 60 }, (_, seq) => ({ seq, kind: seq === 0 ? "create_plan" : "create_task", after: [], source: `s${seq}`, label: `Operation ${seq}`, changes: [], body: {} }));

/** `bench` gives a restore that was never opened. */
export function journalSuite(bench: () => Promise<JournalBench>): void {
  const opened = async () => {
    const { take } = await bench();
    const journal = await take();
    await journal.open(operations);
    return { take, journal };
  };
  const states = async (journal: Journal) => (await journal.open(operations)).intents.map(({ state }) => state);

  it("makes one intent for each operation, and the first start stays", async () => {
    const { take, journal } = await opened();
    const { intents, startedAt } = await journal.open(operations);
    expect(intents.map(({ seq, state, attempt }) => [seq, state, attempt])).toEqual(operations.map(({ seq }) => [seq, "pending", 0]));
    expect((await (await take()).open(operations)).startedAt).toBe(startedAt);
  });

  it("writes what is asked for at the same moment, all of it", async () => {
    const { take, journal } = await opened();
    await Promise.all(operations.map(({ seq }) => journal.begin(seq)));
    await Promise.all(operations.map(({ seq }) => (seq % 3 === 0 ? journal.done(seq, { remoteId: `id-${seq}`, etag: `"${seq}"` }) : seq % 3 === 1 ? journal.failed(seq, "refused") : journal.unknown(seq, 1_000))));
    const { intents } = await (await take()).open(operations);
    expect(intents.map(({ state, attempt, remoteId, etag, problem, lastAttemptEnd }) => ({ state, attempt, remoteId, etag, problem, lastAttemptEnd }))).toEqual(operations.map(({ seq }) => ({
      state: ["done", "failed", "unknown"][seq % 3], attempt: 1, remoteId: seq % 3 === 0 ? `id-${seq}` : null, etag: seq % 3 === 0 ? `"${seq}"` : null,
      problem: seq % 3 === 1 ? "refused" : null, lastAttemptEnd: seq % 3 === 2 ? 1_000 : null,
    })));
  });

  it("treats as unknown what was under way when another worker takes over", async () => {
    const { take, journal } = await opened();
    await Promise.all([journal.begin(1), journal.begin(2)]);
    await journal.postponed(2);
    const next = await take();
    expect((await states(next)).slice(0, 3)).toEqual(["pending", "unknown", "pending"]);
    await next.begin(1);
    await next.done(1, { remoteId: "one", etag: null });
    expect((await next.open(operations)).intents[1]).toMatchObject({ state: "done", attempt: 2, remoteId: "one" });
  });

  it("refuses everything to a worker that lost its lease", async () => {
    const { take, journal } = await opened();
    await journal.begin(1);
    const next = await take();
    const before = JSON.stringify(await next.open(operations));
    const tries = [journal.begin(2), journal.done(1, { remoteId: "x", etag: null }), journal.unknown(1, 5), journal.failed(1, "no"), journal.skipped(3, "no"), journal.postponed(1), journal.open(operations)];
    for (const one of await Promise.allSettled(tries)) expect(one).toMatchObject({ status: "rejected", reason: { code: "lease_lost" } });
    expect(JSON.stringify(await next.open(operations))).toBe(before);
  });

  it("lets one object be held by one intent only, also when both come at once", async () => {
    const { journal } = await opened();
    await Promise.all([1, 2, 3].map((seq) => journal.begin(seq)));
    const ends = await Promise.allSettled([1, 2].map((seq) => journal.done(seq, { remoteId: "same", etag: null })));
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(ends.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
    await expect(journal.done(3, { remoteId: "same", etag: null })).rejects.toMatchObject({ code: "conflict" });
    await journal.done(3, { remoteId: "other", etag: null });
    expect([...(await journal.claimed(["same", "other", "third"]))].sort()).toEqual(["other", "same"]);
  });

  it("refuses steps that do not follow from the state, and writes the others of the same moment", async () => {
    const { journal } = await opened();
    const ends = await Promise.allSettled([journal.done(4, { remoteId: null, etag: null }), journal.begin(5), journal.unknown(6, 1), journal.skipped(7, "not needed")]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "fulfilled"]);
    await expect(journal.begin(5)).rejects.toMatchObject({ code: "internal" });
    await expect(journal.begin(7)).rejects.toMatchObject({ code: "internal" });
  });
}
