import { describe, expect, it } from "vitest";
import type { AccessTokenClaims } from "../model";
import { runBatch } from "./batch";

interface Item { id: string; url: string; dependsOn?: string[] }

/** The rounds in which the items ran; `failing` ids answer 404. */
async function rounds(items: Item[], failing: string[] = []) {
  const ran: string[][] = [[]];
  const requests = items.map((item) => ({ method: "GET", ...item }));
  const raw = { method: "POST", version: "v1.0" as const, path: "/$batch", query: new URLSearchParams(), headers: {}, body: Buffer.from(JSON.stringify({ requests })) };
  const answer = await runBatch(raw, {} as AccessTokenClaims, async (one) => {
    const id = one.path.split("/").at(-1)!;
    ran.at(-1)!.push(id);
    return { status: failing.includes(id) ? 404 : 200 };
  }, async () => void ran.push([]));
  return { ran, statuses: new Map((answer.body as { responses: { id: string; status: number }[] }).responses.map(({ id, status }) => [id, status])) };
}
const item = (id: string, ...dependsOn: string[]): Item => ({ id, url: `/planner/tasks/${id}`, ...(dependsOn.length > 0 ? { dependsOn } : {}) });
const mail = (id: string): Item => ({ id, url: `/groups/g/threads/${id}` });

/** https://learn.microsoft.com/graph/json-batching */
describe("the rounds of a batch, each of which takes one latency", () => {
  it("independent items run in one", async () => {
    expect((await rounds([item("1"), item("2"), item("3")])).ran).toEqual([["1", "2", "3"]]);
  });

  it("a chain of dependsOn takes one for each link", async () => {
    expect((await rounds([item("1"), item("2", "1"), item("3", "2"), item("4")])).ran).toEqual([["1", "4"], ["2"], ["3"]]);
  });

  it("Outlook runs four at a time (https://learn.microsoft.com/graph/throttling-limits)", async () => {
    const mails = Array.from({ length: 10 }, (_, n) => mail(`m${n}`));
    expect((await rounds([...mails, item("t")])).ran).toEqual([["m0", "m1", "m2", "m3", "t"], ["m4", "m5", "m6", "m7"], ["m8", "m9"]]);
  });

  it("what depends on a failed item is 424 and never runs", async () => {
    const { ran, statuses } = await rounds([item("1"), item("2", "1"), item("3", "2")], ["1"]);
    expect(ran.flat()).toEqual(["1"]);
    expect([...statuses]).toEqual(expect.arrayContaining([["1", 404], ["2", 424], ["3", 424]]));
  });
});
