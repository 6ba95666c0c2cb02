import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BACKUP_SCOPES, RESTORE_SCOPES } from "./scopes";

it("docs/azure-setup.md names exactly the permissions that are asked for", () => {
  const text = readFileSync("docs/azure-setup.md", "utf8");
  const table = (title: string) => new RegExp(`\\| ${title} \\| why \\|\\n\\|---\\|---\\|\\n((?:\\|.*\\n)+)`).exec(text)?.[1]?.match(/`[\w.]+`/g)?.map((name) => name.slice(1, -1)).sort();
  expect(table("Planback Backup")).toEqual([...BACKUP_SCOPES].sort());
  expect(table("Planback Restore")).toEqual([...RESTORE_SCOPES].sort());
});
