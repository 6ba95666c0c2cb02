/** A snapshot in the formats of other programs. Pure but for the stored files of the ZIP; nothing here knows who asks. */
import { csv } from "./csv";
import { ics } from "./ics";
import { json } from "./json";
import { tables, taskTable } from "./rows";
import { slug } from "./text";
import type { ExportFiles, ExportFormat, ExportSource } from "./types";
import { xlsx } from "./xlsx";
import { zip } from "./zip";

export { EXPORT_FORMATS, type ExportFiles, type ExportFormat, type ExportSource } from "./types";

/** The bytes of the export, made as they are taken. */
export function renderExport(format: ExportFormat, source: ExportSource, files: ExportFiles): AsyncIterable<Uint8Array> {
  switch (format) {
    case "xlsx": return xlsx(tables(source));
    case "csv": return csv(taskTable(source));
    case "json": return json(source);
    case "ics": return asynchronous(ics(source));
    case "zip": return zip(source, files);
  }
}

/** "product-launch-2026-05-03.xlsx" */
export function exportName(format: ExportFormat, { planTitle, takenAt }: ExportSource): string {
  return `${slug(planTitle, "plan")}-${takenAt.slice(0, 10)}.${format}`;
}

async function* asynchronous<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
