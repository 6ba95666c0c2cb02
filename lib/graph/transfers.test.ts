import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createGraph } from "./api";
import { createGovernor } from "./governor";
import { QuickXorHash } from "./quickXorHash";
import { codeOf, FakeClock, json } from "./testing/fakes";

const CUTS = process.env.PLANBACK_LONG === "1" ? 1_000 : 100;
const UNIT = 320 * 1024;
const RANGE = 16 * UNIT;

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const quickXor = (bytes: Uint8Array) => {
  const hash = new QuickXorHash();
  hash.update(bytes);
  return hash.digest();
};

/** Bytes that differ everywhere, from a seed. */
function bytesOf(size: number, random: () => number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = Math.floor(random() * 2 ** 31) | 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

type CutUpload = "nothing kept" | "whole units kept" | "all kept, answer lost" | "all kept, answer cut" | "kept, gateway error";
const CUT_UPLOADS: CutUpload[] = ["nothing kept", "whole units kept", "all kept, answer lost", "all kept, answer cut", "kept, gateway error"];

/** A document library with one file and one upload session, both of which break off where they are told. */
class Library {
  content: Buffer | null = null;
  version = 1;
  /** The byte of the whole transfer at which it breaks off, and how often. */
  cutAt = -1;
  cuts = 1;
  hits = 0;
  cutUpload: CutUpload = "nothing kept";
  beforeRange: () => void = () => undefined;
  /** What the item says instead of the truth. */
  told: { size?: number; hash?: string } = {};
  store = (bytes: Buffer): Buffer => bytes;
  accepted = 0;
  private received: Buffer[] = [];
  private total: number | null = null;
  readonly clock: FakeClock;

  constructor(seed: number) {
    this.clock = new FakeClock(seed);
  }

  graph() {
    return createGraph({
      tokens: async () => "token",
      origins: { cloud: "global" as const, loginOrigin: "https://login.microsoftonline.com", graphOrigin: "https://graph.microsoft.com", sharepointUrl: "https://{host}" },
      governor: createGovernor({ clock: this.clock }),
      clock: this.clock,
      fetch: ((input: string, init: RequestInit) => this.fetch(new URL(input), init)) as typeof fetch,
    });
  }

  private async fetch(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (url.hostname === "graph.microsoft.com") {
      if (url.pathname.endsWith("/createUploadSession")) {
        this.received = [];
        this.total = null;
        return json(200, { uploadUrl: "https://contoso.sharepoint.com/upload" });
      }
      if (init.method === "PUT") return this.commit(Buffer.from(init.body as Uint8Array));
      return this.content ? json(200, this.item()) : json(404, {});
    }
    expect(headers.has("authorization")).toBe(false);
    if (url.pathname === "/content") return this.download(headers);
    return init.method === "PUT" ? this.put(headers, Buffer.from(init.body as Uint8Array)) : this.total === null && this.content ? json(404, {}) : this.progress(200);
  }

  private item() {
    const content = this.content!;
    return {
      id: "i", webUrl: "https://contoso.sharepoint.com/x", size: this.told.size ?? content.length, cTag: `"c${this.version}"`,
      file: { hashes: { quickXorHash: this.told.hash ?? quickXor(content) } }, "@microsoft.graph.downloadUrl": "https://contoso.sharepoint.com/content",
    };
  }

  private download(headers: Headers): Response {
    const from = Number(/^bytes=(\d+)-/.exec(headers.get("range") ?? "")?.[1] ?? 0);
    if (from > 0) this.beforeRange();
    const content = this.content!;
    const etag = `"v${this.version}"`;
    const isOld = headers.has("if-range") && headers.get("if-range") !== etag;
    const start = isOld ? 0 : from;
    if (from > 0 && !isOld && start >= content.length) return new Response(null, { status: 416 });
    const cut = this.hits < this.cuts && this.cutAt >= start ? this.cutAt : Infinity;
    let at = start;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const end = Math.min(content.length, at + 64 * 1024, cut);
        if (end > at) controller.enqueue(content.subarray(at, end));
        at = end;
        if (at === cut) {
          this.hits++;
          return controller.error(new TypeError("terminated"));
        }
        if (at >= content.length) controller.close();
      },
    }, { highWaterMark: 0 });
    const range: Record<string, string> = start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    return new Response(body, { status: start > 0 ? 206 : 200, headers: { etag, "content-length": String(content.length - start), ...range } });
  }

  private put(headers: Headers, bytes: Buffer): Response {
    const [start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "")!.slice(1).map(Number) as [number, number, number];
    const next = this.received.reduce((sum, part) => sum + part.length, 0);
    if (this.total === null && this.content && this.received.length === 0 && start > 0) return json(404, {});
    if (end - start + 1 !== bytes.length || start !== next) return json(416, {});
    if (end + 1 < total && bytes.length % UNIT !== 0) return json(400, {});
    this.total = total;
    const cut = this.hits < this.cuts && this.cutAt >= start && this.cutAt <= end;
    if (!cut) return this.take(bytes);
    this.hits++;
    if (this.cutUpload === "nothing kept") throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) });
    if (this.cutUpload === "whole units kept") {
      const kept = bytes.subarray(0, Math.floor((this.cutAt - start) / UNIT) * UNIT);
      if (kept.length > 0) this.received.push(kept);
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) });
    }
    const answer = this.take(bytes);
    if (this.cutUpload === "kept, gateway error") return json(504, {});
    if (this.cutUpload === "all kept, answer lost") throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "UND_ERR_SOCKET" }) });
    return new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) }), { status: answer.status });
  }

  private take(bytes: Buffer): Response {
    this.received.push(bytes);
    this.accepted += bytes.length;
    const size = this.received.reduce((sum, part) => sum + part.length, 0);
    if (size < this.total!) return this.progress(202);
    const whole = Buffer.concat(this.received);
    this.received = [];
    this.total = null;
    return this.commit(whole);
  }

  private commit(bytes: Buffer): Response {
    this.content = this.store(bytes);
    this.version++;
    return json(201, this.item());
  }

  private progress(status: number): Response {
    return json(status, { nextExpectedRanges: [`${this.received.reduce((sum, part) => sum + part.length, 0)}-`] });
  }
}

async function read(library: Library): Promise<Buffer> {
  const { stream } = await library.graph().download("d", "i");
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inPieces(content: Buffer, piece = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += piece) yield content.subarray(at, at + piece);
}

describe("download", () => {
  test(`cut at ${CUTS} random places, some twice: byte for byte`, async () => {
    for (let seed = 1; seed <= CUTS; seed++) {
      const library = new Library(seed);
      const { random } = library.clock;
      library.content = bytesOf(1 + Math.floor(random() * 2_000_000), random);
      library.cutAt = Math.floor(random() * library.content.length);
      library.cuts = 1 + (seed % 2);
      expect(sha(await read(library)), `seed ${seed}`).toBe(sha(library.content));
      expect(library.hits, `seed ${seed}`).toBeGreaterThanOrEqual(1);
    }
  });

  test("changed between two ranges, in its bytes only or in its length: refused, never mixed", async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const library = new Library(seed);
      const { random } = library.clock;
      library.content = bytesOf(500_000, random);
      library.cutAt = 1 + Math.floor(random() * 499_000);
      library.beforeRange = () => {
        library.content = bytesOf(seed % 2 ? 500_000 : 600_000, random);
        library.version++;
      };
      expect(await codeOf(read(library)), `seed ${seed}`).toBe("graph_conflict");
      expect(library.hits).toBe(1);
    }
  });

  test("changed without a new etag, of another length, or of another hash than told: a named failure", async () => {
    const of = (told: Library["told"], change = false) => {
      const library = new Library(7);
      library.content = bytesOf(300_000, library.clock.random);
      library.told = told;
      if (change) {
        library.cutAt = 100_000;
        library.beforeRange = () => (library.content = bytesOf(300_000, library.clock.random));
      }
      return codeOf(read(library));
    };
    expect(await of({})).toBe("resolved");
    expect(await of({}, true)).toBe("graph_unavailable");
    expect(await of({ size: 299_999 })).toBe("graph_unavailable");
    expect(await of({ size: 300_001 })).toBe("graph_unavailable");
    expect(await of({ hash: quickXor(Buffer.from("other")) })).toBe("graph_unavailable");
  });
});

describe("upload", () => {
  const upload = (library: Library, content: Buffer) => library.graph().upload("g", "a/b.bin", content.length, inPieces(content));

  test(`cut at ${CUTS} random places in five ways: byte for byte, and no short file`, async () => {
    const all = bytesOf(RANGE * 2, new FakeClock().random);
    for (let seed = 1; seed <= CUTS; seed++) {
      const library = new Library(seed);
      const { random } = library.clock;
      const content = all.subarray(Math.floor(random() * UNIT), RANGE + UNIT + Math.floor(random() * RANGE * 0.5));
      library.cutAt = Math.floor(random() * content.length);
      library.cutUpload = CUT_UPLOADS[seed % CUT_UPLOADS.length]!;
      const outcome = await upload(library, content);
      const context = `seed ${seed}, ${library.cutUpload} at ${library.cutAt} of ${content.length}`;
      expect(outcome.kind, context).toBe("done");
      expect(library.content!.equals(content), context).toBe(true);
      expect(library.hits, context).toBe(1);
    }
  }, 120_000);

  test("cut again and again at the same place: a named failure, and no short file", async () => {
    const library = new Library(3);
    library.cutAt = RANGE + 5;
    library.cuts = 1_000;
    expect(await upload(library, bytesOf(RANGE * 2, library.clock.random))).toMatchObject({ kind: "unknown", error: { code: "graph_unknown_outcome" } });
    expect(library.content).toBeNull();
    expect(library.hits).toBe(7);
  });

  test.each([1_000, RANGE + 1_000])("%i bytes of which one is stored wrong, or the last is missing: not counted as uploaded", async (size) => {
    for (const store of [(bytes: Buffer) => Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)]), (bytes: Buffer) => bytes.subarray(0, -1)]) {
      const library = new Library(5);
      library.store = store;
      expect(await upload(library, bytesOf(size, library.clock.random))).toMatchObject({ kind: "unknown", error: { code: "graph_unknown_outcome" } });
    }
  });

  test("memory holds one range, however large the file", async () => {
    const library = new Library(9);
    let pulled = 0;
    let most = 0;
    const piece = Buffer.alloc(64 * 1024, 7);
    const size = 12 * RANGE;
    async function* content() {
      for (; pulled < size; pulled += piece.length) {
        most = Math.max(most, pulled - library.accepted);
        yield piece;
      }
    }
    expect((await library.graph().upload("g", "big.bin", size, content())).kind).toBe("done");
    expect(most).toBeLessThanOrEqual(RANGE);
  });
});

describe("QuickXorHash", () => {
  // Made with the published algorithm: https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash
  test.each([
    ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    ["J", "SgAAAAAAAAAAAAAAAQAAAAAAAAA="],
    ["Co", "Q3gDAAAAAAAAAAAAAgAAAAAAAAA="],
  ])("of %j", (text, hash) => {
    expect(quickXor(Buffer.from(text))).toBe(hash);
  });

  test("does not depend on how the content is cut", () => {
    const { random } = new FakeClock(2);
    const content = bytesOf(10_000, random);
    for (let i = 0; i < 50; i++) {
      const hash = new QuickXorHash();
      const at = Math.floor(random() * content.length);
      hash.update(content.subarray(0, at));
      hash.update(content.subarray(at));
      expect(hash.digest(), `cut at ${at}`).toBe(quickXor(content));
    }
  });
});
