/** The activity log as files. Pure. */
import { csvText } from "@/lib/export/text";
import type { ExportedEntry } from "./activity";
import { anchorText, type Anchor } from "./auditChain";

export type ExportFormat = "csv" | "jsonl";

/** Lines of the file, each with its end. The last one is the anchor: the end of the log when it was exported. */
export async function* activityLines(format: ExportFormat, rows: AsyncIterable<ExportedEntry>, head: Anchor): AsyncGenerator<string> {
  if (format === "jsonl") {
    for await (const row of rows) yield `${JSON.stringify(row)}\n`;
    yield `${JSON.stringify({ anchor: anchorText(head) })}\n`;
    return;
  }
  yield csvLine(["number", "time", "person", "Microsoft tenant", "person's id", "address", "action", "kind of target", "target", "outcome", "detail", "hash before", "hash"]);
  for await (const { seq, at, actor, ip, action, target, outcome, detail, prevHash, hash } of rows) {
    yield csvLine([seq, at, actor.name, actor.tid, actor.oid, ip, action, target?.kind, target?.id, outcome, JSON.stringify(detail), prevHash, hash]);
  }
  yield csvLine(["anchor", anchorText(head)]);
}

/** https://www.rfc-editor.org/rfc/rfc4180. A cell that a spreadsheet would compute gets an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection). */
function csvLine(cells: (string | number | null | undefined)[]): string {
  return `${cells.map((cell) => csvCell(cell ?? "")).join(",")}\r\n`;
}

function csvCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const safe = csvText(value);
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
