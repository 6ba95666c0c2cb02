import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { webUrlOf } from "@/simulator/graph/drive/render";
import { contentOf, type DriveItemRecord } from "@/simulator/graph/drive/store";
import { startCloud, type SimulatedCloud } from "./testing/simulator";
import { codeOf } from "./testing/fakes";
import type { GraphApi } from "./types";

let cloud: SimulatedCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.simulator.close());
beforeEach(() => cloud.simulator.reset());

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const drive = (groupId: string = GROUPS.marketing) => {
  const contoso = cloud.simulator.world.tenants.get(CONTOSO.tenantId)!;
  return cloud.simulator.stores.drives.ofGroup(contoso, contoso.groups.get(groupId)!);
};
function addFile(name: string, content: Buffer, groupId: string = GROUPS.marketing): DriveItemRecord {
  const { root } = drive(groupId);
  return cloud.simulator.stores.drives.putFile(root, name, content, { size: content.length, by: PEOPLE.alice.id });
}
async function read(graph: GraphApi, item: DriveItemRecord): Promise<Buffer> {
  const { size, stream } = await graph.download(item.drive.id, item.id);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(size).toBe(item.size);
  return Buffer.concat(chunks);
}

/** A client that records where each request goes, and may break bodies of downloads. */
function watched(options: { purpose?: "backup" | "restore"; cutAt?: (nth: number) => number | null; between?: (nth: number) => void } = {}) {
  const sent: { url: string; bearer: boolean; range: string | null }[] = [];
  let downloads = 0;
  const graph = cloud.graph({
    purpose: options.purpose,
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      sent.push({ url: String(input), bearer: headers.has("authorization"), range: headers.get("range") });
      const isDownload = String(input).includes("download.aspx");
      if (isDownload && downloads > 0) options.between?.(downloads);
      const response = await fetch(input, init);
      const cut = isDownload && response.ok ? (options.cutAt?.(++downloads) ?? null) : null;
      return cut === null ? response : broken(response, cut);
    },
  });
  return { graph, sent };
}

/** The response with its body breaking off after `bytes`. */
function broken(response: Response, bytes: number): Response {
  let left = bytes;
  const body = response.body!.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.error(new TypeError("terminated"));
    },
  }));
  return new Response(body, { status: response.status, headers: response.headers });
}

describe("download", () => {
  test.each([0, 1, 1000, 3_000_000])("%i bytes come as they are, and no bearer token leaves for SharePoint", async (size) => {
    const content = randomBytes(size);
    const { graph, sent } = watched();
    expect(sha(await read(graph, addFile("a.bin", content)))).toBe(sha(content));
    const toFiles = sent.filter((one) => one.url.includes("/sharepoint/"));
    expect(toFiles.length).toBe(1);
    expect(toFiles.some((one) => one.bearer)).toBe(false);
    expect(sent.filter((one) => !toFiles.includes(one)).every((one) => one.bearer)).toBe(true);
  });

  test("cut at 10 places of a real connection: resumed by Range, byte for byte", async () => {
    const content = randomBytes(200_000);
    const item = addFile("cut.bin", content);
    for (let i = 0; i < 10; i++) {
      const at = Math.floor((i / 10) * content.length);
      const { graph, sent } = watched({ cutAt: (nth) => (nth === 1 ? at : nth === 2 ? 500 : null) });
      expect(sha(await read(graph, item)), `cut at ${at}`).toBe(sha(content));
      expect(sent.some((one) => one.range !== null) || at === 0).toBe(true);
    }
  }, 120_000);

  test("a file that changes between two parts is refused, not mixed", async () => {
    const item = addFile("change.bin", randomBytes(100_000));
    const { graph } = watched({ cutAt: (nth) => (nth === 1 ? 5_000 : null), between: () => addFile("change.bin", randomBytes(100_000)) });
    expect(await codeOf(read(graph, item))).toBe("graph_conflict");
  });

  test("a body that never gets further ends as unavailable", async () => {
    const item = addFile("stuck.bin", randomBytes(1000));
    const { graph } = watched({ cutAt: () => 0 });
    expect(await codeOf(read(graph, item))).toBe("graph_unavailable");
  });

  test("a download address that has expired is asked for again", async () => {
    const item = addFile("late.bin", randomBytes(50_000));
    let expired = false;
    const between = () => {
      if (!expired) cloud.simulator.stores.drives.tickets.clear();
      expired = true;
    };
    const { graph, sent } = watched({ cutAt: (nth) => (nth === 1 ? 10_000 : null), between });
    expect(sha(await read(graph, item))).toBe(sha(contentOf(item)));
    expect(sent.filter((one) => one.url.includes("/drives/")).length).toBe(2);
  });

  test("an address that keeps expiring is unavailable, not a lost sign-in", async () => {
    const item = addFile("never.bin", randomBytes(50_000));
    const { graph } = watched({ cutAt: () => 10_000, between: () => cloud.simulator.stores.drives.tickets.clear() });
    expect(await codeOf(read(graph, item))).toBe("graph_unavailable");
  });

  test("an address on a foreign host is not dialled", async () => {
    const item = addFile("x.bin", randomBytes(10));
    const dialled: string[] = [];
    const graph = cloud.graph({
      fetch: async (input, init) => {
        dialled.push(String(input));
        const response = await fetch(input, init);
        const body = (await response.json()) as Record<string, unknown>;
        return Response.json({ ...body, "@microsoft.graph.downloadUrl": "https://evil.example/steal" });
      },
    });
    expect(await codeOf(graph.download(item.drive.id, item.id))).toBe("graph_rejected");
    expect(dialled.length).toBe(1);
  });

  test("stopping early closes the connection", async () => {
    const item = addFile("big.bin", randomBytes(3_000_000));
    const { stream } = await cloud.graph().download(item.drive.id, item.id);
    for await (const chunk of stream) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });
});

describe("driveItemOfUrl", () => {
  test("a file of the group's library, with spaces and accents, found with the permissions of a backup", async () => {
    const item = addFile("Übersicht #1 100% (neu).xlsx", Buffer.from("x"));
    const { graph, sent } = watched();
    expect(await graph.driveItemOfUrl(GROUPS.marketing, webUrlOf(item))).toMatchObject({ id: item.id, driveId: item.drive.id, size: 1 });
    expect(sent.length).toBe(1);
  });

  test.each([
    "https://www.example.com/a.docx", "https://contoso.sharepoint.com.evil.example/sites/x/y/z", "https://user:pw@contoso.sharepoint.com/sites/a/b/c",
    "http://contoso.sharepoint.com/sites/a/b/c", "https://contoso.sharepoint.com:444/sites/a/b/c", "https://contoso.sharepoint.com/sites/marketing",
    "https://contoso.sharepoint.com/sites/marketing/SitePages/Home.aspx", "ftp://contoso.sharepoint.com/x", "not a url", "",
  ])("%s is no file; nothing is sent", async (url) => {
    const { graph, sent } = watched();
    expect(await graph.driveItemOfUrl(GROUPS.marketing, url)).toBeNull();
    expect(sent).toEqual([]);
  });

  test.each([
    "https://contoso-my.sharepoint.com/personal/ann_contoso_com/Documents/Budget.xlsx", "https://contoso.sharepoint.com/Shared%20Documents/Rules.docx",
    "https://contoso.sharepoint.com/sites/finance/Shared%20Documents/Budget.xlsx", "https://contoso.sharepoint.com/sites/marketing/Archive/Old.docx",
  ])("%s is a file elsewhere: forbidden, not taken for a web page, nor for one that is gone", async (url) => {
    expect(await codeOf(cloud.graph().driveItemOfUrl(GROUPS.marketing, url))).toBe("graph_forbidden");
  });

  test("a deleted file is not found; the URL itself is never dialled", async () => {
    const url = webUrlOf(addFile("here.txt", Buffer.from("x"))).replace("here", "gone");
    const { graph, sent } = watched();
    expect(await codeOf(graph.driveItemOfUrl(GROUPS.marketing, url))).toBe("graph_not_found");
    expect(sent.every((one) => one.url.startsWith(`${cloud.simulator.origin}/v1.0/`))).toBe(true);
  });

  test("a file of another group's site is not taken for one of the same path here", async () => {
    addFile("same.txt", Buffer.from("mine"));
    const other = addFile("same.txt", Buffer.from("theirs!"), GROUPS.engineering);
    expect(await cloud.graph({ purpose: "restore" }).driveItemOfUrl(GROUPS.marketing, webUrlOf(other))).toMatchObject({ id: other.id, size: 7 });
    expect(await codeOf(cloud.graph().driveItemOfUrl(GROUPS.marketing, webUrlOf(other)))).toBe("graph_forbidden");
  });
});

describe("upload", () => {
  async function* inPieces(content: Buffer, piece = 100_000): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < content.length; at += piece) yield content.subarray(at, at + piece);
  }
  const stored = (path: string) => {
    const item = cloud.simulator.stores.drives.atPath(drive(), path);
    return item ? sha(contentOf(item)) : null;
  };
  const path = "Restored/r1/Bericht #1 100%.bin";

  test.each([0, 1, 4_000_000, 5 * 1024 * 1024, 12_000_003])("%i bytes arrive as they are, twice at the same path too", async (size) => {
    const content = randomBytes(size);
    const { graph, sent } = watched({ purpose: "restore" });
    for (let i = 0; i < 2; i++) {
      expect(await graph.upload(GROUPS.marketing, path, size, inPieces(content))).toMatchObject({ kind: "done", value: { size } });
      expect(stored(path)).toBe(sha(content));
    }
    expect(sent.filter((one) => one.url.includes("/sharepoint/")).some((one) => one.bearer)).toBe(false);
  });

  test.each(["reset-before", "reset-after", "cut-body"] as const)("%s at each request of a session: whole in the end", async (kind) => {
    const content = randomBytes(12_000_003);
    for (let nth = 1; nth <= 3; nth++) {
      await cloud.simulator.reset();
      cloud.simulator.faults.add({ match: { method: "PUT", regex: "uploadSession$", nth }, action: { kind } });
      const outcome = await cloud.graph({ purpose: "restore" }).upload(GROUPS.marketing, path, content.length, inPieces(content));
      expect(outcome.kind, `${kind} at ${nth}`).toBe("done");
      expect(stored(path)).toBe(sha(content));
      expect(cloud.simulator.faults.list()[0]!.hits).toBe(1);
    }
  });

  test("without the permission to write: not applied", async () => {
    expect(await cloud.graph().upload(GROUPS.marketing, path, 1, inPieces(Buffer.from("x")))).toMatchObject({ kind: "not_applied", error: { code: "graph_forbidden" } });
  });

  test("content of another length than announced is not left as a file", async () => {
    for (const length of [3, 5]) {
      expect(await codeOf(cloud.graph({ purpose: "restore" }).upload(GROUPS.marketing, path, 4, inPieces(randomBytes(length))))).toBe("internal");
      expect(stored(path)).toBeNull();
    }
  });
});
