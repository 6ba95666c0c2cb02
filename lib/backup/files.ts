import { createHash } from "node:crypto";
import { isPlanbackError, PlanbackError } from "@/lib/errors";
import type { GraphApi } from "@/lib/graph";
import { decodeReferenceKey } from "@/lib/planner/references";
import type { Attachment, Gap, GapReason } from "@/lib/planner/types";
import { inParallel } from "@/lib/repository/parallel";
import type { Repository } from "@/lib/repository/types";
import { gap, gapReason } from "./gaps";
import type { HeldTask } from "./taskReading";

export interface FileReading {
  attachments: Attachment[];
  gaps: Gap[];
}

type Content = Omit<Attachment, "id" | "taskId" | "referenceKey">;
type Found = { content: Content } | { reason: GapReason; permanent: boolean } | null;

/** Files are big: a few at a time keep memory and the connection's share of the bandwidth small. */
const PARALLEL = 3;
/** How often a file that changes while it is read is begun again. */
const FILE_TRIES = 3;

/** Reads the files behind references into the repository; each URL once per run, unchanged ones not again. */
export class FileReader {
  private readonly byUrl = new Map<string, Promise<Found>>();
  private earlier: Promise<Map<string, Attachment>> | null = null;
  /** What this run added to the repository. */
  readonly added = { files: 0, bytes: 0 };

  constructor(
    private readonly graph: GraphApi,
    private readonly repository: Repository,
    private readonly options: { groupId: string; previousManifestId: string | null; maxFileBytes: number; signal?: AbortSignal },
  ) {}

  /** Files of several tasks. */
  async read(tasks: HeldTask[], onProgress: (done: number, total: number) => void): Promise<Map<string, FileReading>> {
    const readings = new Map<string, FileReading>();
    const work = tasks.flatMap((task) => task.references.map((key) => ({ taskId: task.id, key })));
    let done = 0;
    await inParallel(work, PARALLEL, async ({ taskId, key }) => {
      const reading = readings.get(taskId) ?? { attachments: [], gaps: [] };
      readings.set(taskId, reading);
      const id = `${taskId}/${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
      const found = await this.contentOf(decodeReferenceKey(key));
      if (found && "content" in found) reading.attachments.push({ id, taskId, referenceKey: key, ...found.content });
      else if (found) reading.gaps.push(gap("file", id, "The content of a file attached to a task", found.reason, { taskId, permanent: found.permanent }));
      onProgress(++done, work.length);
    });
    return readings;
  }

  private contentOf(url: string): Promise<Found> {
    let found = this.byUrl.get(url);
    if (!found) this.byUrl.set(url, (found = this.fetch(url)));
    return found;
  }

  private async fetch(url: string): Promise<Found> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.fetchOnce(url);
      } catch (error) {
        if (isPlanbackError(error, "graph_conflict") && attempt < FILE_TRIES) continue;
        const reason = gapReason(error);
        // A link to a file that was deleted has no content, as a link to a web page has none.
        return { reason, permanent: reason === "not_found" };
      }
    }
  }

  private async fetchOnce(url: string): Promise<Found> {
    const item = await this.graph.driveItemOfUrl(this.options.groupId, url);
    if (!item) return null;
    if (item["folder"] || item["package"]) return { reason: "not_a_file", permanent: true };
    if (item["malware"]) return { reason: "malware", permanent: true };
    if (item.size > this.options.maxFileBytes) return { reason: "too_large", permanent: false };
    const contentTag = typeof item["cTag"] === "string" ? item["cTag"] : null;
    const facts = { name: item.name, contentType: mimeType(item["file"]), driveItemId: item.id, contentTag };
    const same = contentTag ? (await this.previous()).get(`${item.id} ${contentTag}`) : undefined;
    if (same && (await this.repository.hasFile(same.fileId))) return { content: { ...facts, size: same.size, sha256: same.sha256, fileId: same.fileId } };
    const { stream, size } = await this.graph.download(item.driveId, item.id, this.options.signal);
    const stored = await this.repository.putFile(stream, this.options.signal);
    if (stored.size !== size) throw new PlanbackError("graph_unavailable", "A file from Microsoft 365 did not arrive whole. It was not stored.");
    if (stored.isNew) {
      this.added.files += 1;
      this.added.bytes += stored.size;
    }
    return { content: { ...facts, size: stored.size, sha256: stored.sha256, fileId: stored.fileId } };
  }

  /** Attachments of the snapshot before, by item and version of the content. */
  private previous(): Promise<Map<string, Attachment>> {
    return (this.earlier ??= this.readPrevious());
  }

  private async readPrevious(): Promise<Map<string, Attachment>> {
    const { previousManifestId } = this.options;
    if (!previousManifestId) return new Map();
    const found = new Map<string, Attachment>();
    try {
      for await (const record of this.repository.readRecords(previousManifestId, ["attachment"])) {
        if (record.kind === "attachment" && record.attachment.contentTag) found.set(`${record.attachment.driveItemId} ${record.attachment.contentTag}`, record.attachment);
      }
    } catch (error) {
      // The snapshot before is only a short cut; when it cannot be read, everything is read from Microsoft 365.
      if (!isPlanbackError(error, "repository_damaged")) throw error;
    }
    return found;
  }
}

function mimeType(file: unknown): string | null {
  const type = (file as { mimeType?: unknown } | null | undefined)?.mimeType;
  return typeof type === "string" ? type : null;
}
