import { conflict, invalidIfMatch, missingIfMatch, staleIfMatch } from "./faults";

/**
 * Etags. Task, details and each board format are separate resources with separate etags of the form
 * W/"base64('1-Task  @@@@@@@@@@@@@@@D')". A newer etag of the same resource is the greater string. A write may name an
 * older version: it is merged when nothing it touches has changed since, else refused with 409.
 * https://learn.microsoft.com/graph/api/resources/planner-overview (Planner resource versioning)
 */
export type ResourceKind =
  | "Plan"
  | "PlanDetails"
  | "Bucket"
  | "Task"
  | "TaskDetails"
  | "AssignedToTaskBoardTaskFormat"
  | "BucketTaskBoardTaskFormat"
  | "ProgressTaskBoardTaskFormat";

const VERSION_LENGTH = 16;
const AT = "@".charCodeAt(0);
const ETAG = /^W\/"([A-Za-z0-9+/]+={0,2})"$/;
const DECODED = /^'1-([A-Za-z]+) *([@-|]{16})'$/;

/** Last digit steps by four (16 values), the others by one (32 values): all printable, and greater means newer. */
function encodeVersion(version: number): string {
  let rest = Math.floor(version / 16);
  let text = String.fromCharCode(AT + 4 * (version % 16));
  while (text.length < VERSION_LENGTH) {
    text = String.fromCharCode(AT + (rest % 32)) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function decodeVersion(text: string): number | null {
  let version = 0;
  for (const char of text.slice(0, -1)) {
    const digit = char.charCodeAt(0) - AT;
    if (digit > 31) return null;
    version = version * 32 + digit;
  }
  const last = text.charCodeAt(VERSION_LENGTH - 1) - AT;
  return last % 4 === 0 ? version * 16 + last / 4 : null;
}

export class Revision {
  private version: number;
  private text: string | null = null;
  private changed: Map<string, number> | null = null;

  /** `first` differs between objects, so that another object's etag seldom passes for this one's. */
  constructor(
    private readonly kind: ResourceKind,
    private readonly first: number,
  ) {
    this.version = first;
  }

  get etag(): string {
    this.text ??= `W/"${Buffer.from(`'1-${this.kind.padEnd(6)}${this.kind.length > 6 ? " " : ""}${encodeVersion(this.version)}'`).toString("base64")}"`;
    return this.text;
  }

  /** A new version in which `fields` changed. */
  touch(fields: Iterable<string>): void {
    this.version += 1;
    this.text = null;
    this.changed ??= new Map();
    for (const field of fields) this.changed.set(field, this.version);
  }

  /** Throws 412 or 409 unless a write of `fields` ("all" for a delete) may follow the version named by If-Match. */
  require(ifMatch: string | undefined, fields: Iterable<string> | "all"): void {
    const seen = this.parse(ifMatch);
    if (seen < this.first || seen > this.version) throw staleIfMatch();
    if (seen === this.version) return;
    if (fields === "all") throw conflict();
    for (const field of fields) if ((this.changed?.get(field) ?? 0) > seen) throw conflict();
  }

  private parse(ifMatch: string | undefined): number {
    if (ifMatch === undefined || ifMatch === "") throw missingIfMatch();
    const encoded = ETAG.exec(ifMatch)?.[1];
    const decoded = encoded === undefined ? null : DECODED.exec(Buffer.from(encoded, "base64").toString("latin1"));
    if (!decoded || decoded[1] !== this.kind) throw invalidIfMatch();
    const version = decodeVersion(decoded[2] ?? "");
    if (version === null) throw invalidIfMatch();
    return version;
  }
}
