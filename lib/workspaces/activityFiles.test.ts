import { expect, test } from "vitest";
import type { ExportedEntry } from "./activity";
import { activityLines } from "./activityFiles";

const entry = (name: string): ExportedEntry => ({
  workspaceId: "w", seq: 7, at: "2026-11-25T07:00:00.000Z", actor: { name, tid: "t", oid: "o" }, ip: "198.51.100.7", action: "policy.changed", target: { kind: "policy", id: "p" }, outcome: "done",
  detail: { name: "=1+1", changed: ["schedule"] }, prevHash: "00", hash: "ab",
});
const file = async (format: "csv" | "jsonl", ...names: string[]) => {
  async function* rows() {
    for (const name of names) yield entry(name);
  }
  const lines: string[] = [];
  for await (const line of activityLines(format, rows(), { seq: 9, hash: "cd" })) lines.push(line);
  return lines;
};

test.each([["=1+1", `"'=1+1"`], ["+49 30", `"'+49 30"`], ["-2", `"'-2"`], ["@SUM(A1)", `"'@SUM(A1)"`], [" =1", `"' =1"`], ["\t=1", `"'\t'=1"`], ["x;=1", `"x;'=1"`], ["＝1", `"'＝1"`], ['Anna "A", B', '"Anna ""A"", B"'], ["O'Neil", `"O'Neil"`], ["Åse", "Åse"]])(
  "a spreadsheet shows %j and computes nothing", async (name, cell) => {
    const [, line] = await file("csv", name);
    expect(line!.startsWith(`7,2026-11-25T07:00:00.000Z,${cell},t,o,198.51.100.7,policy.changed,policy,p,done,`)).toBe(true);
  });

test("CSV has a head line, a line for each entry and the anchor", async () => {
  const lines = await file("csv", "A", "B");
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toBe("anchor,9:cd\r\n");
  expect(lines[1]).toContain('"{""name"":""=1+1"",""changed"":[""schedule""]}"');
});

test("each JSON line is one entry as it is hashed, with its hashes; the last is the anchor", async () => {
  const lines = (await file("jsonl", "A")).map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual([entry("A"), { anchor: "9:cd" }]);
});
