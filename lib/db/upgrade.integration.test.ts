/**
 * Upgrades: a database as an earlier version left it, with rows in every table and real objects in the storage, is migrated
 * by an owner that is no superuser. Nothing is lost, and everything that was there answers.
 */
import { createHash, hkdfSync, randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { config, forgetConfig } from "@/lib/config";
import { takeLease } from "@/lib/jobs/lease";
import { findRestoreRow } from "@/lib/jobs/restoreContext";
import { askTurn, turnKey } from "@/lib/jobs/turn";
import { installationKeyId } from "@/lib/keys";
import type { SnapshotContent, TaskRecord } from "@/lib/planner/types";
import { contentToRecords, openRepository } from "@/lib/repository";
import { newKey, seal, wrapKey } from "@/lib/repository/seal";
import type { RestorePlan, RestoreReport, RestoreRequest } from "@/lib/restore/types";
import { entryHash, GENESIS } from "@/lib/workspaces/audit";
import * as api from "@/lib/workspaces";
import { installationStore } from "@/lib/workspaces/places";
import { PLACE } from "@/lib/workspaces/sealed";
import { blind, storedTerms } from "@/lib/workspaces/searchTokens";
import type { Actor, Role } from "@/lib/workspaces/types";
import { closeDatabase, withWorkspace } from "./index";
import { migrate, readMigrations } from "./migrate";
import { closeQueue } from "./queue";
import { appliedMigrations } from "./schema";
import { testDatabase, type TestDatabase } from "./testing";

/** What earlier versions brought a database to. */
const RELEASES = ["0012_invitation_mail", "0023_turns"];
const STEPS = readMigrations();

const OWNER = `planback_upgrade_${randomBytes(6).toString("hex")}`;
let database: TestDatabase;
let server: pg.Client;
/** Of a database that was made by this version. */
let fresh: string[];

beforeAll(async () => {
  database = await testDatabase();
  server = await connected(database.adminUrl);
  fresh = await catalogueOf(server);
  await server.query(`CREATE ROLE ${OWNER} LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD '${OWNER}'`);
  await server.query(`GRANT planback_app, planback_counts TO ${OWNER} WITH ADMIN OPTION`); // as if it had made them
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
  const { rows } = await server.query<{ datname: string }>("SELECT datname FROM pg_database WHERE datname LIKE $1", [`${OWNER}%`]);
  await Promise.all(rows.map(async ({ datname }) => { // at once, they share a checkpoint
    const client = await connected(database.adminUrl);
    await client.query(`DROP DATABASE ${datname} WITH (FORCE)`);
    await client.end();
  }));
  await server.query(`DROP ROLE ${OWNER}`);
  await server.end();
  await database.close();
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The addresses of a database, as the server's superuser and as its owner. */
function addressesOf(name: string): { adminUrl: string; ownerUrl: string } {
  const url = new URL(database.adminUrl);
  url.pathname = `/${name}`;
  const adminUrl = url.toString();
  [url.username, url.password] = [OWNER, OWNER];
  return { adminUrl, ownerUrl: url.toString() };
}

/** Everything that migrations make, a line each, whoever owns it. */
async function catalogueOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    WITH place AS (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'operations', 'migrations')),
      granted AS (
        SELECT oid::regclass::text AS name, relacl AS acl FROM pg_class WHERE relnamespace IN (SELECT oid FROM place)
        UNION ALL SELECT attrelid::regclass || '.' || attname, attacl FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN (SELECT oid FROM place))
        UNION ALL SELECT oid::regprocedure::text, proacl FROM pg_proc WHERE pronamespace IN (SELECT oid FROM place)
        UNION ALL SELECT nspname, nspacl FROM pg_namespace WHERE oid IN (SELECT oid FROM place))
    SELECT concat_ws(' ', 'column', table_schema, table_name, column_name, udt_name, is_nullable, column_default) AS line
      FROM information_schema.columns WHERE table_schema IN ('public', 'operations', 'migrations')
    UNION ALL SELECT concat_ws(' ', 'table', oid::regclass, relkind, relrowsecurity, relforcerowsecurity) FROM pg_class WHERE relnamespace IN (SELECT oid FROM place)
    UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace IN (SELECT oid FROM place)
    UNION ALL SELECT concat_ws(' ', 'index', indisvalid, pg_get_indexdef(indexrelid)) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace IN (SELECT oid FROM place)
    UNION ALL SELECT concat_ws(' ', 'policy', schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check) FROM pg_policies
    UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN (SELECT oid FROM place))
    UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace IN (SELECT oid FROM place)
    UNION ALL SELECT concat_ws(' ', 'grant', name, grantee::regrole, privilege_type, is_grantable) FROM granted, aclexplode(acl)
      WHERE grantee IN ('planback_app'::regrole, 'planback_counts'::regrole)
    ORDER BY 1`);
  return rows.map(({ line }) => line);
}

type Rows = Record<string, Record<string, unknown>[]>;

/** Every row of every table. */
async function rowsOf(client: pg.Client): Promise<Rows> {
  const { rows: tables } = await client.query<{ name: string }>("SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'operations')) ORDER BY 1");
  const all: Rows = {};
  for (const { name } of tables) all[name] = (await client.query<{ row: Record<string, unknown> }>(`SELECT to_jsonb(t) AS row FROM ${name} t ORDER BY to_jsonb(t)::text`)).rows.map(({ row }) => row);
  return all;
}

/** The same as the columns of `before` show them: what a migration adds is not compared. */
function asBefore(before: Rows, after: Rows): Rows {
  return Object.fromEntries(Object.entries(before).map(([table, [first]]) => {
    const columns = Object.keys(first!);
    const cut = (after[table] ?? []).map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => columns.includes(column))));
    return [table, sorted(cut)];
  }));
}
const sorted = (rows: Record<string, unknown>[]) => rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const HOUR = 3600_000;
const ROLES: Role[] = ["owner", "admin", "operator", "viewer"];

const task = (id: string, title: string, description: string, percentComplete = 0): TaskRecord =>
  ({ kind: "task", id, task: { id, title, bucketId: "b", orderHint: id, percentComplete }, details: { id, description }, formats: {} });

/** A workspace as the version left it that ended at `release`, by plain SQL. */
async function fill(admin: pg.Client, release: string) {
  const isLater = release >= "0023";
  const now = Date.now();
  const ago = (hours: number) => new Date(now - hours * HOUR);
  const [ws, tid, tenant, connection, group] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const ids = <K extends string>(...names: K[]) => Object.fromEntries(names.map((name) => [name, randomUUID()])) as Record<K, string>;
  const plans = ids("launch", "budget");
  const policies = ids("daily", "hours", "paused", "removed");
  const runs = ids("first", "second", "hours", "partial", "failed", "cancelled", "running");
  const snapshots = ids("first", "second", "partial", "budget", "before", "open", "removed");
  const restores = ids("verified", "different", "planned", "running", "next", "paused", "cancelled", "blocked", "undo");
  const [channel, incident, invitation, verification, loss] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const people = ROLES.map((role): Actor & { role: Role; secret: string } => {
    const secret = randomBytes(32).toString("base64url");
    return { role, tid, oid: randomUUID(), name: `The ${role}`, username: `${role}@contoso.example`, secret, sessionHash: createHash("sha256").update(secret).digest("hex") };
  });
  const hash = () => randomBytes(32);
  const secretOf = { invitation: randomBytes(32).toString("base64url") };

  const keys = { content: newKey(), index: newKey(), token: newKey() };
  const sealed = (purpose: "content" | "token", place: readonly string[], value: unknown) =>
    Buffer.from(seal({ bytes: keys[purpose], version: 1 }, ["planback/db", ws, ...place], Buffer.from(JSON.stringify(value))));
  const content = (place: readonly string[], value: unknown) => sealed("content", place, value);

  const insert = async (table: string, ...rows: Record<string, unknown>[]) => {
    for (const row of rows) {
      const all: Record<string, unknown> = ["workspace", "session", "operations.process"].includes(table) ? row : { workspace_id: ws, ...row };
      const columns = Object.keys(all);
      await admin.query(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(", ")})`, Object.values(all));
    }
  };

  await insert("workspace", { id: ws, name: "Contoso", names_in_messages: true, watched_at: ago(1), created_at: ago(900) });
  const wrapping = config().keys.installationKeys[0]!;
  for (const [purpose, key] of Object.entries(keys)) await insert("workspace_key", { purpose, version: 1, wrapped_key: Buffer.from(wrapKey(wrapping, ws, purpose, 1, key)), ...(isLater ? { key_id: installationKeyId(wrapping) } : {}) });
  for (const { role, oid, name, username, secret } of people) {
    await insert("member", { id: randomUUID(), tid, oid, name, username, role });
    await insert("session", { secret_hash: createHash("sha256").update(secret).digest(), tid, oid, name, username, authenticated_at: ago(1), expires_at: ago(-8) });
  }
  await insert("invitation",
    { id: invitation, secret_hash: createHash("sha256").update(secretOf.invitation).digest(), role: "operator", created_by: randomUUID(), expires_at: ago(-48), mail_state: "queued", sealed_mail: sealed("token", PLACE.invitationMail(invitation), { to: "new@contoso.example", url: "https://planback.example/i" }) },
    { id: randomUUID(), secret_hash: hash(), role: "viewer", created_by: randomUUID(), expires_at: ago(-48), revoked_at: ago(1) });

  // Microsoft's side.
  await insert("microsoft_tenant", { id: tenant, tid, name: "Contoso", backup_scopes: ["Tasks.Read"], backup_proven_at: ago(800), restore_scopes: ["Tasks.ReadWrite"], restore_proven_at: ago(800), expand: {} });
  await insert("consent_link", { id: randomUUID(), secret_hash: hash(), purpose: "backup", tid, requested_by: "The owner", expires_at: ago(-24), opened_at: ago(2) });
  await insert("connection", { id: connection, microsoft_tenant_id: tenant, oid: randomUUID(), name: "Backup", username: "backup@contoso.example", backup_state: "active", restore_state: "active", checked_at: ago(3), catalogue_at: ago(3), sealed_catalogue: content(PLACE.catalogue(connection), {
    readAt: ago(3).toISOString(),
    groups: [{ id: group, name: "Marketing", visibility: "Private", isMember: true, isOwner: false, unreachable: null, plans: ["P", "Q", "R"].map((id) => ({ id, title: id, unreachable: null })) }],
  }) });
  await insert("oauth_flow", { id: randomUUID(), state_hash: hash(), kind: "connect", purpose: "restore", connection_id: connection, flow_cookie_hash: hash(), sealed_secrets: hash(), expires_at: ago(-1) });
  for (const purpose of ["backup", "restore"] as const) await insert("token_cache", { connection_id: connection, purpose, sealed_cache: sealed("token", PLACE.tokenCache(connection, purpose), "cache"), updated_at: ago(3), ...(purpose === "restore" ? { expires_at: ago(-4) } : {}) });
  await insert("requirement", { connection_id: connection, id: "backup.membership", purpose: "backup", position: 0, state: "met", checked_at: ago(3), sealed_facts: content(PLACE.requirementFacts(connection, "backup.membership"), { title: "Is a member", evidence: "1 of 1", remedy: null, stillWorks: null, items: [] }) });

  // What is backed up.
  const selection = { groups: [{ groupId: group, planIds: ["P", "Q"], includeNew: true, known: ["P", "Q"] }] };
  const policy = (name: keyof typeof policies, schedule: object, more: object = {}) => ({ id: policies[name], connection_id: connection, name, selection, schedule, keep_count: 30, updated_at: ago(700), due_since: ago(700), ...more });
  await insert("policy", policy("daily", { kind: "daily", at: "02:00", timeZone: "Europe/Berlin" }), policy("hours", { kind: "hours", every: 6 }, { keep_days: 90 }), policy("paused", { kind: "hours", every: 1 }, { enabled: false }), policy("removed", { kind: "manual" }, { removed_at: ago(400) }));
  const titles = { launch: "Launch", budget: "Budget" };
  for (const [name, graph] of [["launch", "P"], ["budget", "Q"]] as const) await insert("plan", { id: plans[name], microsoft_tenant_id: tenant, graph_plan_id: graph, group_id: group, sealed_names: content(PLACE.planNames(plans[name]), { title: titles[name], groupName: "Marketing" }) });
  const run = (name: keyof typeof runs, policyName: keyof typeof policies, state: string, hours: number, more: object = {}) =>
    ({ id: runs[name], policy_id: policies[policyName], trigger: "schedule", state, created_at: ago(hours), started_at: ago(hours), finished_at: state === "running" ? null : ago(hours - 0.1), ...more });
  await insert("run",
    run("first", "daily", "complete", 50), run("second", "daily", "complete", 2), run("hours", "hours", "complete", 4), run("partial", "hours", "partial", 1), run("failed", "paused", "failed", 300, { problem: "suspicious_empty" }),
    run("cancelled", "removed", "cancelled", 500, { trigger: "manual", started_by: "The operator", request_key: "key" }), run("running", "daily", "running", 0.05, { trigger: "manual", started_by: "The operator" }));

  const repository = openRepository({ store: await installationStore(), keys: { workspaceId: ws, contentKeyVersion: 1, contentKeys: new Map([[1, keys.content]]), indexKey: keys.index } });
  const file = await repository.putFile((async function* () { yield Buffer.from("a floor plan"); })());
  const attachment = { id: "venue/f", taskId: "venue", referenceKey: "https%3A//x", name: "floor.txt", size: file.size, sha256: file.sha256, fileId: file.fileId, contentType: "text/plain", driveItemId: null };
  const planContent = (tasks: TaskRecord[]): SnapshotContent => ({
    group: null, plan: { id: "P", title: "Launch" }, planDetails: { id: "P", categoryDescriptions: { category1: "Legal" } }, buckets: [{ id: "b", name: "To do" }], tasks, attachments: [attachment], people: [],
    comments: [{ id: "c", taskId: "venue", threadId: "t", authorName: "Ada", authorAddress: null, createdDateTime: "2026-05-01T00:00:00Z", text: "Booked?", original: { contentType: "text", content: "Booked?" } }],
  });
  const [press, lisbon, porto] = [task("press", "Write the press release", "By Friday"), task("venue", "Book the venue", "In Lisbon"), task("venue", "Book the venue", "In Porto", 100)];
  let previous: string | null = null;
  const snapshot = async (name: keyof typeof snapshots, planId: string, runId: string | null, hours: number, tasks: TaskRecord[], more: object = {}) => {
    const graphPlanId = planId === plans.launch ? "P" : "Q";
    const complete = name !== "partial";
    const gaps = complete ? [] : [{ kind: "comments" as const, id: "venue", reason: "forbidden" as const, detail: "Comments could not be read.", permanent: false }];
    const { manifestId, counts, newObjects, newBytes }: Awaited<ReturnType<typeof repository.writeSnapshot>> = await repository.writeSnapshot(
      { snapshotId: snapshots[name], planId: graphPlanId, microsoftTenantId: tid, takenAt: ago(hours).toISOString(), consistency: { kind: "quiescent", at: ago(hours).toISOString() }, complete, gaps, previous: graphPlanId === "P" ? previous : null },
      contentToRecords(planContent(tasks)));
    if (graphPlanId === "P") previous = manifestId;
    await insert("snapshot", { id: snapshots[name], plan_id: planId, run_id: runId, state: complete ? "complete" : "partial", manifest_id: manifestId, taken_at: ago(hours), counts, gaps: gaps.length, quiescent: true, new_objects: newObjects, new_bytes: newBytes, ...more });
  };
  await snapshot("removed", plans.launch, null, 600, [press], { removed_at: ago(100) });
  await snapshot("first", plans.launch, runs.first, 50, [press, lisbon]);
  // Versions before counted less.
  await snapshot("second", plans.launch, runs.second, 2, [porto], { drift: { added: 0, removed: 1, changed: 1 } });
  await snapshot("partial", plans.launch, runs.partial, 1, [porto], { drift: { added: 0, removed: 0, changed: 0 } });
  await snapshot("budget", plans.budget, runs.hours, 4, [press]);
  await snapshot("before", plans.launch, null, 30, [lisbon]);
  await insert("snapshot", { id: snapshots.open, plan_id: plans.launch, run_id: runs.running, state: "open", taken_at: ago(0.05) });
  const item = (runName: keyof typeof runs, plan: keyof typeof plans, state: string, snapshotId: string | null, more: object = {}) => ({ run_id: runs[runName], plan_id: plans[plan], state, snapshot_id: snapshotId, requests: 12, new_bytes: 900, updated_at: ago(1), ...more });
  await insert("run_plan",
    item("first", "launch", "complete", snapshots.first), item("second", "launch", "complete", snapshots.second), item("hours", "budget", "complete", snapshots.budget), item("partial", "launch", "partial", snapshots.partial),
    item("failed", "launch", "failed", null, { problem: "The account cannot open this plan." }), item("cancelled", "budget", "cancelled", null), item("running", "launch", "running", snapshots.open, { phase: "tasks", done: 3, total: 9, waiting: { reason: "Microsoft asked to wait.", until: null } }));
  await insert("loss", { id: loss, plan_id: plans.launch, snapshot_id: snapshots.second, before_id: snapshots.first, removed: 1, usual: 0, found_at: ago(2) });
  await insert("live_reading", { id: randomUUID(), plan_id: plans.launch, state: "done", sealed_content: content(PLACE.liveContent(randomUUID()), {}) });
  await insert("verification", { id: verification, started_by: "The admin", state: "clean", done: 9, total: 9, created_at: ago(20), finished_at: ago(19), sealed_report: content(PLACE.verifyReport(verification), { snapshots: 4, objects: 9, bytes: 4000, damaged: [], damagedManifests: [] }) });

  // What the search knows: `press` is gone since the second snapshot.
  const indexed = [{ id: "press", title: press.task.title, last: "first", at: 50, gone_at: ago(2), number: 1 }, { id: "venue", title: porto.task.title, last: "second", at: 2, gone_at: null, number: 2 }] as const;
  for (const { id, title, last, at, gone_at, number } of indexed) {
    await insert("search_entry", { plan_id: plans.launch, task_id: id, first_at: ago(50), changed_at: ago(2), last_snapshot_id: snapshots[last], last_at: ago(at), gone_at, number, sealed_summary: content(PLACE.searchSummary(plans.launch, id), { title, bucket: "To do" }) });
    const searchKey = new Uint8Array(hkdfSync("sha256", keys.index, "", "planback/search/1", 32));
    for (const token of blind(searchKey, storedTerms([title]))) await admin.query("INSERT INTO search_posting VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, token, plan_id) DO UPDATE SET tasks = search_posting.tasks || EXCLUDED.tasks", [ws, token, plans.launch, [number]]);
  }
  await admin.query("UPDATE plan SET search_snapshot_id = $1, search_numbers = 2 WHERE id = $2", [snapshots.second, plans.launch]);

  // Restores, one in each state that a worker or a person goes on from.
  const request: RestoreRequest = { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" };
  const plan = (restoreId: string): RestorePlan => ({
    version: 1, operations: [{ seq: 0, kind: "create_task", after: [], source: "press", label: "Create task “Write the press release”", changes: [{ field: "Title", from: null, to: "Write the press release" }], body: {} }],
    counts: { create_task: 1 }, newMembers: [], droppedAssignments: [], inexact: [], warnings: ["Members may get e-mail."], blockers: [], targetPlanTitle: "Launch", targetGroupName: "Marketing", restoreId, people: [], taskIds: ["press"], reducedAssignees: {}, left: {},
    groupId: group, planId: "P", extras: false, existing: { planIds: ["P"], bucketIds: ["b"], taskIds: ["venue"] }, successors: {},
  });
  const report = (verdict: RestoreReport["verdict"]): RestoreReport => ({
    verdict, finishedAt: ago(29).toISOString(), planId: "P", itemsExact: 3, itemsDifferent: [], failed: verdict === "exact" ? [] : [{ seq: 0, label: "Create task", reason: "Refused." }], skipped: [],
    created: [{ kind: "task", source: "press", id: "made-1", label: "Write the press release" }], changed: [], removed: [], inexact: [], uncertain: [], requests: 14,
  });
  const restore = (name: keyof typeof restores, state: string, hours: number, more: object = {}) => {
    const id = restores[name];
    return { id, snapshot_id: snapshots.first, connection_id: connection, started_by: "The operator", state, created_at: ago(hours), sealed_request: content(PLACE.restoreRequest(id), request), sealed_plan: content(PLACE.restorePlan(id), plan(id)), plan_hash: `hash of ${name}`, total: 1, ...more };
  };
  const [into, ran] = [turnKey(tid, "P"), { started_at: ago(29.5), finished_at: ago(29) }];
  const turn = (isMine: boolean) => (isLater ? { writes_to: into, holds_turn: isMine, target_group_id: group } : {});
  const reported = (name: keyof typeof restores, verdict: RestoreReport["verdict"]) => ({ ...ran, sealed_report: content(PLACE.restoreReport(restores[name]), report(verdict)) });
  await insert("restore",
    restore("verified", "verified", 30, { ...reported("verified", "exact"), before_snapshot_id: snapshots.before, request_key: "one" }), restore("different", "different", 29, reported("different", "incomplete")),
    restore("planned", "planned", 1, turn(false)), restore("running", "running", 0.5, { started_at: ago(0.5), lease_epoch: 3, lease_owner: "gone", lease_until: ago(0.4), ...turn(isLater) }), restore("next", "running", 0.4, { started_at: ago(0.4), ...turn(false) }),
    restore("paused", "waiting", 5, { phase: "paused", started_at: ago(5), waiting: { reason: "The account must sign in.", until: null }, ...turn(false) }), restore("cancelled", "cancelled", 40, { ...ran, cancel_requested_at: ago(29) }),
    restore("blocked", "blocked", 41), restore("undo", "planned", 2, { undo_of: restores.verified, snapshot_id: snapshots.before }));
  const intent = (name: keyof typeof restores, seq: number, state: string, more: object = {}) => ({ restore_id: restores[name], seq, kind: "create_task", state, updated_at: ago(0.5), ...more });
  await insert("restore_intent",
    intent("verified", 0, "done", { attempt: 1, remote_id: "made-1", etag: "e" }), intent("different", 0, "failed", { attempt: 2, problem: "Refused." }), intent("next", 0, "unknown", { attempt: 1 }),
    intent("running", 0, "done", { attempt: 1, remote_id: "made-2" }), intent("running", 1, "inflight", { attempt: 1, lease_epoch: 3 }), intent("running", 2, "unknown", { attempt: 2, last_attempt_end: ago(0.4) }), intent("running", 3, "pending"), intent("running", 4, "skipped"));

  // What was told and done.
  await insert("channel", { id: channel, kind: "webhook", name: "Hook", sealed_target: sealed("token", PLACE.channelTarget(channel), { kind: "webhook", url: "https://hooks.example/", secret: "s" }), events: ["backup.failed", "plan.loss"] });
  await insert("incident", { id: incident, event: "plan.loss", subject_id: loss, facts: { removed: 1, usual: 0, foundAt: ago(2).toISOString(), lastAt: ago(50).toISOString(), beforeId: snapshots.first }, opened_at: ago(2) }, { id: randomUUID(), event: "backup.failed", subject_id: policies.paused, facts: { runId: runs.failed }, opened_at: ago(299), closed_at: ago(200) });
  const delivery = randomUUID();
  await insert("delivery", { id: delivery, channel_id: channel, incident_id: incident, event: "plan.loss", change: "opened", state: "sent", attempts: 1, status: 200, tried_at: ago(2), sealed_answer: sealed("token", PLACE.deliveryAnswer(delivery), "ok") }, { id: randomUUID(), channel_id: channel, event: "test", change: "test", state: "queued" });
  let prevHash: Uint8Array<ArrayBuffer> = GENESIS;
  const actions = [["workspace.created", "workspace", ws], ["backup.started", "run", runs.cancelled], ["snapshot.opened", "snapshot", snapshots.first], ["restore.started", "restore", restores.verified]] as const;
  for (const [i, [action, targetKind, targetId]] of actions.entries()) {
    const entry = { workspaceId: ws, seq: i + 1, at: ago(50 - i), actorName: people[0]!.name, actorTid: tid, actorOid: people[0]!.oid, ip: "203.0.113.7", action, targetKind, targetId, outcome: "done", detail: { note: "ü" } };
    const { at, outcome, detail } = entry;
    const next = entryHash(prevHash, entry);
    await insert("audit", { seq: entry.seq, at, actor_name: entry.actorName, actor_tid: tid, actor_oid: entry.actorOid, ip: entry.ip, action, target_kind: targetKind, target_id: targetId, outcome, detail, prev_hash: Buffer.from(prevHash), hash: Buffer.from(next) });
    prevHash = next;
  }
  await insert("erasure", { workspace_id: randomUUID(), asked_at: ago(900), asked_tid: tid, asked_oid: people[0]!.oid, keys_destroyed_at: ago(880), finished_at: ago(870), rows: 12, objects: 3, bytes: 400 });

  const limited: Actor = { ...people[3]!, oid: randomUUID(), name: "Limited" };
  if (isLater) {
    const drill = randomUUID();
    await insert("member", { id: randomUUID(), tid, oid: limited.oid, name: limited.name, username: limited.username, role: "viewer", all_groups: false, groups: [randomUUID()] });
    await admin.query("UPDATE policy SET drill_schedule = $1, drill_group_id = $2, keep_weekly = 4 WHERE id = $3", [{ kind: "weekly", day: 1, at: "03:00", timeZone: "UTC" }, group, policies.daily]);
    await insert("restore", { ...restore("verified", "verified", 20, reported("verified", "exact")), id: drill, sealed_request: content(PLACE.restoreRequest(drill), { ...request, drill: true }), sealed_plan: content(PLACE.restorePlan(drill), plan(drill)), sealed_report: content(PLACE.restoreReport(drill), report("exact")), drill_of: policies.daily, removal: "done", target_group_id: group });
    await insert("condemned", { type: "segment", object_id: "gone", bytes: 100, condemned_at: ago(1) });
    await insert("prune", { id: randomUUID(), state: "done", snapshots: 1, objects: 2, bytes: 50, started_at: ago(9), finished_at: ago(9) });
    await insert("own_store", { id: randomUUID(), driver: "s3", name: "Bucket", added_by: "The owner", sealed_settings: hash() });
    await insert("store_move", { id: randomUUID(), from_place: "s3", to_place: "files", state: "done", started_by: "The owner", switched_at: ago(90), finished_at: ago(80) });
    await insert("api_key", { id: randomUUID(), secret_hash: hash(), name: "Nightly", scopes: ["backup"], member_id: randomUUID(), tid, oid: people[0]!.oid, made_by: "The owner", expires_at: ago(-900) });
    await insert("api_request", { sender_id: randomUUID(), idempotency_key: "k", fingerprint: hash(), outcome_id: randomUUID(), answer: { status: 201 } });
    await insert("operations.process", { id: randomUUID(), kind: "worker", version: "earlier", host: "h" });
  }
  return { ws, people, limited, plans, policies, runs, snapshots, restores, verification, connection, loss, invitation: secretOf.invitation, into, isLater };
}
type Filled = Awaited<ReturnType<typeof fill>>;

describe.each(RELEASES)("from %s", (release) => {
  const upTo = STEPS.filter(({ name }) => name <= release);
  const later = STEPS.slice(upTo.length);
  const name = `${OWNER}_${release.slice(0, 4)}`;
  const interrupted = `${name}_interrupted`;
  let admin: pg.Client;
  let filled: Filled;
  let before: Rows;

  beforeAll(async () => {
    await server.query(`CREATE DATABASE ${name} OWNER ${OWNER}`);
    const { adminUrl, ownerUrl } = addressesOf(name);
    await closeQueue();
    await closeDatabase();
    process.env.DATABASE_URL = adminUrl;
    forgetConfig();
    expect(await migrate(ownerUrl, upTo)).toEqual(upTo.map((step) => step.name));
    const filling = await connected(adminUrl);
    filled = await fill(filling, release);
    before = await rowsOf(filling);
    await filling.end();
    await server.query(`CREATE DATABASE ${interrupted} OWNER ${OWNER} TEMPLATE ${name}`);
    expect(await migrate(ownerUrl)).toEqual(later.map((step) => step.name));
    admin = await connected(adminUrl);
  });
  afterAll(() => admin?.end());

  /** What the migrations themselves say that they change. */
  function expected(): Rows {
    const drills = release < "0017" ? ["drill.absent", "drill.failed", "drill.left"] : [];
    return { ...Object.fromEntries(Object.entries(before).map(([table, rows]) => [table, sorted(rows)])), channel: sorted(before.channel!.map((row) => ({ ...row, events: [...(row.events as string[]), ...drills] }))) };
  }

  test("every table had rows, and none is lost or changed", async () => {
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
    expect(asBefore(before, await rowsOf(admin))).toEqual(expected());
  });

  test("the schema is that of a new database, row-level security forced on every table, and migrating again finds nothing to do", async () => {
    expect(await catalogueOf(admin)).toEqual(fresh);
    const { rows } = await admin.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)");
    expect(rows).toEqual([]);
    expect(await migrate(addressesOf(name).ownerUrl)).toEqual([]);
  });

  test("a migration that is cut off in the middle of a step goes on, and ends the same", async () => {
    const { adminUrl, ownerUrl } = addressesOf(interrupted);
    const half = later.length >> 1;
    const done = STEPS.slice(0, upTo.length + half);
    const cut = { ...later[half]!, sql: `${later[half]!.sql};\nSELECT pg_terminate_backend(pg_backend_pid());` };
    await expect(migrate(ownerUrl, [...done, cut])).rejects.toMatchObject({ code: "config", message: expect.stringContaining(`Migration ${cut.name} failed and was undone`) as string });
    expect(await appliedMigrations(adminUrl)).toEqual(done.map((step) => step.name));
    expect(await migrate(ownerUrl)).toEqual(later.slice(half).map((step) => step.name));
    const other = await connected(adminUrl);
    try {
      expect(await catalogueOf(other)).toEqual(fresh);
      expect(asBefore(before, await rowsOf(other))).toEqual(expected());
    } finally {
      await other.end();
    }
  });

  test.each(["owner", "viewer"] as const)("everything that was there answers for the %s", async (role) => {
    const { ws, people, plans, policies, runs, snapshots, restores, verification, connection, loss, isLater } = filled;
    const person = people.find((one) => one.role === role)!;
    const actor = (await api.readSession(person.secret))!;
    expect(actor).toMatchObject({ oid: person.oid, name: person.name });
    expect(await api.getWorkspace(actor, ws)).toMatchObject({ name: "Contoso", role, isLimited: false, deletion: null });
    expect((await api.listMembers(actor, ws)).map((one) => [one.name, one.role, one.isLimited]).sort()).toEqual([...(isLater ? [["Limited", "viewer", true]] : []), ...ROLES.map((one) => [`The ${one}`, one, false]).sort()]);

    expect((await api.listPlans(actor, ws)).map((one) => [one.title, one.groupName, one.snapshots]).sort()).toEqual([["Budget", "Marketing", 1], ["Launch", "Marketing", 4]]);
    expect((await api.listSnapshots(actor, ws, plans.launch, { limit: 10 })).map(({ id, state }) => [id, state])).toEqual([[snapshots.partial, "partial"], [snapshots.second, "complete"], [snapshots.before, "complete"], [snapshots.first, "complete"]]);
    const history = await api.getHistory(actor, ws, plans.launch, { taskId: "press" });
    expect(history).toMatchObject({ total: 4, task: { title: "Write the press release", snapshotId: snapshots.first }, gone: { [snapshots.second]: [{ id: "press" }] } });
    const { content, missing } = await api.getSnapshot(actor, ws, snapshots.first);
    expect([content.tasks.map(({ task: { title }, details }) => [title, details?.description]).sort(), content.comments.map(({ text }) => text), missing]).toEqual([[["Book the venue", "In Lisbon"], ["Write the press release", "By Friday"]], ["Booked?"], []]);
    const { stream } = await api.openFile(actor, ws, snapshots.first, "venue/f");
    expect(Buffer.concat(await Array.fromAsync(stream)).toString()).toBe("a floor plan");
    expect((await api.getTaskHistory(actor, ws, plans.launch, "venue")).events.map(({ kind, snapshotId }) => [kind, snapshotId])).toContainEqual(["first", snapshots.first]);
    const { hits } = await api.search(actor, ws, { text: "press rel", planId: null, goneOnly: false, page: 1 });
    expect(hits).toMatchObject([{ taskId: "press", title: "Write the press release", planTitle: "Launch", snapshotId: snapshots.first }]);

    expect(Object.fromEntries((await api.listRuns(actor, ws)).map(({ id, state }) => [id, state]))).toEqual({ [runs.first]: "complete", [runs.second]: "complete", [runs.hours]: "complete", [runs.partial]: "partial", [runs.failed]: "failed", [runs.cancelled]: "cancelled", [runs.running]: "running" });
    for (const id of Object.values(runs)) expect((await api.getRun(actor, ws, id)).items, id).toHaveLength(1);
    expect(await api.getRun(actor, ws, runs.failed)).toMatchObject({ problem: expect.stringContaining("showed no plans") as string, items: [{ problem: "The account cannot open this plan." }] });

    expect(await api.listRestores(actor, ws)).toHaveLength(isLater ? 10 : 9);
    const states = await Promise.all(Object.values(restores).map(async (id) => (await api.getRestore(actor, ws, id)).state));
    expect(states).toEqual(["verified", "different", "planned", "running", "running", "waiting", "cancelled", "blocked", "planned"]);
    expect(await api.getRestore(actor, ws, restores.verified)).toMatchObject({ plan: { warnings: ["Members may get e-mail."] }, report: { verdict: "exact", itemsExact: 3, created: [{ id: "made-1" }] }, beforeSnapshotId: snapshots.before, undo: { restoreId: restores.undo }, drill: null });
    expect(await api.getRestore(actor, ws, restores.different)).toMatchObject({ report: { verdict: "incomplete", failed: [{ reason: "Refused." }] }, resume: { possible: true } });
    expect(JSON.parse((await api.exportReport(actor, ws, restores.verified)).json)).toMatchObject({ plan: "Launch", report: { requests: 14 } });

    expect((await api.listPolicies(actor, ws)).map(({ name, keepCount }) => [name, keepCount]).sort()).toEqual([["daily", 30], ["hours", 30], ["paused", 30]]);
    expect(await api.getPolicy(actor, ws, policies.hours)).toMatchObject({ schedule: { kind: "hours", every: 6 }, keepDays: 90, keepWeekly: null });
    expect(await api.getDrills(actor, ws, policies.daily)).toMatchObject({ schedule: { kind: isLater ? "weekly" : "manual" }, drills: isLater ? [{ state: "verified", isPlanLeft: false }] : [] });
    const overview = await api.getOverview(actor, ws);
    expect(overview.policies.map((one) => [one.name, one.state]).sort()).toEqual([["daily", "ok"], ["hours", "ok"], ["paused", "paused"]]);
    expect(overview).toMatchObject({ snapshots: 5, plans: { protected: 3, reachable: 3, withSnapshot: 2 }, activeRuns: [{ id: runs.running }], onboarding: { next: null } });
    expect(overview.storedBytes).toBeGreaterThan(0);

    expect(await api.listConnections(actor, ws)).toMatchObject([{ id: connection, kind: "account", cloud: "global", backupState: "active", requirements: [{ title: "Is a member", state: "met" }], reachable: { groups: 1, plans: 3 } }]);
    expect(await api.readCatalogue(actor, ws, connection)).toMatchObject({ groups: [{ name: "Marketing" }] });
    expect(await api.listTenants(actor, ws)).toMatchObject([{ name: "Contoso", cloud: "global", consent: { backup: { state: "granted" }, restore: { state: "granted" } } }]);
    expect(await api.getNotifications(actor, ws)).toMatchObject({ namesInMessages: true, channels: [{ name: "Hook" }], deliveries: expect.arrayContaining([expect.objectContaining({ state: "sent", answer: "ok" })]) as unknown, incidents: [{ event: "plan.loss", closedAt: null }, { event: "backup.failed" }] });
    expect(await api.listLosses(actor, ws, plans.launch)).toMatchObject([{ id: loss, removed: 1, beforeId: snapshots.first }]);
    expect(await api.getVerification(actor, ws, verification)).toMatchObject({ state: "clean", report: { objects: 9 } });
    expect(await api.getStorage(actor, ws)).toMatchObject({ here: { place: "files" } });
    expect(await api.getPruning(actor, ws)).toMatchObject({ held: 1, waiting: { objects: isLater ? 1 : 0 } });
    expect(await api.getKeys(actor, ws)).toMatchObject({ version: 1 });
  });

  test("the activity log verifies and goes on, links work, and nobody sees more than before", async () => {
    const { ws, people, limited, invitation, isLater } = filled;
    const owner = people[0]!;
    expect(await api.verifyActivity(owner, ws)).toMatchObject({ problem: null });
    expect((await api.listActivity(owner, ws)).entries.map(({ action }) => action)).toEqual(expect.arrayContaining(["audit.verified", "restore.started", "workspace.created"]));
    expect(await api.verifyActivity(owner, ws)).toMatchObject({ problem: null });
    expect(await api.listInvitations(owner, ws)).toMatchObject([{ role: "operator", mail: "queued", isLimited: false }]);
    expect(await api.readInvitation(invitation)).toMatchObject({ state: "open" });
    expect(await api.listErasures(owner)).toMatchObject([{ rows: 12 }]);
    await expect(api.verifyActivity(people[3]!, ws)).rejects.toMatchObject({ code: "forbidden" });
    if (isLater) expect([await api.listPlans(limited, ws), await api.listRuns(limited, ws), await api.listRestores(limited, ws)]).toEqual([[], [], []]);
    else await expect(api.listPlans(limited, ws)).rejects.toMatchObject({ code: "not_found" });
    await expect(api.getOverview({ ...owner, oid: randomUUID() }, ws)).rejects.toMatchObject({ code: "not_found" });
  });

  test("restores that were under way take turns when they go on", async () => {
    const { ws, restores, into } = filled;
    const goOn = async (id: string) => {
      const lease = (await takeLease(ws, id, "worker", 60))!;
      const row = (await withWorkspace(ws, (tx) => findRestoreRow(tx, ws, id)))!;
      return askTurn(row, lease);
    };
    expect([await goOn(restores.running), await goOn(restores.next)]).toEqual([true, false]);
    const rows = await withWorkspace(ws, (tx) => tx.restore.findMany({ where: { workspaceId: ws, id: { in: [restores.running, restores.next] } }, select: { writesTo: true, holdsTurn: true, phase: true }, orderBy: { holdsTurn: "desc" } }));
    expect(rows).toEqual([{ writesTo: into, holdsTurn: true, phase: null }, { writesTo: into, holdsTurn: false, phase: "turn" }]);
  });
});
