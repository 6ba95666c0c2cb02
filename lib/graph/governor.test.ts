import { describe, expect, test } from "vitest";
import { createGovernor, governorFor, governorOf, onPauses, standingPauses, type Governor, type TurnOptions } from "./governor";
import { bench, codeOf, FakeClock, json, type Sent } from "./testing/fakes";
import type { GraphApi } from "./types";

const unit = (clock: FakeClock) => () => clock.sleep(100);

test("one governor for each app and Microsoft tenant", () => {
  expect(governorFor("a", "t1")).toBe(governorFor("a", "t1"));
  expect(governorFor("a", "t1")).not.toBe(governorFor("a", "t2"));
  expect(governorFor("b", "t1")).not.toBe(governorFor("a", "t1"));
});

test("grows to its maximum while answers are good, and halves once for a burst of refusals", async () => {
  const clock = new FakeClock();
  const governor = createGovernor({ clock, initial: 2, maximum: 8 });
  await Promise.all(Array.from({ length: 100 }, () => governor.run(async (turn) => {
    await clock.sleep(100);
    turn.good("x");
  })));
  expect(governor.state("graph").concurrency).toBe(8);
  await Promise.all(Array.from({ length: 8 }, () => governor.run(async (turn) => {
    await clock.sleep(100);
    turn.throttled(100);
  })));
  expect(governor.state("graph")).toMatchObject({ concurrency: 4, inFlight: 0, waiting: 0 });
});

test("never more in parallel than allowed; a mailbox has 4 places, and a batch of mail takes them all", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const clock = new FakeClock(seed);
    const governor = createGovernor({ clock, initial: 6, maximum: 6 });
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    const count = (key: string, change: number) => {
      now.set(key, (now.get(key) ?? 0) + change);
      most.set(key, Math.max(most.get(key) ?? 0, now.get(key)!));
    };
    const work = (options: TurnOptions) => governor.run(async () => {
      count(options.lane!, 1);
      if (options.mailbox) count(options.mailbox, options.places ?? 1);
      await clock.sleep(10 + 100 * clock.random());
      count(options.lane!, -1);
      if (options.mailbox) count(options.mailbox, -(options.places ?? 1));
    }, options);
    const kinds: TurnOptions[] = [{ lane: "graph" }, { lane: "sharepoint" }, { lane: "outlook", mailbox: "m1" }, { lane: "outlook", mailbox: "m1", places: 4 }, { lane: "outlook", mailbox: "m2" }];
    await Promise.all(Array.from({ length: 100 }, () => work(kinds[Math.floor(clock.random() * kinds.length)]!)));
    expect(Object.fromEntries(most), `seed ${seed}`).toMatchObject({ graph: 6, sharepoint: 6, m1: 4 });
    expect(most.get("outlook"), `seed ${seed}`).toBeLessThanOrEqual(6);
    expect([...now.values()].every((value) => value === 0)).toBe(true);
  }
});

describe("fairness", () => {
  /** How long one party's work takes, in the time of one request, while another party has `other` requests waiting. */
  async function timeOf(work: (governor: Governor, clock: FakeClock) => Promise<unknown>, other: number): Promise<number> {
    const clock = new FakeClock();
    const governor = createGovernor({ clock, initial: 4, maximum: 4 });
    const stop = new AbortController();
    const noise = Array.from({ length: other }, () => governor.run(unit(clock), { party: "A", signal: stop.signal }).catch(() => undefined));
    const started = clock.now();
    await work(governor, clock);
    const took = (clock.now() - started) / 100;
    stop.abort();
    await Promise.all(noise);
    return took;
  }
  // A backup of 20 tasks: two listings, four batches of details and boards, the same listing again and one batch of details.
  const backup = async (governor: Governor, clock: FakeClock) => {
    for (const parallel of [1, 4, 2]) await Promise.all(Array.from({ length: parallel }, () => governor.run(unit(clock), { party: "B" })));
  };

  test("a workspace with 5,000 waiting requests at most doubles the time of another's small backup", async () => {
    const alone = await timeOf(backup, 0);
    const beside = await timeOf(backup, 5000);
    expect(alone).toBe(3);
    expect(beside / alone).toBeLessThanOrEqual(2);
  });

  test("with many requests at once on both sides, each gets half", async () => {
    const many = (governor: Governor, clock: FakeClock) => Promise.all(Array.from({ length: 80 }, () => governor.run(unit(clock), { party: "B" })));
    expect(await timeOf(many, 0)).toBe(20);
    expect(await timeOf(many, 5000)).toBeLessThanOrEqual(41);
  });

  test("a batch of mail, which needs a whole mailbox, is not kept waiting by single requests to it", async () => {
    const clock = new FakeClock();
    const governor = createGovernor({ clock, initial: 16 });
    let before = 0;
    const single = async () => {
      for (let i = 0; i < 50; i++) {
        await governor.run(() => clock.sleep(50 + 100 * clock.random()), { lane: "outlook", mailbox: "m", party: "A" });
        before++;
      }
    };
    const singles = Promise.all([single(), single(), single(), single()]);
    await clock.sleep(500);
    before = 0;
    await governor.run(async () => undefined, { lane: "outlook", mailbox: "m", places: 4, party: "B" });
    expect(before).toBeLessThanOrEqual(4);
    await singles;
  });

  test("through the client: 20,000 reads of one workspace at most double the time of another's 20 tasks; a throttled Microsoft tenant costs it nothing", async () => {
    const smallBackup = async (graph: GraphApi) => {
      const list = () => graph.batchGet(["", "/details", "/buckets", "/tasks"].map((part) => ({ id: part, url: `/planner/plans/b${part}` })));
      await list();
      await graph.batchGet(Array.from({ length: 80 }, (_, i) => ({ id: `${i}`, url: `/planner/tasks/b${i}/details` })));
      await list();
    };
    const takes = async (noisy: "alone" | "same tenant" | "another tenant, throttled") => {
      const clock = new FakeClock();
      const governor = createGovernor({ clock });
      const answer = async (sent: Sent) => {
        await clock.sleep(100);
        const { requests } = JSON.parse(sent.body!) as { requests: { id: string }[] };
        return json(200, { responses: requests.map(({ id }) => ({ id, status: 200, body: { value: [] } })) });
      };
      const stop = new AbortController();
      const other = noisy === "same tenant"
        ? bench([answer], { clock, governor, party: "A", signal: stop.signal })
        : bench([json(429, {}, { "retry-after": "1" })], { clock, governor: createGovernor({ clock }), party: "A", signal: stop.signal });
      const noise = noisy === "alone" ? null : other.graph.batchGet(Array.from({ length: 20_000 }, (_, i) => ({ id: `${i}`, url: `/planner/tasks/a${i}` }))).catch(() => undefined);
      // The other is well under way, with all its places in use.
      await clock.sleep(450);
      const started = clock.now();
      await smallBackup(bench([answer], { clock, governor, party: "B" }).graph);
      const took = clock.now() - started;
      stop.abort();
      await noise;
      return took;
    };
    const alone = await takes("alone");
    expect(alone).toBe(300);
    expect((await takes("same tenant")) / alone).toBeLessThanOrEqual(2);
    expect(await takes("another tenant, throttled")).toBe(alone);
  });

  test("what a person waits for goes before the same party's other requests, not before another party's turn", async () => {
    const clock = new FakeClock();
    const governor = createGovernor({ clock, initial: 1, maximum: 1 });
    const order: string[] = [];
    const ask = (name: string, party: string, urgent = false) => governor.run(async () => {
      order.push(name);
      await clock.sleep(100);
    }, { party, urgent });
    await Promise.all([ask("first", "A"), ask("a1", "A"), ask("a2", "A"), ask("b1", "B"), ask("b2", "B"), ask("a!1", "A", true), ask("a!2", "A", true)]);
    expect(order).toEqual(["first", "b1", "a!1", "b2", "a!2", "a1", "a2"]);
  });
});

describe("pauses", () => {
  test("hold for the service that throttled; one of Graph itself holds for all", async () => {
    const clock = new FakeClock();
    const started = clock.now();
    const told: unknown[] = [];
    const governor = createGovernor({ clock, onPause: (until, place) => told.push([until - started, place]) });
    await governor.run(async (turn) => turn.throttled(60_000), { lane: "sharepoint" });
    await governor.run(async () => undefined, { lane: "graph" });
    await governor.run(async () => undefined, { lane: "outlook", mailbox: "m" });
    expect(clock.now()).toBe(started);
    await governor.run(async (turn) => turn.throttled(90_000, true), { lane: "graph" });
    const outlook = governor.run(async () => clock.now() - started, { lane: "outlook", mailbox: "m" });
    expect(await outlook).toBeGreaterThanOrEqual(90_000);
    expect(told).toEqual([[60_000, "sharepoint"], [90_000, "everywhere"]]);
    expect(governor.state("sharepoint").concurrency).toBe(2);
    expect(governor.state("outlook").concurrency).toBe(4);
  });

  test("one that was learned elsewhere holds too, and is not told again", async () => {
    const clock = new FakeClock();
    const started = clock.now();
    const told: unknown[] = [];
    const governor = createGovernor({ clock, onPause: (...pause) => told.push(pause) });
    governor.pauseUntil(started + 5_000, "graph");
    governor.pauseUntil(started + 1_000, "graph");
    await governor.run(async () => expect(clock.now() - started).toBeGreaterThanOrEqual(5_000));
    expect(told).toEqual([]);
  });

  test("those of the process's governors are heard by key, and stand for who comes later", () => {
    const heard: unknown[] = [];
    const stop = onPauses((...pause) => heard.push(pause));
    const governor = governorFor("app", "a tenant of this test");
    void governor.run(async (turn) => turn.throttled(40_000, false), { lane: "outlook", mailbox: "m" });
    stop();
    expect(heard.length).toBe(0);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const [standing] = standingPauses(Date.now());
      expect(standing).toMatchObject({ place: "outlook" });
      expect(governorOf(standing!.key)).toBe(governor);
      expect(standing!.key).not.toContain("app");
      governor.pauseUntil(0, "everywhere");
    });
  });

  test("a wait longer than an hour is not sat out but reported with its length", async () => {
    const { graph, sent } = bench([json(429, {}, { "retry-after": "7200" })]);
    const error = await graph.task("t").catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "graph_unavailable" });
    expect((error as { facts: { retryAfterMs: number } }).facts.retryAfterMs).toBeGreaterThanOrEqual(7_200_000);
    expect(await codeOf(graph.plan("p"))).toBe("graph_unavailable");
    expect(sent.length).toBe(1);
  });

  test("waiting is reported once, with until when, and its end", async () => {
    const { graph, waits } = bench([json(429, {}, { "retry-after": "30" }), json(200, { id: "x" })]);
    await Promise.all([graph.task("a"), graph.task("b"), graph.task("c")]);
    expect(waits.length).toBeGreaterThanOrEqual(2);
    expect(waits[0]!.until.getTime()).toBeGreaterThanOrEqual(Date.parse("2026-11-23T12:00:30Z"));
    expect(waits.at(-1)).toBeNull();
    expect(waits.filter((state) => state === null).length).toBe(1);
  });

  test("one that nobody waits for any more leaves no timer behind, and later calls still wait", async () => {
    const clock = new FakeClock();
    const governor = createGovernor({ clock });
    let asleep: AbortSignal | undefined;
    const sleep = clock.sleep;
    clock.sleep = (ms, signal) => {
      asleep = signal;
      return sleep(ms, signal);
    };
    const until = clock.now() + 60_000;
    governor.pauseUntil(until, "graph");
    const stop = new AbortController();
    const first = governor.run(async () => "ran", { signal: stop.signal });
    stop.abort();
    expect(await codeOf(first)).toBe("cancelled");
    expect(asleep?.aborted).toBe(true);
    await governor.run(async () => expect(clock.now()).toBeGreaterThanOrEqual(until));
  });
});

test("a cancelled call leaves the queue while others wait on", async () => {
  const governor = createGovernor({ clock: new FakeClock(), initial: 1, maximum: 1 });
  const stop = new AbortController();
  let release = () => {};
  const first = governor.run(() => new Promise<void>((resolve) => (release = resolve)));
  const second = governor.run(async () => "ran", { signal: stop.signal });
  const third = governor.run(async () => "ran");
  stop.abort();
  expect(await codeOf(second)).toBe("cancelled");
  release();
  await first;
  expect(await third).toBe("ran");
  expect(governor.state("graph")).toMatchObject({ inFlight: 0, waiting: 0 });
});

describe("SharePoint's resource units", () => {
  const spend = (governor: Governor, units: number, count: number) => Promise.all(Array.from({ length: count }, () => governor.run(async () => undefined, { lane: "sharepoint", units: () => units })));

  test("a minute's budget may be spent at once; then it refills evenly", async () => {
    const clock = new FakeClock();
    const started = clock.now();
    const governor = createGovernor({ clock, unitsPerMinute: 1250 });
    await spend(governor, 2, 625);
    expect(clock.now()).toBe(started);
    await spend(governor, 1, 1250);
    expect(clock.now() - started).toBeGreaterThanOrEqual(59_000);
    expect(clock.now() - started).toBeLessThanOrEqual(62_000);
    const other = clock.now();
    await governor.run(async () => undefined, { lane: "graph", units: () => 500 });
    expect(clock.now()).toBe(other);
  });

  test("what the service says is left counts, until it says there is more", async () => {
    const clock = new FakeClock();
    const governor = createGovernor({ clock });
    await governor.run(async (turn) => turn.unitsLeft(3, 20_000), { lane: "sharepoint", units: () => 1 });
    await governor.run(async (turn) => turn.unitsLeft(0, 90_000), { lane: "graph" });
    const started = clock.now();
    await spend(governor, 1, 3);
    expect(clock.now()).toBe(started);
    await spend(governor, 1, 1);
    expect(clock.now() - started).toBeGreaterThanOrEqual(20_000);
  });

  test("RateLimit-Reset counts when it is longer than Retry-After", async () => {
    const { graph, sent } = bench([json(429, {}, { "retry-after": "2", "ratelimit-remaining": "0", "ratelimit-reset": "25" }), json(200, { id: "x", parentReference: { driveId: "d" } })]);
    await graph.driveItemOfUrl("g", "https://contoso.sharepoint.com/sites/a/Shared%20Documents/x.txt");
    expect(sent[1]!.at - sent[0]!.at).toBeGreaterThanOrEqual(25_000);
  });
});
