import type { Gap, SnapshotContent } from "@/lib/planner/types";

export const EXPORT_FORMATS = ["xlsx", "csv", "json", "ics", "zip"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A snapshot, or some tasks of one (`select`), ready to be written in any format. */
export interface ExportSource {
  content: SnapshotContent;
  gaps: Gap[];
  /** What could not be read from the storage, in words. */
  damaged: string[];
  planTitle: string;
  groupName: string;
  takenAt: string;
  exportedAt: string;
  state: "complete" | "partial";
  /** Null: all tasks. */
  chosen: ReadonlySet<string> | null;
}

/** The stored files, for the ZIP. */
export interface ExportFiles {
  has(fileId: string): Promise<boolean>;
  read(fileId: string): AsyncIterable<Uint8Array>;
}
