import { describe, expect, test } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { parseClaimsChallenge } from "./challenge";
import { bench, codeOf, json, type Sent } from "./testing/fakes";
import type { GraphApi, TokenSource } from "./types";

const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
const challenge = (encoded: string) => `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="${encoded}"`;

describe("claims challenge", () => {
  test.each(["", " ", "  "])("base64 with padding survives (%j more)", (more) => {
    const text = claims + more;
    expect(parseClaimsChallenge(challenge(Buffer.from(text).toString("base64")))).toBe(text);
  });
  test.each([null, "", "Bearer", 'Bearer error="invalid_token"', challenge("%%%"), challenge("bm90IGpzb24=")])("%s: none", (header) => {
    expect(parseClaimsChallenge(header)).toBeNull();
  });
});

function recordingTokens(): { tokens: TokenSource; asked: unknown[] } {
  const asked: unknown[] = [];
  return { asked, tokens: async (options) => `token-${asked.push({ claims: options?.claims, forceRefresh: options?.forceRefresh })}` };
}

const unauthorized = (encoded?: string) => json(401, { error: { code: "InvalidAuthenticationToken" } }, encoded ? { "www-authenticate": challenge(encoded) } : {});

test("an expired token is refreshed once and the request sent again", async () => {
  const { tokens, asked } = recordingTokens();
  const { graph, sent } = bench([unauthorized(), json(201, { id: "t" })], { tokens });
  expect((await graph.createTask({ title: "x" })).kind).toBe("done");
  expect(asked).toEqual([{}, { forceRefresh: true }]);
  expect(sent.map((s) => s.headers["authorization"])).toEqual(["Bearer token-1", "Bearer token-2"]);
  expect(sent[1]!.body).toBe(sent[0]!.body);
});

test("a claims challenge goes to the token source", async () => {
  const { tokens, asked } = recordingTokens();
  const { graph } = bench([unauthorized(Buffer.from(claims).toString("base64")), json(200, { id: "t" })], { tokens });
  await graph.task("t");
  expect(asked).toEqual([{}, { claims }]);
});

test("a token that stays refused ends in needs_sign_in after two tokens, without a loop", async () => {
  for (const encoded of [undefined, Buffer.from(claims).toString("base64")]) {
    const { tokens, asked } = recordingTokens();
    const { graph, sent } = bench([unauthorized(encoded)], { tokens });
    expect(await codeOf(graph.task("t"))).toBe("needs_sign_in");
    expect(asked.length).toBe(2);
    expect(sent.length).toBe(2);
  }
});

test("a lost sign-in of the token source is passed on; nothing is sent", async () => {
  const { graph, sent } = bench([json(200, {})], { tokens: async () => { throw new PlanbackError("needs_sign_in", "x"); } });
  expect(await codeOf(graph.me())).toBe("needs_sign_in");
  expect(await graph.createTask({})).toMatchObject({ kind: "not_applied", error: { code: "needs_sign_in" } });
  expect(sent.length).toBe(0);
});

describe("at every call", () => {
  /** One of everything; returns what became of each call. */
  async function everything(graph: GraphApi): Promise<string[]> {
    const kinds: string[] = [];
    const did = async (call: Promise<unknown>) => kinds.push(await call.then((value) => (value as { kind?: string } | null)?.kind ?? "done", (error: { code?: string }) => error.code ?? "error"));
    await did(graph.me());
    await did(graph.groups());
    await did(graph.task("t"));
    await did(graph.threadPosts("g", "t"));
    await did(graph.batchGet([{ id: "a", url: "/planner/tasks/t" }, { id: "m", url: "/groups/g/threads/t/posts" }, { id: "l", url: "/planner/plans/p/tasks", version: "beta", list: true }]));
    await did(graph.createTask({ title: "x" }));
    await did(graph.patch("/planner/tasks/t", 'W/"e"', {}));
    await did(graph.remove("/planner/tasks/t", 'W/"e"'));
    await did(graph.replyToThread("g", "t", "x"));
    await did(graph.addMember("g", "u"));
    await did(graph.driveItemOfUrl("g", "https://contoso.sharepoint.com/sites/a/Shared%20Documents/x.txt"));
    await did(graph.upload("g", "x.txt", 1, (async function* () { yield Buffer.from("x"); })()));
    return kinds;
  }
  const good = (one: Sent) => {
    const items = one.url.endsWith("/$batch") ? (JSON.parse(one.body!) as { requests: { id: string }[] }).requests : [];
    return json(200, { id: "x", size: 1, value: [], "@odata.etag": 'W/"e"', parentReference: { driveId: "d" }, responses: items.map(({ id }) => ({ id, status: 200, body: { value: [] } })) });
  };
  const encoded = Buffer.from(`${claims} `).toString("base64");
  const REQUESTS = 14;

  test.each([["the token expires", undefined], ["a claims challenge comes", encoded]])("%s: everything is done all the same, with one new token", async (_, header) => {
    for (let nth = 1; nth <= REQUESTS; nth++) {
      const { tokens, asked } = recordingTokens();
      let sent = 0;
      const { graph } = bench([(one) => (++sent === nth ? unauthorized(header) : good(one))], { tokens });
      expect(await everything(graph), `at request ${nth}`).toEqual(Array(12).fill("done"));
      expect(sent).toBe(REQUESTS + 1);
      expect(asked.filter((one) => Object.values(one as object).some(Boolean)), `at request ${nth}`).toEqual([header ? { claims: `${claims} `, forceRefresh: undefined } : { claims: undefined, forceRefresh: true }]);
    }
  });

  test("access that is gone for good: needs_sign_in at each call after two tokens, and no loop", async () => {
    for (let nth = 1; nth <= REQUESTS; nth++) {
      const { tokens, asked } = recordingTokens();
      const { graph, sent } = bench([...Array.from({ length: nth - 1 }, () => good), unauthorized(encoded)], { tokens });
      const kinds = await everything(graph);
      expect(kinds.slice(0, 4).filter((kind) => kind !== "done" && kind !== "needs_sign_in"), `from request ${nth}`).toEqual([]);
      expect(kinds.at(-1)).toBe("not_applied");
      expect(sent.length, `from request ${nth}`).toBeLessThanOrEqual(nth - 1 + 2 * (REQUESTS - nth + 1));
      expect(asked.length).toBe(sent.length);
    }
  });

  test.each([["expired", undefined], ["challenged", encoded]])("one item of a batch is %s although Graph took the token: asked again once with a new one", async (_, header) => {
    const refusal = { status: 401, body: { error: { code: "InvalidAuthenticationToken" } }, headers: header ? { "WWW-Authenticate": challenge(header) } : {} };
    const answer = (one: Sent, refuse: (n: number) => boolean) => json(200, { responses: (JSON.parse(one.body!) as { requests: { id: string }[] }).requests.map(({ id }, n) => ({ id, ...(refuse(n) ? refusal : { status: 200, body: {} }) })) });
    const ask = Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, url: `/planner/tasks/${n}` }));
    const once = recordingTokens();
    const passing = bench([(one) => answer(one, (n) => n % 3 === 0), (one) => answer(one, () => false)], { tokens: once.tokens });
    expect((await passing.graph.batchGet(ask)).every(({ error }) => error === null)).toBe(true);
    expect(once.asked).toEqual([{}, header ? { claims: `${claims} ` } : { forceRefresh: true }, {}]);

    const always = recordingTokens();
    const lasting = bench([(one) => answer(one, () => true)], { tokens: always.tokens });
    expect((await lasting.graph.batchGet(ask)).map(({ error }) => (error as { code?: string } | null)?.code)).toEqual(Array(20).fill("needs_sign_in"));
    expect(lasting.sent.length).toBe(2);
    expect(always.asked.length).toBe(3);
  });

  test("a sign-in that is lost while items of a batch are renewed ends the reading", async () => {
    let asked = 0;
    const { graph } = bench([json(200, { responses: [{ id: "1", status: 401 }] })], { tokens: async () => {
      if (++asked > 1) throw new PlanbackError("needs_sign_in", "x");
      return "token";
    } });
    expect(await codeOf(graph.batchGet([{ id: "a", url: "/me" }]))).toBe("needs_sign_in");
    expect(asked).toBe(2);
  });
});

describe("pages", () => {
  const page = (ids: string[], next?: string) => json(200, { value: ids.map((id) => ({ id })), ...(next ? { "@odata.nextLink": next } : {}) });
  test("links are followed whole, an empty page is not the end", async () => {
    const link = "https://graph.microsoft.com/v1.0/groups?$skiptoken=a%2Fb%3D&$top=1&x=https://b/?c";
    const { graph, sent } = bench([page(["1"], link), page([], `${link}2`), page(["2"])]);
    expect((await graph.groups()).map((g) => g.id)).toEqual(["1", "2"]);
    expect(sent[1]!.url).toBe(link);
    expect(sent[2]!.url).toBe(`${link}2`);
  });
  test.each([
    "https://evil.example/v1.0/groups",
    "https://graph.microsoft.com.evil.example/",
    "https://graph.microsoft.com:8443/v1.0/groups",
    "https://graph.microsoft.com:x@evil.example/",
    "https://user@graph.microsoft.com/v1.0/groups",
    "http://graph.microsoft.com/v1.0/groups",
    "https://contoso.sharepoint.com/v1.0/groups",
    "https://login.microsoftonline.com/x",
    "//evil.example/",
    "file:///etc/passwd",
  ])("a link to %s is refused", async (link) => {
    const { graph, sent } = bench([page(["1"], link), page(["2"])]);
    expect(await codeOf(graph.groups())).toBe("graph_rejected");
    expect(sent.length).toBe(1);
  });
  test("a circle of links ends", async () => {
    const link = "https://graph.microsoft.com/v1.0/groups?$skiptoken=1";
    expect(await codeOf(bench([page(["1"], link)]).graph.groups())).toBe("graph_rejected");
  });
});
