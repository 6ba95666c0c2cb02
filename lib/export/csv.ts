import { stringify } from "csv-stringify";
import { csvText } from "./text";
import type { Cell, Table } from "./rows";

/** A table as CSV (RFC 4180) in UTF-8 with a byte order mark, as Excel wants it. No cell is a formula. */
export async function* csv({ columns, rows }: Table): AsyncGenerator<Uint8Array> {
  const lines = stringify({ bom: true, header: true, columns: [...columns], record_delimiter: "windows" });
  // The stringifier reads from the rows as fast as its own output is taken.
  const feed = async () => {
    for (const row of rows) {
      if (!lines.write(row.map(csvCell))) await new Promise<void>((resolve) => lines.once("drain", resolve));
    }
    lines.end();
  };
  const feeding = feed().catch((error: Error) => void lines.destroy(error));
  for await (const chunk of lines) yield chunk as Uint8Array;
  await feeding;
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "object") return csvCell(cell.isDay ? cell.at.slice(0, 10) : cell.at);
  if (typeof cell !== "string") return String(cell);
  return csvText(cell);
}
