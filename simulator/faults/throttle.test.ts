import { describe, expect, it } from "vitest";
import { createThrottle, type Sender, type ThrottleRule } from "./throttle";

const START = Date.UTC(2026, 5, 1, 12, 0, 0, 400);
const sender = (arrivedAt: number, key = "app tenant"): Sender => ({ key, arrivedAt, answeredAt: null });

/** One request that arrives, is judged and is answered at once. */
function ask(throttle: ReturnType<typeof createThrottle>, at: number, { method = "GET", path = "/v1.0/me", key }: { method?: string; path?: string; key?: string } = {}) {
  const from = sender(at, key);
  const refusal = throttle.check(method, path, from, at);
  from.answeredAt = at;
  return refusal;
}
function started(rule: Partial<ThrottleRule>) {
  const throttle = createThrottle();
  throttle.add({ match: {}, retryAfterSeconds: 2, ...rule });
  return throttle;
}
const ALWAYS = { probability: 1 };
const state = (throttle: ReturnType<typeof createThrottle>) => throttle.list()[0]!;

/** https://learn.microsoft.com/graph/throttling */
describe("throttling by dice", () => {
  it("refuses about the share that was asked for, the same requests for the same seed", () => {
    const run = (seed: number) => {
      const throttle = started({ probability: 0.2, seed });
      return Array.from({ length: 1000 }, (_, n) => ask(throttle, START, { path: `/${n}` }) !== null);
    };
    const refused = run(5).filter(Boolean).length;
    expect(refused).toBeGreaterThan(150);
    expect(refused).toBeLessThan(250);
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });

  it("counts and refuses what the same app sends in the same tenant before the time is over, whatever the dice say", () => {
    const throttle = started({ probability: 0.5, seed: 3 });
    let at = START;
    while (ask(throttle, at, { method: "POST", path: "/v1.0/planner/tasks" }) === null) at += 10_000;
    expect(ask(throttle, at + 1500, { path: "/v1.0/planner/tasks/x" })).toEqual({ status: 429, retryAfter: "1" });
    expect(state(throttle)).toMatchObject({ early: 1, earlyRequests: ["GET /v1.0/planner/tasks/x: 500 ms before its time"] });
    for (let n = 0; n < 20; n++) ask(throttle, at + 1500, { key: "app another-tenant" });
    ask(throttle, at + 2000);
    expect(state(throttle).early).toBe(1);
  });

  it("holds nothing against what was on its way: in the same batch, in flight, or arriving in the same moment", () => {
    const throttle = started(ALWAYS);
    const batch = sender(START);
    for (const path of ["/a", "/b"]) throttle.check("GET", path, batch, START + 10);
    throttle.check("GET", "/c", sender(START + 5), START + 20);
    batch.answeredAt = START + 30;
    ask(throttle, START + 29, { path: "/d" });
    ask(throttle, START + 200, { path: "/e" });
    expect(state(throttle).early).toBe(0);
    ask(throttle, START + 31, { path: "/a" });
    expect(state(throttle).early).toBe(1);
    ask(throttle, START + 300, { path: "/f" });
    expect(state(throttle).early).toBe(2);
  });

  it.each([
    ["seconds", "2"],
    ["date", "Mon, 01 Jun 2026 12:00:03 GMT"],
    ["missing", null],
    ["junk", "-1"],
  ] as const)("writes Retry-After as %s; who could not read it is never early", (form, written) => {
    const throttle = started({ ...ALWAYS, form, status: 503 });
    expect(ask(throttle, START)).toEqual({ status: 503, retryAfter: written });
    ask(throttle, START + 1000);
    expect(state(throttle).early).toBe(written === null || written === "-1" ? 0 : 1);
  });

  it("a date is a whole second, and keeps the door shut until then", () => {
    const throttle = started({ ...ALWAYS, form: "date" });
    ask(throttle, START);
    ask(throttle, START + 2599, { path: "/x" });
    ask(throttle, START + 2600, { path: "/y" });
    expect(state(throttle).early).toBe(1);
  });
});
