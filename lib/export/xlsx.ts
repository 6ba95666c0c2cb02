/** The one place that knows the spreadsheet library. */
import { PassThrough } from "node:stream";
import { cellText } from "./text";
import type { Cell, DateCell, Table } from "./rows";

/** Excel's limit, the header included. */
const MAX_ROWS = 1_048_576;

/** A workbook with one sheet for each table, written row by row. Text is typed as text, so none of it is a formula. */
export async function* xlsx(tables: readonly Table[], { maxRows = MAX_ROWS } = {}): AsyncGenerator<Uint8Array> {
  const out = new PassThrough();
  const writing = write(tables, out, maxRows).catch((error: Error) => void out.destroy(error));
  try {
    for await (const chunk of out) yield chunk as Uint8Array;
  } finally {
    out.destroy();
  }
  await writing;
}

async function write(tables: readonly Table[], out: PassThrough, maxRows: number): Promise<void> {
  const { WorkbookWriter } = await import("@cj-tech-master/excelts"); // 35 MiB, which processes that export nothing do without
  const book = new WorkbookWriter({ stream: out, useStyles: true, useSharedStrings: false, trueStreaming: true });
  for (const table of tables) {
    const sheet = book.addWorksheet(table.name, { views: [{ state: "frozen", ySplit: 1 }] });
    sheet.columns = table.columns.map((name) => ({ width: Math.min(40, Math.max(14, name.length + 2)) }));
    const header = sheet.addRow([...table.columns]);
    header.font = { bold: true };
    header.commit();
    let left = maxRows - 1;
    for (const cells of table.rows) {
      if (left === 1) {
        sheet.addRow(["Excel holds no more rows in a sheet. The CSV and JSON exports hold all."]).commit();
        break;
      }
      left -= 1;
      const row = sheet.addRow(cells.map(valueOf));
      cells.forEach((cell, at) => {
        if (isDate(cell)) row.getCell(at + 1).numFmt = cell.isDay ? "yyyy-mm-dd" : "yyyy-mm-dd hh:mm";
      });
      row.commit();
      if (out.writableNeedDrain) await drained(out);
    }
    sheet.commit();
  }
  await book.commit();
}

/** Goes on when there is room again, or when nobody reads any more. */
async function drained(out: PassThrough): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = () => {
      out.off("drain", go).off("close", go);
      resolve();
    };
    out.on("drain", go).on("close", go);
  });
  if (out.destroyed) throw new Error("The reader went away.");
}

const isDate = (cell: Cell): cell is DateCell => typeof cell === "object" && cell !== null;

function valueOf(cell: Cell): string | number | boolean | Date | null {
  if (typeof cell === "string") return cell === "" ? null : typed(cell);
  if (!isDate(cell)) return cell;
  const date = new Date(cell.at);
  // Excel counts days from 1900; what it cannot count stays text.
  return date.getUTCFullYear() >= 1901 && date.getUTCFullYear() <= 9999 ? date : typed(cell.at);
}

/** In a string of OOXML `_x0041_` means "A", which the library leaves to its callers. https://learn.microsoft.com/dotnet/api/documentformat.openxml.varianttypes.vtbstring */
function typed(text: string): string {
  return cellText(text).replace(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_");
}
