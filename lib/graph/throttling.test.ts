import { describe, expect, test } from "vitest";
import { createGovernor } from "./governor";
import { LANES, wayOf, type Lane } from "./lanes";
import { bench, FakeClock, json, type Sent } from "./testing/fakes";

const LONG = process.env.PLANBACK_LONG === "1";
const SCHEDULES = LONG ? 10_000 : 1_000;
const REQUEST_MS = 100;
const MAXIMUM = 8;

interface Item { id: string; url: string }
const itemsOf = (sent: Sent): Item[] => (JSON.parse(sent.body!) as { requests: Item[] }).requests;
const isBatch = (sent: Sent): boolean => sent.url.endsWith("/$batch");
const laneOf = (sent: Sent): Lane => (sent.url.includes("sharepoint.com") ? "sharepoint" : wayOf(isBatch(sent) ? itemsOf(sent)[0]!.url : sent.url).lane);

type Form = (now: number) => { header: string | null; ms: number };
const seconds = (value: number): Form => () => ({ header: String(value), ms: value * 1000 });
const FORMS: Form[] = [
  seconds(7), seconds(3600), seconds(1),
  (now) => ({ header: new Date(now + 60_000).toUTCString(), ms: 59_000 }),
  (now) => ({ header: new Date(now - 60_000).toUTCString(), ms: 0 }),
  ...["-3", "junk", "0", "1e3", "0x10"].map((header): Form => () => ({ header, ms: 0 })),
  () => ({ header: null, ms: 0 }),
];

/** A service that refuses now and then, and notes who comes before the time it named, or with too many at once. */
class Refusing {
  early = 0;
  refused = 0;
  sent = 0;
  items = 0;
  most = 0;
  /** How long it asked for silence, overlaps counted once. */
  mandated = 0;
  private readonly closedUntil: Record<Lane, number> = { graph: 0, outlook: 0, sharepoint: 0 };
  private readonly inFlight: Record<Lane, number> = { graph: 0, outlook: 0, sharepoint: 0 };

  constructor(private readonly clock: FakeClock, private readonly share: number, private readonly forms: Form[]) {}

  answer = async (sent: Sent): Promise<Response> => {
    const lane = laneOf(sent);
    this.sent++;
    if (sent.at < this.closedUntil[lane]) this.early++;
    this.most = Math.max(this.most, ++this.inFlight[lane]);
    await this.clock.sleep(REQUEST_MS);
    this.inFlight[lane]--;
    if (!isBatch(sent)) {
      const headers = this.refusal(lane);
      return headers ? json(this.clock.random() < 0.5 ? 429 : 503, {}, headers) : json(200, { id: "x", value: [], parentReference: { driveId: "d" } });
    }
    const items = itemsOf(sent);
    this.items += items.length;
    return json(200, { responses: items.map(({ id }) => {
      const headers = this.refusal(lane);
      return headers ? { id, status: 429, headers } : { id, status: 200, body: { id } };
    }) });
  };

  private refusal(lane: Lane): Record<string, string> | null {
    if (this.clock.random() >= this.share) return null;
    this.refused++;
    const now = this.clock.now();
    const { header, ms } = this.forms[Math.floor(this.clock.random() * this.forms.length)]!(now);
    const until = now + ms;
    this.mandated += Math.max(0, until - Math.max(now, this.closedUntil[lane]));
    this.closedUntil[lane] = Math.max(this.closedUntil[lane], until);
    return header === null ? {} : { [this.clock.random() < 0.5 ? "Retry-After" : "retry-after"]: header };
  }
}

function refusing(seed: number, share: number, forms: Form[] = FORMS, maximum = MAXIMUM) {
  const clock = new FakeClock(seed);
  const service = new Refusing(clock, share, forms);
  const governor = createGovernor({ clock, maximum });
  return { service, ...bench([service.answer], { clock, governor }) };
}

test(`${SCHEDULES} schedules: nobody sends before Retry-After is over, whatever form it has, alone or inside a batch`, async () => {
  let refused = 0;
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { graph, service, governor } = refusing(seed, 0.3);
    const url = "https://contoso.sharepoint.com/sites/a/Shared%20Documents/x.txt";
    await Promise.allSettled([
      ...Array.from({ length: 4 }, (_, i) => graph.task(`t${i}`).then(() => graph.plan(`p${i}`))),
      graph.threadPosts("g", "t"),
      graph.driveItemOfUrl("g", url),
      graph.createTask({ title: "x" }),
      graph.batchGet(Array.from({ length: 30 }, (_, i) => ({ id: `${i}`, url: i % 5 === 0 ? `/groups/g/threads/${i}/posts` : `/planner/tasks/${i}` }))),
      graph.batchGet([{ id: "f", url: "/drives/d/items/i" }, { id: "b", url: "/planner/tasks/b", version: "beta" }]),
    ]);
    expect(service.early, `seed ${seed}`).toBe(0);
    expect(service.most, `seed ${seed}`).toBeLessThanOrEqual(MAXIMUM);
    for (const lane of LANES) expect(governor.state(lane), `seed ${seed}`).toMatchObject({ inFlight: 0, waiting: 0 });
    refused += service.refused;
  }
  expect(refused).toBeGreaterThan(SCHEDULES * 3);
}, 240_000);

test("without a time named, waits grow from try to try and are never twice the same", async () => {
  const gapsOf = async (seed: number) => {
    const { graph, sent } = bench([json(429, {})], { seed });
    await graph.task("t").catch(() => undefined);
    return sent.slice(1).map((one, i) => one.at - sent[i]!.at);
  };
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => gapsOf(i + 1)));
  for (const gaps of all) {
    expect(gaps.length).toBe(12);
    gaps.slice(0, 7).forEach((gap, i) => expect(gap).toBeGreaterThanOrEqual(250 * 2 ** i));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
  }
  expect(new Set(all.map((gaps) => gaps[5])).size).toBeGreaterThan(15);
});

/**
 * The lower bound: the service's own silence (every time that lies between a refusal and the end of its Retry-After), and
 * beside it all requests that were sent, refused ones too, with the most that may run in parallel and no gap between.
 */
describe("20 % refused: total at most 1.5 times the lower bound, nothing early", () => {
  const forms = [seconds(1), seconds(2), seconds(3)];
  const SEEDS = LONG ? 50 : 5;

  test("single requests", async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { graph, service, clock } = refusing(seed, 0.2, forms, 16);
      const started = clock.now();
      await Promise.all(Array.from({ length: 500 }, (_, i) => graph.task(`t${i}`)));
      const bound = service.mandated + Math.ceil(service.sent / 16) * REQUEST_MS;
      expect(service.early, `seed ${seed}`).toBe(0);
      expect(service.refused / service.sent).toBeGreaterThan(0.15);
      expect((clock.now() - started) / bound, `seed ${seed}`).toBeLessThanOrEqual(1.5);
    }
  });

  test("items of batches", async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { graph, service, clock } = refusing(seed, 0.2, forms, 16);
      const started = clock.now();
      const answers = await graph.batchGet(Array.from({ length: 4000 }, (_, i) => ({ id: `${i}`, url: `/planner/tasks/${i}/details` })));
      const bound = service.mandated + Math.ceil(service.sent / 16) * REQUEST_MS;
      expect(answers.every(({ error }) => error === null), `seed ${seed}`).toBe(true);
      expect(service.early, `seed ${seed}`).toBe(0);
      expect((clock.now() - started) / bound, `seed ${seed}`).toBeLessThanOrEqual(1.5);
      // Refused items travel with the others, so that batches stay full.
      expect(service.items / service.sent).toBeGreaterThan(19.5);
    }
  });
});

test("nothing refused: as fast as the allowed number in parallel, after the first rounds", async () => {
  const { graph, service, clock } = refusing(1, 0, FORMS, 16);
  const started = clock.now();
  await Promise.all(Array.from({ length: 800 }, (_, i) => graph.task(`t${i}`)));
  expect((clock.now() - started) / ((service.sent / 16) * REQUEST_MS)).toBeLessThanOrEqual(1.1);
});
