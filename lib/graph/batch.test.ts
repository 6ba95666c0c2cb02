import { expect, test } from "vitest";
import { bench, codeOf, json, type Sent } from "./testing/fakes";

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

test("batches of mail are sent one after the other", async () => {
  let now = 0;
  let most = 0;
  const { graph } = bench([async (one) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 2));
    now--;
    return json(200, { responses: itemsOf(one).map((i) => ({ id: i.id, status: 200, body: { value: [] } })) });
  }]);
  await graph.batchGet(Array.from({ length: 70 }, (_, i) => ({ id: `${i}`, url: `/groups/g/threads/t${i}/posts` })));
  expect(most).toBe(1);
});
