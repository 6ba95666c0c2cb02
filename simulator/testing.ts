import { APPS, CONTOSO, PEOPLE } from "./fixtures";
import type { Simulator } from "./server";

export interface Reply {
  status: number;
  headers: Headers;
  body: ReplyBody;
}

/** The parts of answers that tests look into; a body that is not JSON is a Buffer in `bytes`. */
export interface ReplyBody {
  [name: string]: unknown;
  id: string;
  value: { [name: string]: unknown; id: string }[];
  error: { code: string; message: string };
  responses: { id: string; status: number; headers: Record<string, string>; body: ReplyBody }[];
  bytes: Buffer;
  "@odata.nextLink"?: string;
}

export interface Caller {
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** Backup and restore scopes together. */
export const ALL_SCOPES = ["Group.ReadWrite.All", "User.ReadBasic.All", "Directory.Read.All", "Sites.ReadWrite.All", "Tasks.ReadWrite"];

/** Calls Graph as somebody; URLs of Microsoft's hosts are mapped to the simulator. */
export async function callerFor(simulator: Simulator, who: { user?: { id: string }; tenantId?: string; scopes?: readonly string[]; roles?: readonly string[]; acrs?: string[] } = {}): Promise<Caller> {
  const isApp = who.roles !== undefined;
  const token = await simulator.token({
    tenantId: who.tenantId ?? CONTOSO.tenantId,
    ...(isApp ? { roles: who.roles } : { userId: (who.user ?? PEOPLE.backup).id, scopes: who.scopes ?? ALL_SCOPES }),
    clientId: APPS.backup.clientId,
    ...(who.acrs ? { acrs: who.acrs } : {}),
  });
  const send: Caller["send"] = (method, path, body, headers = {}) => {
    const json = body !== undefined && !(body instanceof Uint8Array);
    return request(simulator, method, path.startsWith("/") && !path.startsWith("/beta/") ? `/v1.0${path}` : path, {
      headers: { authorization: `Bearer ${token}`, ...(json ? { "content-type": "application/json" } : {}), ...headers },
      body: body === undefined ? undefined : json ? JSON.stringify(body) : Buffer.from(body as Uint8Array),
    });
  };
  return { send, get: (path, headers) => send("GET", path, undefined, headers) };
}

/** Where a URL that Microsoft named is found in the simulator. */
export function mapped(simulator: Simulator, url: string): string {
  const parsed = new URL(url, simulator.origin);
  const rest = parsed.pathname + parsed.search;
  return parsed.hostname.endsWith(".sharepoint.com") ? `${simulator.origin}/sharepoint/${parsed.hostname}${rest}` : `${simulator.origin}${rest}`;
}

/** One request without a token of its own. */
export async function request(simulator: Simulator, method: string, url: string, init: { headers?: Record<string, string>; body?: Buffer | string | undefined } = {}): Promise<Reply> {
  const response = await fetch(mapped(simulator, url), { method, redirect: "manual", headers: init.headers ?? {}, ...(init.body === undefined ? {} : { body: init.body as BodyInit }) });
  const isJson = response.headers.get("content-type")?.includes("json");
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body: (isJson && bytes.length > 0 ? JSON.parse(bytes.toString("utf8")) : { bytes }) as ReplyBody };
}
