/** Two web servers and two workers, as they run in production, on one database: whichever of them answers, it is one Planback. Runs with `npm run test:long`. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backUp, connect, control, kill, openWorld, protect, startWorkerProcess, until, type World } from "@/lib/jobs/testing/world";
import { API_LIMIT } from "@/lib/workspaces/apiKeys";
import { createKey, getPolicy, listRuns, rotateKeys } from "@/lib/workspaces";
import { buildWeb } from "@/scripts/build";
import { freePort } from "@/scripts/ports";
import { untilReady } from "@/scripts/processes";
import { SignInBrowser } from "@/simulator/entra/browser";
import { GROUPS, PEOPLE } from "@/simulator/fixtures";

const ADDRESS = "http://127.0.0.1:3000";

interface Web { origin: string; child: ChildProcess }

/** A browser behind a balancer: one address, whichever process answers. */
class Visitor {
  constructor(readonly cookies = new Map<string, string>()) {}

  async ask(web: Web, path: string, init: { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal } = {}): Promise<Response> {
    const response = await fetch(web.origin + path, {
      ...init, redirect: "manual",
      headers: { origin: ADDRESS, "x-forwarded-host": new URL(ADDRESS).host, "x-forwarded-proto": "http", cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      this.cookies.set(name!, value!);
    }
    return response;
  }

  /** Calls a server action as a page does; `said` is its answer, `to` where it leads. */
  async act(web: Web, page: string, name: string, args: unknown[]): Promise<{ status: number; said: unknown; to: string | null }> {
    const manifest = JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")) as { node: Record<string, { exportedName: string }> };
    const [id] = Object.entries(manifest.node).find(([, { exportedName }]) => exportedName === name)!;
    const response = await this.ask(web, page, { method: "POST", headers: { "next-action": id, accept: "text/x-component", "content-type": "text/plain;charset=UTF-8" }, body: JSON.stringify(args) });
    const row = /^1:(\{.*\})$/m.exec(await response.text())?.[1];
    return { status: response.status, said: row ? JSON.parse(row) : null, to: response.headers.get("x-action-redirect")?.split(";")[0] ?? null };
  }

  /** Follows a live page; `states` grow as they come. */
  async follow(web: Web, path: string): Promise<{ states: { state: string }[]; ended: Promise<"told" | "closed"> }> {
    const response = await this.ask(web, path, { headers: { accept: "text/event-stream" } });
    expect(response.status).toBe(200);
    const states: { state: string }[] = [];
    const ended = (async () => {
      let text = "";
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
          text = text.slice(end + 2);
          if (event === "end") return "told" as const;
          if (event === "state") states.push(JSON.parse(data!) as { state: string });
        }
      }
      return "closed" as const;
    })();
    ended.catch(() => undefined);
    return { states, ended };
  }
}

describe.runIf(process.env.PLANBACK_LONG)("two web servers and two workers", () => {
  let world: World;
  let policyId: string;
  const webs: Web[] = [];
  const workers: ChildProcess[] = [];
  const alice = new Visitor();

  async function startWeb(taken: number[]): Promise<Web> {
    const port = await freePort(3410, "a web server", taken);
    const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", "start", "-p", String(port)], {
      detached: true, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, NODE_ENV: "production", NEXTAUTH_URL: ADDRESS, NEXT_TELEMETRY_DISABLED: "1" },
    });
    const origin = `http://127.0.0.1:${port}`;
    await untilReady("A web server", `${origin}/readyz`, 60_000);
    return { origin, child };
  }

  beforeAll(async () => {
    buildWeb();
    world = await openWorld();
    workers.push(...(await Promise.all([startWorkerProcess("worker/main.ts", { detached: true }), startWorkerProcess("worker/main.ts", { detached: true })])));
    for (let number = 0; number < 2; number++) webs.push(await startWeb(webs.map(({ origin }) => Number(new URL(origin).port))));
    policyId = await protect(world, await connect(world, "backup"), GROUPS.marketing);
  }, 400_000);
  afterAll(async () => {
    await Promise.all([...webs.map(({ child }) => child), ...workers].map(kill));
    await world?.close();
  });

  test("a sign-in that began at one ends at the other, and its session is good at both, until it ends at one", async () => {
    const [one, other] = webs as [Web, Web];
    const signIn = async (visitor: Visitor) => {
      const { csrfToken } = (await (await visitor.ask(one, "/api/auth/csrf")).json()) as { csrfToken: string };
      const body = new URLSearchParams({ csrfToken, callbackUrl: ADDRESS, json: "true" }).toString();
      const { url } = (await (await visitor.ask(other, "/api/auth/signin/microsoft", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body })).json()) as { url: string };
      const browser = new SignInBrowser();
      await browser.open(url);
      let { location } = await browser.press(PEOPLE.alice.displayName);
      location ??= (await browser.press("Accept")).location;
      expect((await visitor.ask(one, location!.pathname + location!.search)).status).toBe(302);
    };
    await signIn(alice);
    for (const web of webs) expect(await (await alice.ask(web, `/w/${world.ws}`)).text()).toContain("Contoso backups");

    const again = new Visitor();
    await signIn(again);
    const { csrfToken } = (await (await again.ask(other, "/api/auth/csrf")).json()) as { csrfToken: string };
    const stale = new Visitor(new Map(again.cookies));
    await again.ask(other, "/api/auth/signout", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ csrfToken }).toString() });
    for (const web of webs) expect((await stale.ask(web, `/w/${world.ws}`)).headers.get("location")).toContain("/sign-in");
  });

  test("the same press at both at once is one run, and pages that are open at both see what either worker did", async () => {
    const requestKey = randomUUID();
    const page = `/w/${world.ws}/policies/${policyId}`;
    const presses = await Promise.all([...webs, ...webs, ...webs].map((web) => alice.act(web, page, "startRunAction", [world.ws, policyId, requestKey])));
    expect(new Set(presses.map(({ to }) => to)).size).toBe(1);
    const runId = presses[0]!.to!.split("/").at(-1)!;
    expect((await listRuns(world.actor, world.ws)).map(({ id }) => id)).toEqual([runId]);
    const live = await Promise.all(webs.map((web) => alice.follow(web, `/api/w/${world.ws}/runs/${runId}/events`)));
    expect(await Promise.all(live.map(({ ended }) => ended))).toEqual(["told", "told"]);
    expect(live.map(({ states }) => states.at(-1)!.state)).toEqual(["complete", "complete"]);
  });

  test("what was opened at one is read with the keys that another one made since", async () => {
    const { id } = (await getPolicy(world.actor, world.ws, policyId)).lastRun!;
    const snapshots = async () => [...(await (await alice.ask(webs[0]!, `/w/${world.ws}/runs/${id}`)).text()).matchAll(/\/snapshots\/([0-9a-f-]{36})/g)].map((match) => match[1]!);
    const [before] = await snapshots();
    for (const web of webs) expect((await alice.ask(web, `/w/${world.ws}/snapshots/${before}`)).status).toBe(200);
    await rotateKeys({ ...world.actor, authenticatedAt: new Date() }, world.ws);
    const run = await backUp(world, policyId);
    for (const web of webs) {
      for (const snapshot of [before, ...run.items.map(({ snapshotId }) => snapshotId)]) expect((await alice.ask(web, `/w/${world.ws}/snapshots/${snapshot}`)).status).toBe(200);
    }
  });

  test("an API key has one allowance, whoever answers", async () => {
    const { secret } = await createKey({ ...world.actor, authenticatedAt: new Date() }, world.ws, { name: "Both", scopes: ["read:status"], days: 30 });
    const left = await Promise.all(Array.from({ length: 120 }, async (_, request) => {
      const response = await fetch(`${webs[request % 2]!.origin}/api/v1/workspace`, { headers: { authorization: `Bearer ${secret}` } });
      expect(response.status).toBe(200);
      return Number(/r=(\d+)/.exec(response.headers.get("ratelimit")!)![1]);
    }));
    // With an allowance at each, more than that would be left.
    expect(Math.min(...left)).toBeLessThan(API_LIMIT - 60);
  });

  test("one that is stopped answers what it was asked, lets live pages go to the other one, and is gone within seconds", async () => {
    const [one, other] = webs as [Web, Web];
    await control(world.simulator, "faults", { match: { method: "POST", path: "/$batch" }, action: { kind: "delay", ms: 20_000 }, times: 1 });
    const { to } = await alice.act(other, `/w/${world.ws}/policies/${policyId}`, "startRunAction", [world.ws, policyId, randomUUID()]);
    const events = `/api/w/${world.ws}/runs/${to!.split("/").at(-1)}/events`;
    const live = await Promise.all([one, one, other].map((web) => alice.follow(web, events)));
    await until(() => live.map(({ states }) => states.length), (counts) => counts.every((count) => count > 0));
    const admin = new pg.Client({ connectionString: world.database.adminUrl });
    await admin.connect();
    await admin.query("BEGIN");
    await admin.query("SELECT 1 FROM workspace WHERE id = $1 FOR UPDATE", [world.ws]);
    const underWay = alice.act(one, `/w/${world.ws}/policies/${policyId}`, "setPolicyEnabledAction", [world.ws, policyId, false]);
    const waiting = new pg.Client({ connectionString: world.database.adminUrl });
    await waiting.connect();
    await until(async () => (await waiting.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).rows, (rows) => rows.length > 0);

    const from = Date.now();
    const gone = once(one.child, "exit");
    one.child.kill("SIGTERM");
    expect(await Promise.all(live.slice(0, 2).map(({ ended }) => ended))).toEqual(["closed", "closed"]);
    await expect(alice.ask(one, "/livez")).rejects.toThrow();
    await admin.query("COMMIT");
    expect((await underWay).said).toMatchObject({ ok: true });
    expect((await gone)[0]).toBe(143);
    expect(Date.now() - from).toBeLessThan(15_000);
    await Promise.all([admin.end(), waiting.end()]);

    expect((await getPolicy(world.actor, world.ws, policyId)).enabled).toBe(false);
    // The pages go on at the other one, to the end of the run.
    const again = await alice.follow(other, events);
    expect(await Promise.all([live[2]!.ended, again.ended])).toEqual(["told", "told"]);
    expect(again.states.at(-1)!.state).toBe("complete");
  });
});
