import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { REQUIREMENT_HELP } from "./requirements";

it("explains every requirement there is, and no other", () => {
  // The rows are made by functions that take facts; their ids stand in the source as row("backup" | "restore" | purpose, "name", …) and judged("name", …).
  const source = readFileSync("lib/identity/requirements.ts", "utf8");
  const names = new Set([...source.matchAll(/\b(?:row\((?:purpose|"backup"|"restore"), |judged\()"(\w+)"/g)].map((match) => match[1]!));
  expect([...names].sort()).toEqual(REQUIREMENT_HELP.map(({ name }) => name).sort());
  expect(names.size).toBeGreaterThan(8);
});
