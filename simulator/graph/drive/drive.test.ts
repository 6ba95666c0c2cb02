import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BACKUP_SCOPES, CONTOSO, GROUPS, PEOPLE } from "../../fixtures";
import { startSimulator, type Simulator } from "../../server";
import { callerFor, request, type Caller } from "../../testing";
import { quickXorHash } from "./quickXorHash";

let simulator: Simulator;
let backup: Caller;
beforeAll(async () => {
  simulator = await startSimulator({ size: "small" });
  backup = await callerFor(simulator);
});
afterAll(() => simulator.close());

const drive = `/groups/${GROUPS.marketing}/drive`;
const UNIT = 327_680;
const sessionFor = async (name: string, item: object = {}): Promise<string> => (await backup.send("POST", `${drive}/root:/${name}:/createUploadSession`, { item })).body["uploadUrl"] as string;
const put = (url: string, bytes: Buffer, start: number, total: number) => request(simulator, "PUT", url, { headers: { "content-range": `bytes ${start}-${start + bytes.length - 1}/${total}` }, body: bytes });

describe("files by path and id (driveitem-get, driveitem-get-content, driveitem-put-content)", () => {
  it("a simple upload is 201, again it is 200 with the same id and another eTag; folders on the way are made", async () => {
    const first = await backup.send("PUT", `${drive}/root:/A/B/note.txt:/content`, Buffer.from("one"), { "content-type": "text/plain" });
    const second = await backup.send("PUT", `${drive}/root:/A/B/note.txt:/content`, Buffer.from("two!"));
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.id).toBe(first.body.id);
    expect(second.body["eTag"]).not.toBe(first.body["eTag"]);
    expect(second.body).toMatchObject({ size: 4, webUrl: "https://contoso.sharepoint.com/sites/marketing/Shared%20Documents/A/B/note.txt", parentReference: { path: expect.stringMatching(/\/root:\/A\/B$/) } });
    expect((await backup.get(`${drive}/root:/A/B:/children`)).body.value.map((child) => child["name"])).toEqual(["note.txt"]);
  });

  it("conflictBehavior: fail is 409 nameAlreadyExists, rename makes another name", async () => {
    const to = (behavior: string) => backup.send("PUT", `${drive}/root:/c.txt:/content?@microsoft.graph.conflictBehavior=${behavior}`, Buffer.from("x"));
    expect((await to("fail")).status).toBe(201);
    expect(await to("fail")).toMatchObject({ status: 409, body: { error: { code: "nameAlreadyExists" } } });
    expect((await to("rename")).body["name"]).toBe("c 1.txt");
  });

  it("content is a 302 to a URL on SharePoint that works without a token and answers 401 to one", async () => {
    const bytes = randomBytes(5000);
    const { id } = (await backup.send("PUT", `${drive}/root:/d.bin:/content`, bytes)).body;
    const driveId = (await backup.get(drive)).body.id;
    const moved = await backup.get(`/drives/${driveId}/items/${id}/content`);
    expect(moved.status).toBe(302);
    const url = moved.headers.get("location")!;
    expect(url).toMatch(/^https:\/\/contoso\.sharepoint\.com\//);
    expect((await request(simulator, "GET", url)).body.bytes.equals(bytes)).toBe(true);
    expect((await request(simulator, "GET", url, { headers: { authorization: "Bearer x" } })).status).toBe(401);
    const part = await request(simulator, "GET", url, { headers: { range: "bytes=1000-1999" } });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe("bytes 1000-1999/5000");
    expect(part.body.bytes.equals(bytes.subarray(1000, 2000))).toBe(true);
    expect((await request(simulator, "GET", url, { headers: { range: "bytes=9000-" } })).status).toBe(416);
    simulator.world.moveClock(2 * 3_600_000);
    expect((await request(simulator, "GET", url)).status).toBe(401);
    simulator.world.moveClock(-2 * 3_600_000);
  });

  it("the group scopes read an item by path with its downloadUrl, but neither the drive nor /content (permissions-reference)", async () => {
    const reader = await callerFor(simulator, { scopes: BACKUP_SCOPES });
    const item = await reader.get(`${drive}/root:/Product%20launch/Wireframes.pdf`);
    expect(item).toMatchObject({ status: 200, body: { name: "Wireframes.pdf", size: 186_000, file: { mimeType: "application/pdf" } } });
    const content = await request(simulator, "GET", item.body["@microsoft.graph.downloadUrl"] as string);
    expect(content.body.bytes).toHaveLength(186_000);
    expect((item.body["file"] as { hashes: { quickXorHash: string } }).hashes.quickXorHash).toBe(quickXorHash(content.body.bytes));
    expect((await reader.get(drive)).status).toBe(403);
    expect((await reader.get(`${drive}/root:/Product%20launch/Wireframes.pdf:/content`)).status).toBe(403);
    expect((await reader.send("PUT", `${drive}/root:/no.txt:/content`, Buffer.from("x"))).status).toBe(403);
  });

  it("a sharing token is u! and the URL in base64url (shares-get); an unknown one is itemNotFound", async () => {
    const token = (url: string) => `u!${Buffer.from(url).toString("base64url")}`;
    const known = await backup.get(`/shares/${token("https://contoso.sharepoint.com/sites/marketing/Shared%20Documents/Product%20launch/Launch%20budget.xlsx")}/driveItem`);
    expect(known.body["name"]).toBe("Launch budget.xlsx");
    expect((await backup.get(`/shares/${token("https://contoso.sharepoint.com/sites/marketing/Shared%20Documents/nothing.txt")}/driveItem`)).body.error.code).toBe("itemNotFound");
  });

  it("with viewer URLs on, an Office file names its viewer page, and a sharing token of that page finds it", async () => {
    simulator.stores.drives.officeViewerUrls = true;
    const { webUrl } = (await backup.get(`${drive}/root:/Product%20launch/Launch%20budget.xlsx`)).body as { webUrl?: string };
    expect(webUrl).toContain("/_layouts/15/Doc.aspx?sourcedoc=%7B");
    expect((await backup.get(`/shares/u!${Buffer.from(webUrl!).toString("base64url")}/driveItem`)).body["name"]).toBe("Launch budget.xlsx");
    simulator.stores.drives.officeViewerUrls = false;
  });

  it("a private group's files are for its members; malware is not handed out", async () => {
    expect((await backup.get(`/groups/${GROUPS.executiveBoard}/drive`)).body.error.code).toBe("accessDenied");
    await backup.send("PUT", `${drive}/root:/bad.exe:/content`, Buffer.from("x"));
    await request(simulator, "POST", "/_simulator/file", { body: JSON.stringify({ tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, path: "bad.exe", malware: true }) });
    const item = await backup.get(`${drive}/root:/bad.exe`);
    expect(item.body).toHaveProperty("malware");
    expect(item.body).not.toHaveProperty("@microsoft.graph.downloadUrl");
    expect((await backup.get(`${drive}/root:/bad.exe:/content`)).body.error.code).toBe("malwareDetected");
  });
});

describe("upload sessions (driveitem-createuploadsession)", () => {
  it("takes fragments in order, says what it expects next, resumes, and answers 201 with the item", async () => {
    const bytes = randomBytes(UNIT * 2 + 77);
    const url = await sessionFor("big%20file.bin");
    const first = await put(url, bytes.subarray(0, UNIT), 0, bytes.length);
    expect(first).toMatchObject({ status: 202, body: { nextExpectedRanges: [`${UNIT}-${bytes.length - 1}`] } });
    expect((await request(simulator, "GET", url)).body["nextExpectedRanges"]).toEqual([`${UNIT}-${bytes.length - 1}`]);
    expect((await put(url, bytes.subarray(0, UNIT), 0, bytes.length)).status).toBe(416);
    const last = await put(url, bytes.subarray(UNIT), UNIT, bytes.length);
    expect(last).toMatchObject({ status: 201, body: { name: "big file.bin", size: bytes.length } });
    const stored = await request(simulator, "GET", last.body["@microsoft.graph.downloadUrl"] as string);
    expect(stored.body.bytes.equals(bytes)).toBe(true);
    expect((await request(simulator, "GET", url)).status).toBe(404);
  });

  it("refuses fragments that are no multiple of 320 KiB, a changed total, a missing range and a token", async () => {
    const url = await sessionFor("rules.bin");
    expect((await put(url, randomBytes(1000), 0, 5000)).status).toBe(400);
    expect((await put(url, randomBytes(UNIT), 0, UNIT * 3)).status).toBe(202);
    expect((await put(url, randomBytes(UNIT), UNIT, UNIT * 4)).status).toBe(400);
    expect((await request(simulator, "PUT", url, { body: randomBytes(10) })).status).toBe(400);
    expect((await request(simulator, "PUT", url, { headers: { authorization: "Bearer x" }, body: randomBytes(10) })).status).toBe(401);
    expect((await request(simulator, "DELETE", url)).status).toBe(204);
    expect((await put(url, randomBytes(UNIT), UNIT, UNIT * 3)).status).toBe(404);
  });

  it("a name that is taken: fail is 409 at the end, replace is 200", async () => {
    await backup.send("PUT", `${drive}/root:/taken.bin:/content`, Buffer.from("x"));
    const bytes = randomBytes(10);
    expect((await put(await sessionFor("taken.bin", { "@microsoft.graph.conflictBehavior": "fail" }), bytes, 0, 10)).status).toBe(409);
    expect((await put(await sessionFor("taken.bin", { "@microsoft.graph.conflictBehavior": "replace" }), bytes, 0, 10)).status).toBe(200);
  });

  it("app-only needs Sites.ReadWrite.All (permissions-reference)", async () => {
    const app = await callerFor(simulator, { roles: ["Files.ReadWrite.All"] });
    expect((await app.send("POST", `${drive}/root:/x.bin:/createUploadSession`, {})).status).toBe(403);
  });

  it("a full drive is 507 quotaLimitReached", async () => {
    simulator.stores.drives.quotaBytes = 10;
    const ben = await callerFor(simulator, { user: PEOPLE.ben });
    expect((await ben.send("PUT", `${drive}/root:/more.bin:/content`, randomBytes(11))).body.error.code).toBe("quotaLimitReached");
    simulator.stores.drives.quotaBytes = 2 ** 40;
  });
});

it("QuickXorHash of nothing is zero but for the length, and depends on order (code-snippets/quickxorhash)", () => {
  expect(quickXorHash(new Uint8Array())).toBe(Buffer.alloc(20).toString("base64"));
  const ab = quickXorHash(Buffer.from("ab"));
  const expected = Buffer.alloc(20);
  // "a" at bit 0, "b" at bit 11, length 2 over byte 12.
  expected[0] = 0x61;
  expected[1] = (0x62 << 3) & 0xff;
  expected[2] = 0x62 >> 5;
  expected[12] = 2;
  expect(ab).toBe(expected.toString("base64"));
});
