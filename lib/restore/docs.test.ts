import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { LOSSY_FIELDS } from "@/lib/planner";

it("docs/restore.md lists exactly what a restore cannot bring back, with the reason and Microsoft's page", () => {
  const section = readFileSync("docs/restore.md", "utf8").split("## What cannot come back\n")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| (.+?) \| (.+?) \| \[.*?\]\(https:\/\/learn\.microsoft\.com\/graph\/api\/(.+?)\) \|$/gm)].map(([, field, why, page]) => ({ field, why, page }));
  expect(rows).toEqual(LOSSY_FIELDS);
});
