import { createHash } from "node:crypto";
import type { SimGroup, SimTenant, SimWorld } from "../../model";
import { quickXorHash } from "./quickXorHash";

export interface DriveItemRecord {
  id: string;
  drive: DriveRecord;
  parent: DriveItemRecord | null;
  name: string;
  folder: boolean;
  /** Files only. A function makes the content when it is first read. */
  content: Buffer | (() => Buffer);
  size: number;
  /** Counts changes; part of eTag and cTag. */
  version: number;
  createdAt: number;
  modifiedAt: number;
  createdBy: string | null;
  contentType: string;
  malware: boolean;
  /** After so many downloads, whole or in part, somebody changes the file. */
  changesAfter: number | null;
  children: Map<string, DriveItemRecord>;
  hash: string | null;
}

export interface DriveRecord {
  id: string;
  tenant: SimTenant;
  groupId: string;
  sitePath: string;
  root: DriveItemRecord;
  items: Map<string, DriveItemRecord>;
}

export interface UploadSession {
  id: string;
  drive: DriveRecord;
  parent: DriveItemRecord;
  name: string;
  conflict: ConflictBehavior;
  by: string | null;
  received: Buffer[];
  next: number;
  total: number | null;
  expiresAt: number;
}

export type ConflictBehavior = "fail" | "replace" | "rename";

/** Document libraries of groups: folders and files, upload sessions and download tickets, in memory. */
export class DriveStore {
  private readonly byGroup = new Map<string, DriveRecord>();
  private readonly byId = new Map<string, DriveRecord>();
  readonly sessions = new Map<string, UploadSession>();
  /** Pre-authenticated download tickets. */
  readonly tickets = new Map<string, { item: DriveItemRecord; expiresAt: number }>();
  /** How long a download URL lives (ms). */
  ticketLifetimeMs = 60 * 60_000;
  /** Bytes that a drive may hold; beyond: 507. */
  quotaBytes = 25 * 2 ** 40;
  /** Word, Excel and PowerPoint files answer with the address of their viewer as webUrl, as SharePoint does. */
  officeViewerUrls = false;

  constructor(private readonly world: SimWorld) {}

  /** The drive of a group, made when first looked at. */
  ofGroup(tenant: SimTenant, group: SimGroup): DriveRecord {
    const known = this.byGroup.get(group.id);
    if (known) return known;
    const id = `b!${createHash("sha256").update(`drive ${group.id}`).digest("base64url").replace(/[-_]/g, "x")}`;
    const drive = { id, tenant, groupId: group.id, sitePath: `/sites/${group.mailNickname}`, items: new Map() } as unknown as DriveRecord;
    drive.root = this.item(drive, null, "root", true);
    this.byGroup.set(group.id, drive);
    this.byId.set(id, drive);
    return drive;
  }

  /** A drive by its id; gone with its group. */
  find(id: string): DriveRecord | undefined {
    const drive = this.byId.get(id);
    return drive?.tenant.groups.has(drive.groupId) ? drive : undefined;
  }

  all(): DriveRecord[] {
    return [...this.byId.values()].filter((drive) => drive.tenant.groups.has(drive.groupId));
  }

  /** An item by its path below the root, e.g. "Reports/Q3.xlsx"; names compare without regard to case. */
  atPath(drive: DriveRecord, path: string): DriveItemRecord | undefined {
    let at: DriveItemRecord | undefined = drive.root;
    for (const name of path.split("/").filter(Boolean)) at = at?.children.get(name.toLowerCase());
    return at;
  }

  /** The folder of that name, made when missing. Undefined when a file is in the way. */
  childFolder(parent: DriveItemRecord, name: string): DriveItemRecord | undefined {
    const known = parent.children.get(name.toLowerCase()) ?? this.item(parent.drive, parent, name, true);
    return known.folder ? known : undefined;
  }

  /** Puts a file into a folder; a file of that name gets new content and keeps its id. */
  putFile(parent: DriveItemRecord, name: string, content: Buffer | (() => Buffer), facts: { size: number; by: string | null; contentType?: string; at?: number }): DriveItemRecord {
    const now = facts.at ?? this.world.now();
    const existing = parent.children.get(name.toLowerCase());
    const file = existing ?? this.item(parent.drive, parent, name, false);
    Object.assign(file, { content, size: facts.size, modifiedAt: now, hash: null, contentType: facts.contentType ?? contentTypeOf(name), version: existing ? existing.version + 1 : 1 });
    if (!existing) Object.assign(file, { createdAt: now, createdBy: facts.by });
    return file;
  }

  /** Counts a download; the last one before a planned change changes the file, in every byte and with the same size. */
  downloaded(item: DriveItemRecord): void {
    if (item.changesAfter === null || --item.changesAfter > 0) return;
    item.changesAfter = null;
    Object.assign(item, { content: Buffer.from(contentOf(item).map((byte) => byte ^ 0xff)), hash: null, version: item.version + 1, modifiedAt: this.world.now() });
  }

  remove(item: DriveItemRecord): void {
    for (const child of [...item.children.values()]) this.remove(child);
    item.parent?.children.delete(item.name.toLowerCase());
    item.drive.items.delete(item.id);
  }

  usedBytes(drive: DriveRecord): number {
    let sum = 0;
    for (const item of drive.items.values()) sum += item.size;
    return sum;
  }

  /** A name that is free in the folder: "a.txt", "a 1.txt", "a 2.txt" ... */
  freeName(parent: DriveItemRecord, name: string): string {
    const dot = name.lastIndexOf(".");
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    for (let n = 1; ; n++) {
      const candidate = `${stem} ${n}${extension}`;
      if (!parent.children.has(candidate.toLowerCase())) return candidate;
    }
  }

  private item(drive: DriveRecord, parent: DriveItemRecord | null, name: string, folder: boolean): DriveItemRecord {
    const now = this.world.now();
    const id = `01${this.world.guid().replaceAll("-", "").toUpperCase()}`;
    const item: DriveItemRecord = { id, drive, parent, name, folder, content: Buffer.alloc(0), size: 0, version: 1, createdAt: now, modifiedAt: now, createdBy: null, contentType: "", malware: false, changesAfter: null, children: new Map(), hash: null };
    parent?.children.set(name.toLowerCase(), item);
    drive.items.set(id, item);
    return item;
  }
}

export function contentOf(item: DriveItemRecord): Buffer {
  if (typeof item.content === "function") item.content = item.content();
  return item.content;
}

export const hashOf = (item: DriveItemRecord): string => (item.hash ??= quickXorHash(contentOf(item)));

const TYPES: Record<string, string> = {
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  pdf: "application/pdf",
  png: "image/png",
  txt: "text/plain",
  csv: "text/csv",
};
export const contentTypeOf = (name: string): string => TYPES[name.split(".").pop()!.toLowerCase()] ?? "application/octet-stream";
