import { describe, expect, test } from "vitest";
import { createGovernor } from "./governor";
import { LANES } from "./lanes";
import { bench, codeOf, FakeClock, json, type Sent } from "./testing/fakes";
import type { GraphEvents } from "./types";

interface Item { id: string; url: string; method: string }
const itemsOf = (sent: Sent): Item[] => (JSON.parse(sent.body!) as { requests: Item[] }).requests;
const requests = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `r${i}`, url: `/planner/tasks/t${i}/details` }));

test("chunks of 20; answers come in the order of the requests although Graph mixes them", async () => {
  const { graph, sent } = bench([(one) => json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 200, body: { url: i.url } })).reverse() })]);
  const answers = await graph.batchGet(requests(45));
  expect(sent.map((one) => itemsOf(one).length).sort()).toEqual([20, 20, 5].sort());
  expect(answers.map((a) => [a.id, (a.body as Item).url])).toEqual(requests(45).map((r) => [r.id, r.url]));
});

test("equal requests are asked once; nothing is sent for none", async () => {
  const { graph, sent } = bench([(one) => json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 200, body: {} })) })]);
  expect(await graph.batchGet([])).toEqual([]);
  expect(sent.length).toBe(0);
  const answers = await graph.batchGet([{ id: "a", url: "/me" }, { id: "b", url: "/me" }]);
  expect(answers.map((a) => a.id)).toEqual(["a", "b"]);
  expect(itemsOf(sent[0]!).length).toBe(1);
});

test("throttled and failing items are sent again together, after the longest Retry-After", async () => {
  let round = 0;
  const { graph, sent } = bench([(one) => {
    round++;
    return json(200, { responses: itemsOf(one).map((i, n) => round > 1 ? { id: i.id, status: 200, body: { ok: true } }
      : n % 5 === 0 ? { id: i.id, status: 429, headers: { "Retry-After": String(n) } }
      : n % 5 === 1 ? { id: i.id, status: 503 }
      : { id: i.id, status: 200, body: { ok: true } }) });
  }]);
  const answers = await graph.batchGet(requests(20));
  expect(answers.every((a) => a.status === 200 && a.error === null)).toBe(true);
  expect(sent.length).toBe(2);
  expect(itemsOf(sent[1]!).length).toBe(8);
  expect(sent[1]!.at - sent[0]!.at).toBeGreaterThanOrEqual(15_000);
});

test("refused items carry their error; a lost item is asked again", async () => {
  let round = 0;
  const { graph } = bench([(one) => {
    round++;
    return json(200, { responses: itemsOf(one).flatMap((i, n) => round > 1 ? [{ id: i.id, status: 200, body: {} }] : n === 0 ? [{ id: i.id, status: 403, body: { error: { code: "" } } }] : n === 1 ? [{ id: i.id, status: 404 }] : []) });
  }]);
  const answers = await graph.batchGet(requests(3));
  expect(answers.map((a) => (a.error as { code?: string } | null)?.code ?? a.status)).toEqual(["graph_forbidden", "graph_not_found", 200]);
});

test("an item that stays unavailable ends as graph_unavailable after 6 repetitions", async () => {
  const { graph, sent } = bench([(one) => json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 500 })) })]);
  const [answer] = await graph.batchGet(requests(1));
  expect(answer!.error).toMatchObject({ code: "graph_unavailable" });
  expect(sent.length).toBe(7);
});

test("a batch that fails as a whole is repeated as a read, then thrown", async () => {
  const { graph, sent } = bench([json(504, {})]);
  expect(await codeOf(graph.batchGet(requests(1)))).toBe("graph_unavailable");
  expect(sent.length).toBe(7);
});

describe("many callers", () => {
  const echo = (one: Sent) => json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 200, body: { url: i.url } })).reverse() });
  const sizes = (sent: Sent[]) => sent.map((one) => itemsOf(one).length);

  test("small reads asked for at the same time share full batches, and each gets its own answer", async () => {
    const { graph, sent } = bench([echo]);
    const all = await Promise.all(Array.from({ length: 50 }, (_, n) => graph.batchGet([{ id: "a", url: `/planner/tasks/${n}` }, { id: "b", url: `/planner/tasks/${n}/details` }])));
    expect(sizes(sent)).toEqual([20, 20, 20, 20, 20]);
    all.forEach((answers, n) => expect(answers.map((a) => (a.body as Item).url)).toEqual([`/planner/tasks/${n}`, `/planner/tasks/${n}/details`]));
  });

  test("what is asked for while all places are taken travels with the next batch", async () => {
    const clock = new FakeClock();
    const { graph, sent } = bench([async (one) => {
      await clock.sleep(100);
      return echo(one);
    }], { clock, governor: createGovernor({ clock, initial: 1, maximum: 1 }) });
    const late = Array.from({ length: 30 }, (_, n) => clock.sleep(n).then(() => graph.batchGet([{ id: "x", url: `/planner/tasks/${n}` }])));
    await Promise.all(late);
    expect(sizes(sent)).toEqual([1, 20, 9]);
  });

  test("versions, services and mailboxes are never mixed in a batch", async () => {
    const { graph, sent } = bench([echo]);
    const urls = ["/planner/tasks/1", "/groups/g1/threads/t/posts", "/groups/g2/threads/t/posts", "/drives/d/items/i", "/groups/g1/drive/root:/threads/a.txt", "/groups/g1/members"];
    await graph.batchGet(urls.flatMap((url) => (["v1.0", "beta"] as const).map((version) => ({ id: `${version} ${url}`, url, version }))));
    const kinds = sent.map((one) => `${one.url.includes("/beta/") ? "beta" : "v1.0"}: ${itemsOf(one).map((item) => item.url).join(" ")}`);
    const expected = ["/planner/tasks/1 /groups/g1/members", "/groups/g1/threads/t/posts", "/groups/g2/threads/t/posts", "/drives/d/items/i /groups/g1/drive/root:/threads/a.txt"];
    expect(kinds.sort()).toEqual(expected.flatMap((urls) => [`beta: ${urls}`, `v1.0: ${urls}`]).sort());
  });

  test("batches of one mailbox follow each other, those of others run beside them", async () => {
    const clock = new FakeClock();
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    const { graph } = bench([async (one) => {
      const mailbox = /groups\/(\w+)/.exec(itemsOf(one)[0]!.url)![1]!;
      for (const key of [mailbox, "all"]) {
        now.set(key, (now.get(key) ?? 0) + 1);
        most.set(key, Math.max(most.get(key) ?? 0, now.get(key)!));
      }
      await clock.sleep(100);
      for (const key of [mailbox, "all"]) now.set(key, now.get(key)! - 1);
      return echo(one);
    }], { clock });
    await graph.batchGet(Array.from({ length: 210 }, (_, i) => ({ id: `${i}`, url: `/groups/g${i % 3}/threads/t${i}/posts` })));
    expect(Object.fromEntries(most)).toEqual({ g0: 1, g1: 1, g2: 1, all: 3 });
  });

  test("a throttled item waits for its Retry-After, the others of its batch are answered at once", async () => {
    const clock = new FakeClock();
    let refused = false;
    const { graph, sent } = bench([(one) => {
      if (refused) return echo(one);
      refused = true;
      return json(200, { responses: itemsOf(one).map((i) => (i.url.endsWith("/3") ? { id: i.id, status: 429, headers: { "retry-after": "40" } } : { id: i.id, status: 200, body: { url: i.url } })) });
    }], { clock });
    const started = clock.now();
    const took = await Promise.all(Array.from({ length: 6 }, async (_, n) => {
      await graph.batchGet([{ id: "x", url: `/planner/tasks/${n}` }]);
      return clock.now() - started;
    }));
    expect(took.filter((ms) => ms < 1_000).length).toBe(5);
    expect(took[3]).toBeGreaterThanOrEqual(40_000);
    expect(sizes(sent)).toEqual([6, 1]);
  });

  test("throttled mail does not stop reads of Planner, nor a throttled file; a batch refused as a whole stops all", async () => {
    const clock = new FakeClock();
    const closed = (one: Sent) => (one.url.includes("/$batch") && /threads|drives/.test(one.body!) ? json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 429, headers: { "retry-after": "3000" } })) }) : echo(one));
    const { graph, governor } = bench([closed], { clock });
    const held = [graph.batchGet([{ id: "m", url: "/groups/g/threads/t/posts" }]), graph.batchGet([{ id: "f", url: "/drives/d/items/i" }])];
    const started = clock.now();
    await graph.batchGet(requests(100));
    expect(clock.now() - started).toBeLessThan(1_000);
    expect(governor.state("graph").pausedUntil).toBe(0);
    await Promise.allSettled(held);

    const whole = bench([json(429, {}, { "retry-after": "30" }), echo]);
    await whole.graph.batchGet(requests(1));
    for (const lane of LANES) expect(whole.governor.state(lane).pausedUntil).toBeGreaterThanOrEqual(whole.sent[0]!.at + 30_000);
  });
});

describe("lists", () => {
  const page = (id: string, values: number[], next?: string) => ({ id, status: 200, body: { value: values.map((n) => ({ id: n })), ...(next ? { "@odata.nextLink": next } : {}) } });
  const link = (n: number) => `https://graph.microsoft.com/v1.0/planner/plans/p/tasks?$skiptoken=a%2Fb${n}`;
  const list = { id: "l", url: "/planner/plans/p/tasks", list: true };

  test("further pages are read in batches too, whole, an empty one between", async () => {
    const { graph, sent } = bench([(one) => json(200, { responses: itemsOf(one).map(({ id, url }) => {
      const n = /b(\d)$/.exec(url)?.[1];
      return n === undefined ? page(id, [1, 2], link(1)) : n === "1" ? page(id, [], link(2)) : page(id, [3]);
    }) })]);
    const [answer, plain] = await graph.batchGet([list, { ...list, id: "p", list: false }]);
    expect(answer).toEqual({ id: "l", status: 200, body: { value: [{ id: 1 }, { id: 2 }, { id: 3 }] }, error: null });
    expect((plain!.body as { value: unknown[] }).value.length).toBe(2);
    expect(sent.map((one) => itemsOf(one).map((item) => item.url))).toEqual([["/planner/plans/p/tasks", "/planner/plans/p/tasks"], ["/planner/plans/p/tasks?$skiptoken=a%2Fb1"], ["/planner/plans/p/tasks?$skiptoken=a%2Fb2"]]);
  });

  test("a refused page is the error of the list; a circle ends; a link out of Graph is not followed", async () => {
    const refused = bench([(one) => json(200, { responses: itemsOf(one).map(({ id, url }) => (url.includes("skip") ? { id, status: 403, body: {} } : page(id, [1], link(1)))) })]);
    expect((await refused.graph.batchGet([list]))[0]!.error).toMatchObject({ code: "graph_forbidden" });
    const circle = bench([(one) => json(200, { responses: itemsOf(one).map(({ id }) => page(id, [1], link(1))) })]);
    expect((await circle.graph.batchGet([list]))[0]!.error).toMatchObject({ code: "graph_rejected" });
    for (const address of ["https://evil.example/v1.0/planner", "https://graph.microsoft.com.evil.example/v1.0/x", "https://graph.microsoft.com/beta/planner/plans", "https://graph.microsoft.com:x@evil.example/v1.0/"]) {
      const { graph, sent } = bench([(one) => json(200, { responses: itemsOf(one).map(({ id }) => page(id, [1], address)) })]);
      expect((await graph.batchGet([list]))[0]!.error, address).toMatchObject({ code: "graph_rejected" });
      expect(sent.length).toBe(1);
    }
  });
});

test("a cancelled reading fails, and leaves nothing in the queue", async () => {
  const stop = new AbortController();
  const { graph, governor, clock } = bench([() => json(200, { responses: [] })], { signal: stop.signal });
  governor.pauseUntil(clock.now() + 60_000, "graph");
  const reading = graph.batchGet(requests(50));
  setImmediate(() => stop.abort());
  expect(await codeOf(reading)).toBe("cancelled");
  expect(governor.state("graph")).toMatchObject({ inFlight: 0, waiting: 0 });
});

test("what onProgress throws ends the reading", async () => {
  const { graph } = bench([(one) => json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 200, body: {} })) })]);
  await expect(graph.batchGet(requests(3), () => { throw new Error("enough"); })).rejects.toThrow("enough");
});

test("each batch is reported with its service, its items and its time", async () => {
  const facts: Parameters<NonNullable<GraphEvents["request"]>>[0][] = [];
  const clock = new FakeClock();
  const { graph } = bench([async (one) => {
    await clock.sleep(70);
    return json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 200, body: {} })) });
  }], { clock, events: { request: (one) => facts.push(one) } });
  await graph.batchGet([...requests(25), { id: "m", url: "/groups/g/threads/t/posts" }]);
  expect(facts).toHaveLength(3);
  expect(facts.map(({ lane, items }) => `${lane} ${items}`).sort()).toEqual(["graph 20", "graph 5", "outlook 1"]);
  for (const one of facts) expect(one).toMatchObject({ method: "POST", template: "/$batch", status: 200, ms: 70, attempt: 1 });
});
