import { createDispatcher } from "../graph/dispatch";
import type { AccessTokenClaims, SimGroup, SimTenant, SimUser } from "../model";
import { createWorld } from "../world";
import type { ClockedWorld } from "../world";
import { createPlannerStore, plannerRoutes } from "./index";
import type { PlannerStore } from "./index";

/** A small world for tests of this room: one tenant with a group, an outsider and an owner who is no member; another tenant beside it. */
export interface Bench {
  world: ClockedWorld;
  store: PlannerStore;
  tenant: SimTenant;
  group: SimGroup;
  member: Caller;
  colleague: Caller;
  outsider: Caller;
  ownerOnly: Caller;
  app: Caller;
  stranger: Caller;
  /** A caller with other permissions than everything. */
  caller(who: { userId: string | null; permissions: string[] }): Caller;
  /** A plan with one bucket and one task, made without HTTP. */
  plan(): { planId: string; bucketId: string; taskId: string };
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: JsonBody;
  /** Of the error body. */
  code: string | undefined;
  message: string | undefined;
}

export type JsonBody = { [key: string]: unknown } & { "@odata.etag": string; id: string };

export interface Caller {
  userId: string | null;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, etag: string | null, body: unknown, prefer?: string): Promise<Answer>;
  delete(path: string, etag: string | null): Promise<Answer>;
  /** All pages of a list. */
  list(path: string): Promise<JsonBody[]>;
}

export const APP_ID = "a0000000-0000-4000-8000-000000000001";
export const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

const user = (number: number, displayName: string): SimUser => ({
  id: id(number), displayName, userPrincipalName: `${displayName.toLowerCase()}@contoso.example`, mail: null, userType: "Member", accountEnabled: true,
  directoryRoles: [], servicePlans: [], tokensValidFrom: 0,
});

const group = (number: number, members: string[], owners: string[]): SimGroup => ({
  id: id(number), displayName: `Group ${number}`, description: null, mailNickname: `group${number}`, mail: `group${number}@contoso.example`, visibility: "Private",
  groupTypes: ["Unified"], createdDateTime: "2026-01-01T00:00:00Z", members: new Set(members), owners: new Set(owners), readyAt: 0,
});

const tenant = (number: number, users: SimUser[], groups: SimGroup[]): SimTenant => ({
  id: id(number), displayName: `Tenant ${number}`, domain: "contoso.example", sharepointHost: "contoso.sharepoint.com",
  users: new Map(users.map((one) => [one.id, one])), groups: new Map(groups.map((one) => [one.id, one])),
  grants: new Map(), adminConsentWorkflow: false, enableGroupCreation: true,
});

export function createBench(): Bench {
  const world = createWorld({ seed: 7, startAt: Date.UTC(2026, 5, 1, 12) });
  const people = [user(11, "Member"), user(12, "Colleague"), user(13, "Outsider"), user(14, "OwnerOnly")];
  const team = group(21, [id(11), id(12)], [id(11), id(14)]);
  const home = tenant(1, people, [team]);
  const foreign = tenant(2, [user(31, "Stranger")], [group(41, [id(31)], [])]);
  world.tenants.set(home.id, home).set(foreign.id, foreign);
  const store = createPlannerStore(world);
  const dispatcher = createDispatcher(world, plannerRoutes(store));

  const callerOf = (tid: string, userId: string | null, permissions: string[]): Caller => {
    const seconds = Math.floor(world.now() / 1000);
    const token: AccessTokenClaims = {
      aud: "https://graph.microsoft.com", iss: "test", tid, oid: userId ?? id(99), appid: APP_ID, iat: seconds, exp: seconds + 3600, uti: "test",
      ...(userId === null ? { roles: permissions } : { scp: permissions.join(" ") }),
    };
    return createCaller(userId, async (method, url, headers, body) => {
      const { pathname, searchParams } = new URL(url, world.origin);
      const [, version, ...rest] = pathname.split("/");
      return dispatcher.run({
        method, version: version === "beta" ? "beta" : "v1.0", path: `/${rest.join("/")}`, query: searchParams,
        headers: { "content-type": "application/json", ...headers }, body: body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
      }, token);
    });
  };
  const everything = ["Tasks.ReadWrite", "Group.ReadWrite.All"];
  const callerHere = (number: number) => callerOf(home.id, id(number), everything);
  return {
    world, store, tenant: home, group: team,
    member: callerHere(11), colleague: callerHere(12), outsider: callerHere(13), ownerOnly: callerHere(14),
    app: callerOf(home.id, null, ["Tasks.ReadWrite.All"]),
    stranger: callerOf(foreign.id, id(31), everything),
    caller: ({ userId, permissions }) => callerOf(home.id, userId, permissions),
    plan() {
      const createdBy = { userId: id(11), appId: APP_ID };
      const planId = store.addPlan({ tenantId: home.id, groupId: team.id, title: "Launch", createdBy }).id;
      const bucketId = store.addBucket({ planId, name: "To do" }).id;
      return { planId, bucketId, taskId: store.addTask({ planId, bucketId, title: "Write the brief", createdBy }).id };
    },
  };
}

type Send = (method: string, url: string, headers: Record<string, string>, body?: unknown) => Promise<{ status: number; headers?: Record<string, string>; body?: unknown }>;

function createCaller(userId: string | null, send: Send): Caller {
  const run = async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer> => {
    const url = path.startsWith("http") || path.startsWith("/beta/") ? path : `/v1.0${path}`;
    const answer = await send(method, url, headers, body);
    const error = (answer.body as { error?: { code: string; message: string } } | undefined)?.error;
    return { status: answer.status, headers: answer.headers ?? {}, body: answer.body as JsonBody, code: error?.code, message: error?.message };
  };
  const ifMatch = (etag: string | null): Record<string, string> => (etag === null ? {} : { "if-match": etag });
  const caller: Caller = {
    userId,
    get: (path, headers) => run("GET", path, headers),
    post: (path, body, headers = {}) => run("POST", path, headers, body),
    patch: (path, etag, body, prefer) => run("PATCH", path, { ...ifMatch(etag), ...(prefer === undefined ? {} : { prefer }) }, body),
    delete: (path, etag) => run("DELETE", path, ifMatch(etag)),
    async list(path) {
      const all: JsonBody[] = [];
      for (let next: string | undefined = path; next !== undefined;) {
        const answer: Answer = await caller.get(next);
        if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.message}`);
        if (all.length > 10_000) throw new Error(`GET ${path}: the pages have no end`);
        all.push(...(answer.body.value as JsonBody[]));
        next = answer.body["@odata.nextLink"] as string | undefined;
      }
      return all;
    },
  };
  return caller;
}

export const REPRESENTATION = "return=representation";
export const assignment = (orderHint = " !") => ({ "@odata.type": "#microsoft.graph.plannerAssignment", orderHint });
export const checklistItem = (fields: Record<string, unknown>) => ({ "@odata.type": "#microsoft.graph.plannerChecklistItem", ...fields });
export const reference = (fields: Record<string, unknown>) => ({ "@odata.type": "#microsoft.graph.plannerExternalReference", ...fields });
