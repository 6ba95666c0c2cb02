import { afterEach, expect, it, vi } from "vitest";
import * as connect from "./api/connect/callback/route";
import * as consent from "./api/consent/callback/route";

vi.mock("server-only", () => ({}));
vi.mock("next/headers", () => ({ cookies: async () => ({ get: () => undefined, delete: () => undefined }), headers: async () => new Headers() }));
vi.mock("@/app/session", () => ({ currentActor: async () => { throw new Error("The database is gone"); }, currentAddress: async () => null }));
vi.mock("@/lib/config", () => ({ config: () => ({ appOrigin: "https://planback.example" }) }));
vi.mock("@/lib/workspaces", () => ({}));
afterEach(() => vi.restoreAllMocks());

it.each([["consent", consent], ["connect", connect]])("an unexpected end of %s leads to a page with the id that the log has", async (_, { GET }) => {
  const write = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const answer = await GET(new Request("https://planback.example/api/callback?state=x&code=y"));
  const { id } = JSON.parse(String(write.mock.calls[0]![0])) as { id: string };
  expect([answer.status, answer.headers.get("location")]).toEqual([303, `https://planback.example/consent/result?outcome=failed&id=${id}`]);
});
