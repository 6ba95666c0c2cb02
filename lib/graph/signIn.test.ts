import { describe, expect, test } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { parseClaimsChallenge } from "./challenge";
import { bench, codeOf, json } from "./testing/fakes";
import type { TokenSource } from "./types";

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
