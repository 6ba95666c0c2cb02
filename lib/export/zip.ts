/** Everything of the chosen tasks in one archive: the workbook, the JSON, and the stored files under paths of our own making. */
import { Readable } from "node:stream";
import yazl from "yazl";
import { byTask } from "@/lib/planner/by-task";
import type { Attachment } from "@/lib/planner/types";
import { csv } from "./csv";
import { json } from "./json";
import { chosenTasks, tables, type Cell } from "./rows";
import { archivePath } from "./text";
import type { ExportFiles, ExportSource } from "./types";
import { xlsx } from "./xlsx";

/**
 * Files are read one after another, when their turn has come. One that is missing in the storage is left out and named in
 * index.csv; one that turns out damaged ends the archive with an error, so that no cut file looks whole.
 */
export async function* zip(source: ExportSource, files: ExportFiles): AsyncGenerator<Uint8Array> {
  const attachments = byTask(source.content.attachments);
  const rows: Cell[][] = [];
  const stored: { path: string; attachment: Attachment }[] = [];
  for (const { id, task } of chosenTasks(source)) {
    for (const attachment of attachments(id)) {
      const there = await files.has(attachment.fileId);
      const path = there ? archivePath(source.planTitle, stored.length + 1, attachment.name) : null;
      if (path) stored.push({ path, attachment });
      rows.push([path, attachment.name, id, task.title, attachment.size, attachment.sha256, there ? null : "Missing in the storage; another snapshot may hold it."]);
    }
  }
  const archive = new yazl.ZipFile();
  const mtime = new Date(source.takenAt);
  const out = archive.outputStream as Readable;
  archive.on("error", (error: Error) => out.destroy(error));
  const add = (path: string, options: { size?: number; compress: boolean }, content: () => AsyncIterable<Uint8Array>) =>
    archive.addReadStreamLazy(path, { mtime, ...options }, (ready) => {
      const stream = Readable.from(content(), { objectMode: false });
      stream.on("error", (error) => out.destroy(error));
      ready(null, stream);
    });
  add("tasks.xlsx", { compress: false }, () => xlsx(tables(source)));
  add("tasks.json", { compress: true }, () => json(source));
  add("index.csv", { compress: true }, () => csv({ name: "Files", columns: ["Path", "Name", "Task ID", "Task Name", "Bytes", "SHA-256", "Note"], rows }));
  // Most files of Microsoft 365 are archives already.
  for (const { path, attachment } of stored) add(path, { size: attachment.size, compress: false }, () => files.read(attachment.fileId));
  archive.end();
  for await (const chunk of out) yield chunk as Uint8Array;
}
