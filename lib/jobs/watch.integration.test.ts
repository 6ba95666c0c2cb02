/** Backups that do not happen, and everything else that needs a person: noticed, told once, and over when it is over. */
import { randomBytes, randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { withWorkspace } from "@/lib/db";
import { NOTIFY_RETRIES } from "@/lib/db/queues";
import { testDatabase, type TestDatabase } from "@/lib/db/testing";
import * as api from "@/lib/workspaces";
import { EVENTS } from "@/lib/workspaces/events";
import { sealJson } from "@/lib/workspaces/keys";
import { sealPlanNames } from "@/lib/workspaces/planNames";
import { PLACE } from "@/lib/workspaces/sealed";
import type { Actor, Catalogue, PolicySchedule } from "@/lib/workspaces/types";
import { watchWorkspace } from "@/lib/workspaces/watch";
import { startHeartbeat } from "./heartbeat";
import { invite } from "./invite";
import { startWorker } from "./index";
import { jobLost } from "./jobLost";
import { notify } from "./notify";
import { policyDue } from "./policyDue";
import { until } from "./testing/world";

const HOUR_MS = 3600_000;
interface Got { url: string; headers: Record<string, string>; body: string }

const LOST = { jobId: "lost", attempt: 0, signal: new AbortController().signal };
let database: TestDatabase;
let admin: pg.Client;
let actor: Actor;
let ws: string;
let connectionId: string;
let hook: http.Server;
let smtp: SMTPServer;
const groupId = randomUUID();
const got: Got[] = [];
const mails: { to: string[]; raw: string }[] = [];
/** What the receiver answers. */
let answer = 200;

beforeAll(async () => {
  hook = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk)).on("end", () => {
      got.push({ url: request.url!, headers: request.headers as Record<string, string>, body });
      response.writeHead(answer).end(`answer ${answer}`);
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  smtp = new SMTPServer({
    authOptional: true, disabledCommands: ["STARTTLS"],
    onData: (stream, session, done) => {
      let raw = "";
      stream.on("data", (chunk) => (raw += String(chunk))).on("end", () => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
  Object.assign(process.env, {
    SMTP_URL: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}?ignoreTLS=true`, MAIL_FROM: "Planback <planback@example.com>",
    TEAMS_URL: `${origin()}/teams/{host}`, WEBHOOK_PRIVATE: "true",
  });
  database = await testDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  actor = { tid: randomUUID(), oid: randomUUID(), name: "Olga", username: "olga@contoso.example", sessionHash: randomBytes(32).toString("hex") };
});
afterAll(async () => {
  await admin?.end();
  await database?.close();
  hook.close();
  smtp.close();
});

beforeEach(async () => {
  got.length = 0;
  mails.length = 0;
  answer = 200;
  ws = (await api.createWorkspace(actor, { name: "Contoso" })).id;
  connectionId = randomUUID();
  const catalogue: Catalogue = { readAt: "", groups: [{ id: groupId, name: "Design", visibility: "Public", isMember: true, isOwner: false, unreachable: null, plans: [{ id: "G", title: "Launch", unreachable: null }] }] };
  const sealedCatalogue = await sealJson(ws, "content", PLACE.catalogue(connectionId), catalogue);
  await withWorkspace(ws, async (tx) => {
    await tx.microsoftTenant.create({ data: { workspaceId: ws, id: connectionId, tid: actor.tid, name: "Contoso tenant" } });
    await tx.connection.create({ data: { workspaceId: ws, id: connectionId, microsoftTenantId: connectionId, oid: randomUUID(), name: "Backup Account", username: "b", backupState: "active", restoreState: "none", sealedCatalogue } });
  });
});

const origin = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
const protect = async (schedule: PolicySchedule): Promise<string> => (await api.savePolicy(actor, ws, {
  name: "Marketing", connectionId, schedule, keepCount: null, keepDays: null, selection: { groups: [{ groupId, planIds: ["G"], includeNew: false }] },
})).id;
const run = (policyId: string, state: string, finishedAt: Date | null, problem: string | null = null) =>
  withWorkspace(ws, (tx) => tx.run.create({ data: { workspaceId: ws, id: randomUUID(), policyId, trigger: "schedule", state, createdAt: finishedAt ?? new Date(), finishedAt, problem } }));
const incidents = () => withWorkspace(ws, (tx) => tx.incident.findMany({ where: { workspaceId: ws }, orderBy: { openedAt: "asc" } }));
const open = async () => (await incidents()).filter((incident) => !incident.closedAt).map((incident) => `${incident.event} ${incident.subjectId}`);
const deliveries = () => withWorkspace(ws, (tx) => tx.delivery.findMany({ where: { workspaceId: ws }, orderBy: { createdAt: "asc" } }));
const change = (statement: string, ...values: unknown[]) => admin.query(statement, values);
const webhook = (events: readonly string[] = EVENTS) => api.saveChannel(actor, ws, { kind: "webhook", name: "Pager", url: `${origin()}/hook`, events });
const sendAll = async () => {
  for (const { id, state } of await deliveries()) if (state === "queued") await notify({ workspaceId: ws, deliveryId: id }, { jobId: id, attempt: 0, signal: new AbortController().signal }).catch(() => undefined);
};

describe("invitations by e-mail", () => {
  const invited = async () => (await api.listInvitations(actor, ws)).map(({ mail }) => mail);
  const sealed = () => withWorkspace(ws, (tx) => tx.invitation.count({ where: { workspaceId: ws, sealedMail: { not: null } } }));
  const context = { jobId: randomUUID(), attempt: 0, signal: new AbortController().signal };

  test("the link goes to the one address, and is forgotten when it is delivered, withdrawn or given up", async () => {
    await expect(api.createInvitation(actor, ws, { role: "viewer", email: "no address" })).rejects.toMatchObject({ code: "invalid_input" });
    const { id, link } = await api.createInvitation(actor, ws, { role: "viewer", email: "new@fabrikam.example" });
    const { rows } = await admin.query("SELECT to_jsonb(t)::text AS row FROM invitation t");
    expect(JSON.stringify(rows)).not.toContain("fabrikam");
    await invite({ workspaceId: ws, invitationId: id }, context);
    await invite({ workspaceId: ws, invitationId: id }, context); // a job that comes twice sends once
    expect(mails.map(({ to }) => to)).toEqual([["new@fabrikam.example"]]);
    const raw = mails[0]!.raw.replace(/=\r\n/g, "").replaceAll("=3D", "=");
    expect(raw).toContain(link);
    expect(raw).not.toContain("List-Unsubscribe");
    expect([await invited(), await sealed()]).toEqual([["sent"], 0]);

    const second = await api.createInvitation(actor, ws, { role: "viewer", email: "second@fabrikam.example" });
    await api.revokeInvitation(actor, ws, second.id);
    await invite({ workspaceId: ws, invitationId: second.id }, context);
    const third = await api.createInvitation(actor, ws, { role: "viewer", email: "third@fabrikam.example" });
    await jobLost({ workspaceId: ws, invitationId: third.id }, LOST);
    await invite({ workspaceId: ws, invitationId: third.id }, context);
    expect([mails.length, await invited(), await sealed()]).toEqual([1, ["failed", "sent"], 0]);
  });
});

describe("nothing backed up", () => {
  const schedules: [string, PolicySchedule, number][] = [
    ["hourly", { kind: "hours", every: 1 }, 1], ["every 6 hours", { kind: "hours", every: 6 }, 6], ["daily", { kind: "daily", at: "02:00", timeZone: "Europe/Berlin" }, 24], ["weekly", { kind: "weekly", day: 1, at: "02:00", timeZone: "UTC" }, 168],
  ];
  /** Each stops the backups of a policy at a time, from the database's side of it. */
  const causes: [string, (policyId: string, at: Date, hours: number) => Promise<unknown>][] = [
    ["the schedule is gone from the queue", (policyId) => change("DELETE FROM jobs.schedule WHERE key = $1", policyId)],
    ["the account must sign in again", async (policyId, at, hours) => {
      await change("UPDATE connection SET backup_state = 'needs_sign_in' WHERE id = $1", connectionId);
      await run(policyId, "failed", new Date(at.getTime() + hours * HOUR_MS), "needs_sign_in");
    }],
    ["the account was removed", () => api.removeConnection(actor, ws, connectionId)],
    ["every plan was deleted in Microsoft 365", (policyId, at, hours) => run(policyId, "failed", new Date(at.getTime() + hours * HOUR_MS))],
    ["a run hangs, and keeps the next from starting", (policyId) => run(policyId, "running", null)],
  ];
  const cases = causes.flatMap(([cause, stop]) => schedules.map(([name, schedule, hours]) => ({ cause, name, schedule, hours, stop })));

  test("there are twenty cases", () => expect(cases).toHaveLength(20));

  test.each(cases)("$name, $cause: noticed within two intervals, and not before it is late", async ({ schedule, hours, stop }) => {
    const start = new Date();
    const policyId = await protect(schedule);
    const last = new Date(start.getTime() + hours * HOUR_MS);
    await run(policyId, "complete", last);
    await stop(policyId, last, hours);
    const absent = `backup.absent ${policyId}`;
    const noticed: number[] = [];
    // In intervals since the last complete backup; a worker looks every five minutes.
    for (const age of [1, 1.4, 1.5, 2, 2.5]) {
      await watchWorkspace(ws, new Date(last.getTime() + age * hours * HOUR_MS));
      if ((await open()).includes(absent)) noticed.push(age);
    }
    expect(noticed[0]).toBe(1.5);
    expect((await incidents()).filter((incident) => incident.event === "backup.absent")).toMatchObject([{ closedAt: null, facts: { level: "overdue", everyHours: hours, lastCompleteAt: last.toISOString() } }]);
    await run(policyId, "complete", new Date(last.getTime() + 2.6 * hours * HOUR_MS));
    await change("UPDATE connection SET backup_state = 'active' WHERE id = $1", connectionId);
    await watchWorkspace(ws, new Date(last.getTime() + 2.7 * hours * HOUR_MS));
    expect(await open()).not.toContain(absent);
  });

  test("the overview shows it although no worker looks, and that none does", async () => {
    const policyId = await protect({ kind: "daily", at: "02:00", timeZone: "UTC" });
    expect((await api.getOverview(actor, ws)).attention).toEqual([]);
    await change("UPDATE policy SET due_since = now() - interval '3 days' WHERE id = $1", policyId);
    await change("UPDATE workspace SET created_at = now() - interval '3 days' WHERE id = $1", ws);
    const { attention } = await api.getOverview(actor, ws);
    expect(attention.map((one) => one.text)).toEqual([expect.stringContaining("No worker has been at work for 3 days"), expect.stringContaining("Policy “Marketing” is overdue")]);
    expect(attention[1]!.href).toBe(`/w/${ws}/policies/${policyId}`);
    await watchWorkspace(ws);
    expect((await api.getOverview(actor, ws)).attention).toHaveLength(1);
  });

  test("a policy that is switched on again has time; one that is paused is not watched any more", async () => {
    const policyId = await protect({ kind: "hours", every: 1 });
    await change("UPDATE policy SET due_since = now() - interval '1 day' WHERE id = $1", policyId);
    await watchWorkspace(ws);
    expect(await open()).toEqual([`backup.absent ${policyId}`]);
    await api.setPolicyEnabled(actor, ws, policyId, false);
    await watchWorkspace(ws);
    expect(await open()).toEqual([]);
    await api.setPolicyEnabled(actor, ws, policyId, true);
    await watchWorkspace(ws);
    expect(await open()).toEqual([]);
  });
});

test("an API key is told of a week before its end, to those who may make another one, until it is revoked", async () => {
  await webhook(["key.expiring"]);
  await api.setNamesInMessages(actor, ws, true);
  const { id } = await api.createKey({ ...actor, authenticatedAt: new Date() }, ws, { name: "Reports", scopes: ["read:status"], days: 30 });
  await watchWorkspace(ws);
  expect(await open()).toEqual([]);
  await change("UPDATE api_key SET created_at = now() - interval '24 days', expires_at = now() + interval '6 days' WHERE id = $1", id);
  await watchWorkspace(ws);
  expect(await open()).toEqual([`key.expiring ${id}`]);
  expect((await api.getOverview(actor, ws)).attention).toEqual([{ text: expect.stringMatching(/^API key “Reports” expires on \d{4}-/), href: `/w/${ws}/api-keys`, action: "Open API keys" }]);
  const viewer = (await api.readSession((await api.createSession({ tid: actor.tid, oid: randomUUID(), name: "Vera", username: "vera", authenticatedAt: new Date() })).secret))!;
  await withWorkspace(ws, (tx) => tx.member.create({ data: { workspaceId: ws, id: randomUUID(), tid: viewer.tid, oid: viewer.oid, name: "Vera", username: "vera", role: "viewer" } }));
  expect((await api.getOverview(viewer, ws)).attention).toEqual([]);
  await api.revokeKey(actor, ws, id);
  await watchWorkspace(ws);
  await sendAll();
  expect(got.map(({ body }) => (JSON.parse(body) as { data: { title: string } }).data.title.replace(/ on .*/, ""))).toEqual(["API key “Reports” expires", "API key “Reports” has ended"]);
});

describe("messages", () => {
  test("one when it begins and one when it is over, however often it is looked and however many runs fail", async () => {
    const { secret } = await webhook();
    const policyId = await protect({ kind: "daily", at: "02:00", timeZone: "UTC" });
    for (let i = 0; i < 3; i++) {
      await run(policyId, "failed", new Date(Date.now() + i));
      await watchWorkspace(ws);
      await watchWorkspace(ws);
    }
    await Promise.all(Array.from({ length: 5 }, () => watchWorkspace(ws)));
    await run(policyId, "complete", new Date(Date.now() + 10));
    await watchWorkspace(ws);
    await sendAll();
    const bodies = got.map(({ body, headers }) => new Webhook(secret!).verify(body, headers) as { type: string; data: Record<string, unknown> });
    expect(bodies.map((body) => body.type)).toEqual(["backup.failed.opened", "backup.failed.closed"]);
    expect(bodies[0]!.data).toMatchObject({ workspaceId: ws, subjectId: policyId, closedAt: null, title: "The last backup of a policy failed" });
    expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    expect((await deliveries()).map(({ state, status, attempts }) => [state, status, attempts])).toEqual([["sent", 200, 1], ["sent", 200, 1]]);
  });

  test("names are told only where the workspace allows it; content and titles of plans otherwise never", async () => {
    await webhook();
    await api.saveChannel(actor, ws, { kind: "email", name: "Mail", to: ["Olga@Contoso.example"], events: EVENTS });
    await api.saveChannel(actor, ws, { kind: "teams", name: "Teams", url: "https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y", events: EVENTS });
    const policyId = await protect({ kind: "daily", at: "02:00", timeZone: "UTC" });
    const restoreId = await finishedRestore("different");
    await run(policyId, "partial", new Date());
    await watchWorkspace(ws);
    await sendAll();
    const said = () => [...got.map(({ body }) => body), ...mails.map(({ raw }) => raw.replace(/=\r\n/g, ""))].join("\n");
    expect([got.length, mails.length]).toEqual([4, 2]);
    expect(said()).not.toMatch(/Marketing|Backup Account|Contoso tenant|Launch|Design/);
    expect(said()).toContain(`/w/${ws}/restores/${restoreId}`);

    await api.setNamesInMessages(actor, ws, true);
    await run(policyId, "failed", new Date(Date.now() + 10));
    await finishedRestore("verified");
    await watchWorkspace(ws);
    await sendAll();
    expect(said()).toContain("Marketing");
    expect(said()).toContain("Launch");
    expect(mails.every(({ to }) => to.join() === "olga@contoso.example")).toBe(true);
    expect(got.filter(({ url }) => url.startsWith("/teams/prod-1.westeurope.logic.azure.com/workflows/x?sig=y")).length).toBeGreaterThan(2);
  });

  test("a restore is told once each time it ends", async () => {
    await webhook(["restore.finished"]);
    const id = await finishedRestore("cancelled");
    await watchWorkspace(ws);
    await watchWorkspace(ws);
    await change("UPDATE restore SET state = 'verified', finished_at = now() + interval '1 second' WHERE id = $1", id);
    await watchWorkspace(ws);
    await sendAll();
    expect(got.map(({ body }) => (JSON.parse(body) as { data: { facts: { state: string } } }).data.facts.state)).toEqual(["cancelled", "verified"]);
    expect(got.every(({ body }) => body.includes('"type":"restore.finished"'))).toBe(true);
  });

  test("a digest comes once a week and holds the end of the activity log", async () => {
    await webhook(["digest.weekly"]);
    await change("UPDATE workspace SET digest_at = now() - interval '8 days' WHERE id = $1", ws);
    await watchWorkspace(ws);
    await watchWorkspace(ws);
    await sendAll();
    expect(got).toHaveLength(1);
    const { anchor } = (JSON.parse(got[0]!.body) as { data: { facts: { anchor: string } } }).data.facts;
    expect((await api.verifyActivity(actor, ws, anchor)).problem).toBeNull();
  });

  test("only channels that want an event get it", async () => {
    await webhook(["restore.finished"]);
    await run(await protect({ kind: "manual" }), "failed", new Date());
    await watchWorkspace(ws);
    expect(await open()).toHaveLength(1);
    expect(await deliveries()).toEqual([]);
  });

  test("what is not delivered is tried again, then given up, and that is told on the other channels", async () => {
    const { id: broken } = await webhook(["backup.failed", "channel.broken"]);
    await api.saveChannel(actor, ws, { kind: "email", name: "Mail", to: ["olga@contoso.example"], events: ["channel.broken"] });
    answer = 503;
    await run(await protect({ kind: "manual" }), "failed", new Date());
    await watchWorkspace(ws);
    const [delivery] = await deliveries();
    const attempt = (n: number) => notify({ workspaceId: ws, deliveryId: delivery!.id }, { jobId: "j", attempt: n, signal: new AbortController().signal });
    for (let n = 0; n < NOTIFY_RETRIES; n++) await expect(attempt(n)).rejects.toMatchObject({ code: "delivery_failed" });
    await watchWorkspace(ws);
    expect(await open()).not.toContain(`channel.broken ${broken}`);
    await attempt(NOTIFY_RETRIES);
    expect(new Set(got.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([delivery!.id]));
    expect((await api.getNotifications(actor, ws)).deliveries).toMatchObject([{ state: "failed", status: 503, answer: "answer 503", attempts: NOTIFY_RETRIES + 1 }]);
    await attempt(0); // given up: nothing more is sent
    expect(got).toHaveLength(NOTIFY_RETRIES + 1);
    await watchWorkspace(ws);
    expect(await open()).toContain(`channel.broken ${broken}`);
    await sendAll();
    expect([got.length, mails.length]).toEqual([NOTIFY_RETRIES + 1, 1]);
    answer = 200;
    await api.testChannel(actor, ws, broken);
    await sendAll();
    await watchWorkspace(ws);
    expect(await open()).not.toContain(`channel.broken ${broken}`);
  });

  test("a message whose job was lost is not under way for ever", async () => {
    const { id } = await webhook();
    const { deliveryId } = await api.testChannel(actor, ws, id);
    await jobLost({ workspaceId: ws, deliveryId }, LOST);
    expect(await api.getDelivery(actor, ws, deliveryId)).toMatchObject({ state: "failed", attempts: 0 });
  });
});

describe("channels", () => {
  test("addresses and secrets are stored sealed; the secret is shown once and stays when the channel changes", async () => {
    const made = await webhook();
    expect(made.secret).toMatch(/^whsec_/);
    await api.saveChannel(actor, ws, { kind: "teams", name: "Teams", url: "https://prod-1.westeurope.logic.azure.com/workflows/x?sig=hidden", events: [] });
    expect(await api.saveChannel(actor, ws, { kind: "webhook", name: "Pager 2", url: `${origin()}/other`, events: ["backup.failed"] }, made.id)).toEqual({ id: made.id, secret: null });
    await api.testChannel(actor, ws, made.id);
    await sendAll();
    expect(got[0]!.url).toBe("/other");
    new Webhook(made.secret!).verify(got[0]!.body, got[0]!.headers);
    const { rows } = await admin.query<{ text: string }>("SELECT c::text AS text FROM channel c UNION ALL SELECT d::text FROM delivery d UNION ALL SELECT a::text FROM audit a UNION ALL SELECT data::text FROM jobs.job");
    expect(rows.map((row) => row.text).join("\n")).not.toMatch(/whsec_|sig=hidden|127\.0\.0\.1|answer 200/);
  });

  test.each([
    ["no name", { kind: "email", name: " ", to: ["a@b.example"], events: [] }, /name/],
    ["no address", { kind: "email", name: "n", to: [], events: [] }, /at least one address/],
    ["an address that adds a header", { kind: "email", name: "n", to: ["a@b.example\r\nBcc: c@d.example"], events: [] }, /e-mail address/],
    ["a Teams address elsewhere", { kind: "teams", name: "n", url: "https://evil.example/", events: [] }, /Teams workflow/],
    ["a webhook without https in it", { kind: "webhook", name: "n", url: "ftp://x.example/", events: [] }, /https/],
    ["an event that is none", { kind: "webhook", name: "n", url: "https://x.example/", events: ["all"] }, /./],
    ["a kind that is none", { kind: "sms", name: "n", events: [] }, /Choose/],
  ])("%s is refused in words", async (_name, input, words) => {
    await expect(api.saveChannel(actor, ws, input)).rejects.toSatisfy((error: { code: string; message: string }) => error.code === "invalid_input" && words.test(error.message));
  });

  test("viewers see that there are channels, not where they lead, and change nothing", async () => {
    const { id } = await webhook();
    const { link } = await api.createInvitation(actor, ws, { role: "viewer" });
    const viewer = { ...actor, oid: randomUUID(), name: "Vic" };
    await api.acceptInvitation(viewer, link.slice(link.lastIndexOf("/") + 1));
    expect((await api.getNotifications(viewer, ws)).channels).toEqual([expect.objectContaining({ id, url: null, to: [], address: new URL(origin()).host })]);
    for (const attempt of [() => api.testChannel(viewer, ws, id), () => api.removeChannel(viewer, ws, id), () => api.setNamesInMessages(viewer, ws, true)]) await expect(attempt()).rejects.toMatchObject({ code: "forbidden" });
    await api.removeChannel(actor, ws, id);
    expect((await api.getNotifications(actor, ws)).channels).toEqual([]);
  });
});

test("a policy of hours is due when its page says, also one whose schedule an earlier version wrote; the same time twice is one run", async () => {
  const policyId = await protect({ kind: "hours", every: 1 });
  const cronOf = async () => (await admin.query<{ cron: string }>("SELECT cron FROM jobs.schedule WHERE name = 'policy-due' AND key = $1", [policyId])).rows[0]!.cron;
  const cron = await cronOf();
  const { nextRuns, scheduleText } = await api.getPolicy(actor, ws, policyId);
  const minute = new Date(nextRuns[0]!).getUTCMinutes();
  expect([cron, scheduleText]).toEqual([`${minute} 0-23/1 * * *`, `Every hour at minute ${minute}`]);
  await change("UPDATE jobs.schedule SET cron = '0 * * * *' WHERE name = 'policy-due' AND key = $1", policyId);
  for (let i = 0; i < 2; i++) await policyDue({ workspaceId: ws, policyId }, { jobId: "one", attempt: i, signal: new AbortController().signal });
  expect([await cronOf(), (await api.listRuns(actor, ws)).length]).toEqual([cron, 1]);
});

test("a worker looks after a new workspace by itself, sends what it finds, and says that it lives", async () => {
  const { id } = await webhook();
  const { rows } = await admin.query<{ cron: string; options: { singletonKey: string } }>("SELECT cron, options FROM jobs.schedule WHERE name = 'watch' AND key = $1", [ws]);
  expect(rows).toMatchObject([{ cron: expect.stringMatching(/^[0-4]-59\/5 \* \* \* \*$/), options: { singletonKey: ws } }]);
  const beats = () => got.filter(({ url }) => url === "/beat").length;
  const worker = await startWorker({ log: { info: () => undefined, error: () => undefined } });
  const stopHeartbeat = startHeartbeat(`${origin()}/beat`, () => undefined, 50);
  try {
    const { deliveryId } = await api.testChannel(actor, ws, id);
    expect(await until(() => api.getDelivery(actor, ws, deliveryId), (delivery) => delivery.state !== "queued", 20_000)).toMatchObject({ state: "sent", status: 200, answer: "answer 200" });
    const policyId = await protect({ kind: "manual" });
    const { runId } = await api.startRun(actor, ws, policyId, randomUUID());
    // No account is signed in, so the run fails at once; its end calls the watch.
    await until(() => api.getRun(actor, ws, runId), (one) => one.finishedAt !== null, 20_000);
    await until(() => got.map(({ body }) => body).join(), (bodies) => bodies.includes("access.lost.opened"), 20_000);
    await until(beats, (count) => count >= 2, 10_000);
  } finally {
    stopHeartbeat();
    await worker.stop(5000);
  }
});

async function finishedRestore(state: string): Promise<string> {
  const id = randomUUID();
  const sealedNames = await sealPlanNames(ws, id, { title: "Launch", groupName: "Design" });
  const sealedRequest = await sealJson(ws, "content", PLACE.restoreRequest(id), {});
  const w = { workspaceId: ws };
  await withWorkspace(ws, async (tx) => {
    await tx.plan.create({ data: { ...w, id, microsoftTenantId: connectionId, graphPlanId: id, groupId, sealedNames } });
    await tx.snapshot.create({ data: { ...w, id, planId: id, state: "complete", manifestId: "m", takenAt: new Date(), counts: {} } });
    await tx.restore.create({ data: { ...w, id, snapshotId: id, connectionId, startedBy: "x", state, sealedRequest, startedAt: new Date(), finishedAt: new Date() } });
  });
  return id;
}
