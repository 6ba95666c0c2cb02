import { expect, test } from "vitest";
import { createGovernor, governorFor } from "./governor";
import { bench, codeOf, FakeClock, json } from "./testing/fakes";

test("one governor for each app and Microsoft tenant", () => {
  expect(governorFor("a", "t1")).toBe(governorFor("a", "t1"));
  expect(governorFor("a", "t1")).not.toBe(governorFor("a", "t2"));
  expect(governorFor("b", "t1")).not.toBe(governorFor("a", "t1"));
});

test("grows while answers are good, up to its maximum, and halves once for a burst of refusals", async () => {
  const governor = createGovernor({ clock: new FakeClock(), initial: 4, maximum: 8 });
  for (let i = 0; i < 100; i++) await governor.run(async () => governor.good());
  expect(governor.concurrency).toBe(8);
  await Promise.all(Array.from({ length: 8 }, () => governor.run(async () => {
    await Promise.resolve();
    governor.throttled(100);
  })));
  expect(governor.concurrency).toBe(4);
});

test("never more in parallel than allowed, and the mail lane at most 4", async () => {
  const governor = createGovernor({ clock: new FakeClock(), initial: 6 });
  let now = 0;
  let most = 0;
  let mail = 0;
  let mostMail = 0;
  const work = (isMail: boolean) => governor.run(async () => {
    most = Math.max(most, ++now);
    if (isMail) mostMail = Math.max(mostMail, ++mail);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    if (isMail) mail--;
  }, { lane: isMail ? "outlook" : "graph" });
  await Promise.all([...Array.from({ length: 20 }, () => work(true)), ...Array.from({ length: 20 }, () => work(false))]);
  expect(most).toBe(6);
  expect(mostMail).toBe(4);
});

test("1,000 schedules: nobody sends before Retry-After is over, whatever form it has", async () => {
  let early = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const forms = [
      () => ["7", 7_000] as const,
      () => ["3600", 3_600_000] as const,
      () => [new Date(b.clock.now() + 60_000).toUTCString(), 59_000] as const,
      () => [new Date(b.clock.now() - 60_000).toUTCString(), 0] as const,
      () => ["-3", 0] as const,
      () => ["junk", 0] as const,
      () => ["0", 0] as const,
      () => [null, 0] as const,
    ];
    let closedUntil = 0;
    const b = bench([async (sent) => {
      if (sent.at < closedUntil) early++;
      await b.clock.sleep(50 + 200 * b.clock.random());
      if (b.clock.random() < 0.6) return json(200, { id: "x" });
      const [header, ms] = forms[Math.floor(b.clock.random() * forms.length)]!();
      closedUntil = Math.max(closedUntil, b.clock.now() + ms);
      return json(b.clock.random() < 0.5 ? 429 : 503, {}, header === null ? {} : { "Retry-After": header });
    }], { seed });
    await Promise.allSettled(Array.from({ length: 6 }, () => b.graph.task("t").then(() => b.graph.task("t"))));
    expect(early, `seed ${seed}`).toBe(0);
  }
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

test("a cancelled call leaves the queue while others wait on", async () => {
  const clock = new FakeClock();
  const governor = createGovernor({ clock, initial: 1 });
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
  expect(governor.inFlight).toBe(0);
});

test("a pause that nobody waits for any more leaves no timer behind, and later calls still wait", async () => {
  const clock = new FakeClock();
  const governor = createGovernor({ clock });
  let asleep: AbortSignal | undefined;
  const sleep = clock.sleep;
  clock.sleep = (ms, signal) => {
    asleep = signal;
    return sleep(ms, signal);
  };
  governor.throttled(60_000);
  const until = governor.pausedUntil;
  const stop = new AbortController();
  const first = governor.run(async () => "ran", { signal: stop.signal });
  stop.abort();
  expect(await codeOf(first)).toBe("cancelled");
  expect(asleep?.aborted).toBe(true);
  await governor.run(async () => expect(clock.now()).toBeGreaterThanOrEqual(until));
});
