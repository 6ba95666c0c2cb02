import { afterEach, expect, it, vi } from "vitest";
import { logUnexpected } from "./log";

vi.mock("server-only", () => ({}));
afterEach(() => vi.restoreAllMocks());

it("logs where an error happened and none of its words, on however many lines they stand", () => {
  const write = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const error = new TypeError("Invalid invocation:\n\n  data: {\n    title: \"Merger with Northwind\"\n  }");
  const id = logUnexpected(error);
  const line = String(write.mock.calls[0]![0]);
  expect(line).not.toContain("Northwind");
  expect(JSON.parse(line)).toMatchObject({ level: "error", id, name: "TypeError", stack: expect.arrayContaining([expect.stringMatching(/^at .*log\.test/)]) });
});
