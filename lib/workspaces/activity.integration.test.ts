/** What people do is in the activity log, exactly if it happened; and nobody changes the log unnoticed. */
import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import { AUDIT_ACTIONS, record, recordReading, PLANBACK } from "./audit";
import { anchorText } from "./auditChain";
import { noteConsentLost } from "./consentState";
import * as api from "./index";
import { sealJson } from "./keys";
import { sealPlanNames } from "./planNames";
import { PLACE } from "./sealed";
import type { ActivityEntry, ActivityFilter, Actor, Catalogue } from "./types";

let database: TestDatabase;
let admin: pg.Client;
let owner: Actor;
let ws: string;
const id = randomUUID();
const groupId = randomUUID();

const person = (name: string): Actor => ({ tid: randomUUID(), oid: randomUUID(), name, username: `${name}@contoso.example`, sessionHash: randomBytes(32).toString("hex"), ip: "198.51.100.7" });
const log = async (filter: ActivityFilter = {}): Promise<ActivityEntry[]> => (await api.listActivity(owner, ws, filter)).entries;
const last = async (): Promise<ActivityEntry> => (await log())[0]!;
const idIn = (link: string) => link.slice(link.lastIndexOf("/") + 1);

beforeAll(async () => {
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  owner = person("olga");
  ws = (await api.createWorkspace(owner, { name: "Ours" })).id;
  await fill();
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
});

/** A connection with a catalogue, a plan with a snapshot, and a restore that could run: all with one id. */
async function fill(): Promise<void> {
  const catalogue: Catalogue = { readAt: new Date().toISOString(), groups: [{ id: groupId, name: "Design", visibility: "Public", isMember: true, isOwner: false, unreachable: null, plans: [{ id: "G", title: "Launch", unreachable: null }] }] };
  const w = { workspaceId: ws };
  const sealedCatalogue = await sealJson(ws, "content", PLACE.catalogue(id), catalogue);
  const sealedNames = await sealPlanNames(ws, id, { title: "Launch of the secret", groupName: "Design" });
  const sealedRequest = await sealJson(ws, "content", PLACE.restoreRequest(id), { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" });
  await withWorkspace(ws, async (tx) => {
    await tx.microsoftTenant.create({ data: { ...w, id, tid: owner.tid, name: "Contoso" } });
    await tx.connection.create({ data: { ...w, id, microsoftTenantId: id, oid: randomUUID(), name: "Backup Account", username: "backup", backupState: "active", restoreState: "active", sealedCatalogue } });
    await tx.plan.create({ data: { ...w, id, microsoftTenantId: id, graphPlanId: "G", groupId, sealedNames } });
    await tx.snapshot.create({ data: { ...w, id, planId: id, state: "complete", manifestId: "m", takenAt: new Date(), counts: { records: { task: 1 }, files: 0, fileBytes: 0 } } });
    await tx.restore.create({ data: { ...w, id, snapshotId: id, connectionId: id, startedBy: "x", state: "planned", planHash: "hash", sealedRequest } });
  });
}

const policy = (change: object = {}) => ({ name: "Daily", connectionId: id, schedule: { kind: "daily", at: "02:00", timeZone: "UTC" }, keepCount: 10, keepDays: null, selection: { groups: [{ groupId, planIds: ["G"], includeNew: false }] }, ...change });

describe("what is written", () => {
  test("each action leaves one entry with who, from where, what and on what", async () => {
    const wrote = async (action: string, work: () => Promise<unknown>, expected: object = {}) => {
      const before = (await last()).seq;
      const value = await work();
      const entries = await log();
      expect(entries.filter((entry) => entry.seq > before).map((entry) => entry.action), action).toEqual([action]);
      expect(entries[0], action).toMatchObject({ actor: "olga", ip: "198.51.100.7", outcome: "done", ...expected });
      return value as never;
    };
    expect(await last()).toMatchObject({ seq: 1, action: "workspace.created", actor: "olga", detail: { name: "Ours" } });
    await wrote("workspace.renamed", () => api.renameWorkspace(owner, ws, "Ours again"), { detail: { name: "Ours again" } });

    const invitation: { id: string; link: string } = await wrote("invitation.created", () => api.createInvitation(owner, ws, { role: "viewer" }), { detail: { role: "viewer" } });
    const vic = { ...person("vic"), ip: "203.0.113.5" };
    await wrote("member.joined", () => api.acceptInvitation(vic, idIn(invitation.link)), { actor: "vic", ip: "203.0.113.5", detail: { role: "viewer", invitation: invitation.id } });
    const member = (await api.listMembers(owner, ws)).find((one) => one.name === "vic")!;
    await wrote("member.role_changed", () => api.changeRole(owner, ws, member.id, "operator"), { target: { kind: "member", id: member.id, name: "vic" }, detail: { from: "viewer", to: "operator" } });
    await wrote("session.started", () => api.createSession(vic), { actor: "vic", ip: "203.0.113.5" });
    await wrote("access.refused", () => api.savePolicy(vic, ws, policy()).catch(() => undefined), { actor: "vic", ip: "203.0.113.5", outcome: "refused", detail: { permission: "policy.manage" } });
    await wrote("member.removed", () => api.removeMember(owner, ws, member.id), { detail: { name: "vic", role: "operator" } });
    const second: { id: string } = await wrote("invitation.created", () => api.createInvitation(owner, ws, { role: "admin" }));
    await wrote("invitation.withdrawn", () => api.revokeInvitation(owner, ws, second.id), { target: { kind: "invitation", id: second.id } });

    const link: { id: string } = await wrote("consent.link_created", () => api.createConsentLink(owner, ws, "backup"), { detail: { purpose: "backup" } });
    await wrote("consent.link_withdrawn", () => api.revokeConsentLink(owner, ws, link.id));
    await wrote("consent.lost", () => withWorkspace(ws, (tx) => noteConsentLost(tx, { workspaceId: ws, id }, "backup")), { actor: "Planback", isPlanback: true, ip: null, target: { kind: "tenant", name: "Contoso" } });
    await withWorkspace(ws, (tx) => noteConsentLost(tx, { workspaceId: ws, id }, "backup")); // lost already: nothing new

    const { id: policyId }: { id: string } = await wrote("policy.created", () => api.savePolicy(owner, ws, policy()), { detail: { name: "Daily", schedule: "Every day at 02:00 (UTC)" } });
    await wrote("policy.changed", () => api.savePolicy(owner, ws, policy({ keepCount: 3, schedule: { kind: "hours", every: 6 } }), policyId), { detail: { changed: ["schedule", "keepCount"] } });
    await wrote("policy.disabled", () => api.setPolicyEnabled(owner, ws, policyId, false));
    await wrote("policy.enabled", () => api.setPolicyEnabled(owner, ws, policyId, true), { target: { kind: "policy", id: policyId, name: "Daily" } });
    const key = randomUUID();
    const { runId }: { runId: string } = await wrote("backup.started", () => api.startRun(owner, ws, policyId, key), { detail: { trigger: "manual", policy: policyId } });
    await api.startRun(owner, ws, policyId, key); // the same run: nothing new
    await wrote("backup.cancelled", () => api.cancelRun(owner, ws, runId), { target: { kind: "run", id: runId, name: "Daily" } });
    await wrote("policy.removed", () => api.removePolicy(owner, ws, policyId));

    const request = { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" };
    await wrote("restore.previewed", () => api.createRestore(owner, ws, { snapshotId: id, connectionId: id, requestKey: randomUUID(), request }), { detail: { snapshot: id, into: "in_place" } });
    await wrote("restore.started", () => api.runRestore(owner, ws, id, "hash"), { target: { kind: "restore", id, name: "Launch of the secret" } });
    await wrote("restore.cancelled", () => api.cancelRestore(owner, ws, id));
    const { verificationId }: { verificationId: string } = await wrote("storage.verification_started", () => api.startVerification(owner, ws));
    await wrote("storage.verification_cancelled", () => api.cancelVerification(owner, ws, verificationId));
    await wrote("snapshot.opened", () => api.getSnapshot(owner, ws, id).catch(() => undefined), { target: { kind: "snapshot", id, name: "Launch of the secret" } });
    await api.getSnapshot(owner, ws, id).catch(() => undefined); // the same reading: nothing new
    await wrote("plan.history_opened", () => api.getHistory(owner, ws, id), { target: { kind: "plan", id, name: "Launch of the secret" } });
    await wrote("search.made", () => api.search(owner, ws, { text: "secret launch", planId: null, goneOnly: false, page: 1 }), { detail: {} });
    await wrote("search.rebuilt", () => api.rebuildSearch(owner, ws));

    await wrote("connection.checked", () => api.recheckConnection(owner, ws, id));
    await wrote("connection.extras_on", () => api.setExtras(owner, ws, id, true), { target: { kind: "connection", id } });
    await wrote("connection.extras_off", () => api.setExtras(owner, ws, id, false));
    await wrote("plan.empty_accepted", () => api.acceptEmpty(owner, ws, id), { target: { kind: "plan", id, name: "Launch of the secret" } });
    await wrote("connection.write_removed", () => api.removeWriteAccess(owner, ws, id));
    await wrote("connection.removed", () => api.removeConnection(owner, ws, id), { detail: { name: "Backup Account" } });
    await wrote("audit.verified", () => api.verifyActivity(owner, ws), { detail: { entries: (await last()).seq } });
    await wrote("audit.exported", () => api.exportActivity(owner, ws, { action: "policy.changed" }), { detail: { action: "policy.changed" } });
  });

  test("what is undone leaves no entry", async () => {
    const before = await log();
    await expect(api.changeRole(owner, ws, randomUUID(), "viewer")).rejects.toMatchObject({ code: "not_found" });
    await expect(withWorkspace(ws, async (tx) => {
      await record(tx, ws, owner, { action: "workspace.renamed" });
      throw new Error("undone");
    })).rejects.toThrow("undone");
    expect(await log()).toEqual(before);
  });

  test("entries hold no content, and no line breaks that would forge one", async () => {
    await api.renameWorkspace(owner, ws, "A\r\n2\u2028name\ud83d");
    expect((await last()).detail.name).toBe("A 2 name\ufffd");
    const { rows } = await admin.query<{ text: string }>("SELECT to_jsonb(a)::text AS text FROM audit a WHERE workspace_id = $1", [ws]);
    expect(rows.map((row) => row.text).join()).not.toMatch(/secret|Launch|Design/);
    expect((await api.verifyActivity(owner, ws)).problem).toBeNull();
  });

  test("entries that come at once are one chain", async () => {
    const before = (await last()).seq;
    await Promise.all(Array.from({ length: 40 }, (_, i) => withWorkspace(ws, (tx) => record(tx, ws, i % 2 ? owner : PLANBACK, { action: "backup.started", detail: { i } }))));
    expect((await last()).seq).toBe(before + 40);
    expect(await api.verifyActivity(owner, ws)).toMatchObject({ problem: null, entries: before + 40 });
  });

  test("reading once more after a quarter of an hour, or from elsewhere, is another reading", async () => {
    const read = (actor: Actor) => withWorkspace(ws, (tx) => recordReading(tx, ws, actor, { action: "file.downloaded", target: { kind: "file", id: "f/1" } }));
    const seen = async () => (await log({ target: "f/1" })).length;
    await read(owner);
    await read(owner);
    expect(await seen()).toBe(1);
    await read({ ...owner, ip: "203.0.113.99" });
    await read(person("other"));
    expect(await seen()).toBe(3);
  });
});

describe("looking", () => {
  test("filters by person, action, target and day, in pages", async () => {
    const { actors, head, next } = await api.listActivity(owner, ws);
    expect(actors.map((one) => one.name)).toEqual(expect.arrayContaining(["olga", "vic", "Planback, and people without an account"]));
    const vic = actors.find((one) => one.name === "vic")!.id;
    expect((await log({ actor: vic })).map((entry) => entry.action)).toEqual(["access.refused", "session.started", "member.joined"]);
    expect((await log({ actor: "planback", action: "consent.lost" })).length).toBe(1);
    const today = new Date().toISOString().slice(0, 10);
    expect(await log({ from: today, to: today, action: "workspace.created" })).toHaveLength(1);
    expect(await log({ to: "2020-01-01" })).toEqual([]);
    const pages = [await log(), await log({ before: String(next) })];
    expect(pages[0]).toHaveLength(50);
    expect(pages.flat().map((entry) => entry.seq)).toEqual(Array.from({ length: pages.flat().length }, (_, i) => head!.seq - i));
    for (const filter of [{ actor: "x" }, { action: "x" }, { from: "yesterday" }, { before: "0" }]) await expect(api.listActivity(owner, ws, filter)).rejects.toMatchObject({ code: "invalid_input" });
  });

  test("is for owners and admins", async () => {
    const { link } = await api.createInvitation(owner, ws, { role: "operator" });
    const operator = person("oz");
    await api.acceptInvitation(operator, idIn(link));
    for (const look of [api.listActivity, api.verifyActivity, api.exportActivity]) await expect((look as typeof api.verifyActivity)(operator, ws)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("an export holds everything that is needed to check it elsewhere, up to its own entry", async () => {
    const { head, rows } = await api.exportActivity(owner, ws);
    const exported = [];
    for await (const row of rows) exported.push(row);
    expect(exported.map((row) => row.seq)).toEqual(Array.from({ length: head.seq }, (_, i) => i + 1));
    expect(exported.at(-1)).toMatchObject({ action: "audit.exported", hash: head.hash });
    expect(exported.every((row) => (AUDIT_ACTIONS as readonly string[]).includes(row.action))).toBe(true);
    expect(await api.verifyActivity(owner, ws, anchorText(head))).toMatchObject({ problem: null });
  });
});

describe("somebody changes the log", () => {
  const app = (statement: string) => withWorkspace(ws, (tx) => tx.$executeRawUnsafe(statement));

  test("the application's role cannot: not change, not remove, not insert between, beside or with a wrong link", async () => {
    for (const statement of ["UPDATE audit SET actor_name = 'x'", "DELETE FROM audit", "TRUNCATE audit"]) await expect(app(statement), statement).rejects.toThrow(/permission denied/);
    const row = (seq: string, prev: string) => `INSERT INTO audit SELECT workspace_id, ${seq}, at, actor_name, actor_tid, actor_oid, ip, action, target_kind, target_id, outcome, detail, ${prev}, hash FROM audit ORDER BY seq DESC LIMIT 1`;
    for (const statement of [row("seq", "prev_hash"), row("seq + 1", "prev_hash"), row("seq + 2", "hash"), row("1", "decode(repeat('00', 32), 'hex')")]) await expect(app(statement), statement).rejects.toThrow(/end of the chain/);
    await expect(app("ALTER TABLE audit DISABLE TRIGGER ALL")).rejects.toThrow(/owner/);
  });

  test.each([
    ["a name", "UPDATE audit SET actor_name = 'Somebody else' WHERE workspace_id = $1 AND seq = 7", { kind: "altered", seq: 7 }],
    ["an outcome", "UPDATE audit SET outcome = 'failed' WHERE workspace_id = $1 AND seq = 7", { kind: "altered", seq: 7 }],
    ["a time, by a millisecond", "UPDATE audit SET at = at + interval '1 millisecond' WHERE workspace_id = $1 AND seq = 7", { kind: "altered", seq: 7 }],
    ["a detail", "UPDATE audit SET detail = detail || '{\"x\": 1}' WHERE workspace_id = $1 AND seq = 7", { kind: "altered", seq: 7 }],
    ["a hash", "UPDATE audit SET hash = prev_hash WHERE workspace_id = $1 AND seq = 7", { kind: "altered", seq: 7 }],
    ["the middle, taken out", "DELETE FROM audit WHERE workspace_id = $1 AND seq BETWEEN 7 AND 9", { kind: "gap", seq: 10, expected: 7 }],
    ["the beginning, taken out", "DELETE FROM audit WHERE workspace_id = $1 AND seq < 3", { kind: "gap", seq: 3, expected: 1 }],
    ["everything, taken out", "DELETE FROM audit WHERE workspace_id = $1", { kind: "empty" }],
  ])("the owner of the database can, and it shows: %s", async (_name, statement, problem) => {
    const { rows: kept } = await admin.query("SELECT * FROM audit WHERE workspace_id = $1 ORDER BY seq", [ws]);
    try {
      expect((await admin.query(statement, [ws])).rowCount).toBeGreaterThan(0);
      expect(await api.verifyActivity(owner, ws)).toMatchObject({ problem });
    } finally {
      await admin.query("DELETE FROM audit WHERE workspace_id = $1", [ws]);
      for (const row of kept) await admin.query(`INSERT INTO audit (${Object.keys(row).join(", ")}) VALUES (${Object.keys(row).map((_, i) => `$${i + 1}`).join(", ")})`, Object.values(row));
    }
    expect((await api.verifyActivity(owner, ws)).problem).toBeNull();
  });

  test("an end that was cut off shows against an anchor", async () => {
    const { head } = await api.exportActivity(owner, ws);
    await admin.query("DELETE FROM audit WHERE workspace_id = $1 AND seq > $2", [ws, head.seq - 3]);
    expect((await api.verifyActivity(owner, ws)).problem).toBeNull();
    expect((await api.verifyActivity(owner, ws, anchorText(head))).problem).toMatchObject({ kind: "anchor_missing", seq: head.seq });
    await expect(api.verifyActivity(owner, ws, "12")).rejects.toMatchObject({ code: "invalid_input" });
  });
});
