/** Storages that workspaces bring along: tried before they are kept, only where they may be, and their keys sealed. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import type { CloudSettings } from "@/lib/repository";
import { samplePlan, snapshotOf } from "@/lib/repository/testing";
import { CloudServer } from "@/lib/repository/testing-servers";
import { storeMove } from "@/lib/jobs/storeMove";
import { createWorkspace, getStorage, removeOwnStore, saveOwnStore, startMove } from "./index";
import { hostProblem } from "./ownStores";
import { repositoryOf } from "./repository";
import { person } from "./testing";

let database: TestDatabase;
let servers: CloudServer[] = [];
const actor = person("Olga");

beforeAll(async () => {
  servers = await Promise.all([CloudServer.start("s3"), CloudServer.start("azure")]);
  Object.assign(process.env, { OWN_STORAGE_HOSTS: servers.map(({ origin }) => new URL(origin).host).join(","), OWN_STORAGE_PRIVATE: "true" });
  database = await testDatabase();
});
afterAll(async () => {
  await database?.close();
  await Promise.all(servers.map((server) => server.close()));
});

const inputOf = (settings: CloudSettings) => settings.driver === "s3"
  ? { driver: "s3", bucket: settings.bucket, region: settings.region, endpoint: settings.endpoint!, keyId: settings.accessKey!.id, secret: settings.accessKey!.secret, lockDays: settings.lockDays }
  : { driver: "azure", account: settings.account, container: settings.container, endpoint: settings.endpoint, credential: (settings.credential as { key: string }).key, lockDays: settings.lockDays };

test.each([0, 1])("is tried, kept with its keys sealed, moved to and from, and removed (server %i)", async (which) => {
  const ws = (await createWorkspace(actor, { name: "Own" })).id;
  const settings = await servers[which]!.place();
  const input = inputOf(settings);
  const { id, steps } = await saveOwnStore(actor, ws, input);
  expect(steps).toEqual(["write", "keep", "read", "list", "remove"].map((step) => ({ step, problem: null })));
  const { rows } = await query(`SELECT row_to_json(t)::text AS row, encode(sealed_settings, 'escape') AS sealed FROM own_store t WHERE workspace_id = '${ws}'`);
  for (const secret of ["secret" in input ? input.secret : input.credential, ...("keyId" in input ? [input.keyId] : [])]) expect(JSON.stringify(rows)).not.toContain(secret);

  const { manifestId } = await (await repositoryOf(ws)).writeSnapshot(snapshotOf("s1"), samplePlan(20));
  const move = async (place: string) => {
    const { moveId } = await startMove(actor, ws, place);
    await storeMove({ workspaceId: ws, moveId }, { jobId: randomUUID(), attempt: 0, signal: new AbortController().signal }, { holdMs: 0, waitMs: 10 });
    expect(await getStorage(actor, ws)).toMatchObject({ here: { place }, move: { state: "done", problem: null } });
    expect((await (await repositoryOf(ws)).verify([manifestId])).damaged).toEqual([]);
  };
  await move(`own:${id}`);
  await expect(removeOwnStore(actor, ws, id!)).rejects.toMatchObject({ code: "conflict" });
  // New keys for the same place; another place is another storage.
  expect(await saveOwnStore(actor, ws, input, id!)).toMatchObject({ id });
  await expect(saveOwnStore(actor, ws, inputOf(await servers[which]!.place()), id!)).rejects.toMatchObject({ code: "invalid_input" });
  await move("files");
  await removeOwnStore(actor, ws, id!);
  expect((await getStorage(actor, ws)).others).toEqual([]);
});

test("is not kept when it does not do what is needed, and the answer says why", async () => {
  const ws = (await createWorkspace(actor, { name: "Own" })).id;
  const [s3, azure] = servers as [CloudServer, CloudServer];
  const place = await s3.place();
  const noBucket = await saveOwnStore(actor, ws, { ...inputOf(place), bucket: "nobody-has-this" });
  expect(noBucket).toEqual({ id: null, steps: [{ step: "write", problem: "There is no such bucket." }] });
  const wrongKey = await saveOwnStore(actor, ws, { ...inputOf(place), keyId: "nobody" });
  expect(wrongKey).toEqual({ id: null, steps: [{ step: "write", problem: "There is no such key." }] });
  azure.trouble = ({ method }) => (method === "DELETE" ? 403 : null);
  const mayNotRemove = await saveOwnStore(actor, ws, inputOf(await azure.place()));
  azure.trouble = () => null;
  expect(mayNotRemove.id).toBeNull();
  expect(mayNotRemove.steps.map(({ problem }) => problem !== null)).toEqual([false, false, false, false, true]);
  expect((await getStorage(actor, ws)).others).toEqual([]);
  expect(await withWorkspace(ws, (tx) => tx.ownStore.count())).toBe(0);
});

test("asks for a person who has just signed in", async () => {
  const ws = (await createWorkspace(actor, { name: "Own" })).id;
  await expect(saveOwnStore({ ...actor, authenticatedAt: new Date(0) }, ws, inputOf(await servers[0]!.place()))).rejects.toMatchObject({ code: "step_up_required" });
});

test("may be with Amazon or Azure, or where the operator allows it, and nowhere else", () => {
  const s3 = (endpoint: string | null) => ({ driver: "s3", bucket: "b", region: "r", endpoint, accessKey: null, lockDays: null }) as const;
  const strict = { hosts: ["s3.example.com", "10.0.0.5", "[fd00::1]:9000"], allowPrivate: false };
  const allowed = (endpoint: string | null, rules = strict) => hostProblem(s3(endpoint), rules) === null;
  for (const good of [null, "https://contoso.blob.core.windows.net", "https://s3.example.com"]) expect(allowed(good), String(good)).toBe(true);
  for (const bad of [
    "http://s3.example.com", "https://s3.example.com:9000", "https://s3.example.com.evil.example", "https://user:pass@s3.example.com", "https://169.254.169.254", "https://10.0.0.5", "https://[fd00::1]:9000", "https://localhost",
    "https://evil.example/.blob.core.windows.net", "https://contoso.blob.core.windows.net.evil.example", "https://contoso.blob.core.windows.net:8443", "https://a.b.blob.core.windows.net", "ftp://s3.example.com", "s3.example.com", "https://s3.example.com?x=y",
  ]) expect(allowed(bad), bad).toBe(false);
  const open = { ...strict, allowPrivate: true };
  expect([allowed("https://10.0.0.5", open), allowed("http://s3.example.com", open), allowed("https://127.0.0.1", open)]).toEqual([true, true, false]);
});

async function query(sql: string) {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    return await client.query<Record<string, string>>(sql);
  } finally {
    await client.end();
  }
}
