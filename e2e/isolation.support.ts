import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { APP } from "./support";

/** What a person tries: the parameters of a route or action, by name. */
export type Ids = Record<string, string>;

/** Every route of the application, from the folders of app/, with its parameters: "/w/[workspaceId]/runs/[runId]". */
export function routesOf(folder = "app", base = ""): { pattern: string; kind: "page" | "route" }[] {
  return readdirSync(path.join(folder, base), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return routesOf(folder, `${base}/${entry.name}`);
    const kind = entry.name === "page.tsx" ? "page" as const : entry.name === "route.ts" ? "route" as const : null;
    return kind ? [{ pattern: base || "/", kind }] : [];
  });
}

/** The names of the parameters in a pattern. */
export const parametersOf = (pattern: string): string[] => [...pattern.matchAll(/\[(?:\.\.\.)?(\w+)\]/g)].map((match) => match[1]!);

export const fillIn = (pattern: string, ids: Ids): string => pattern.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name: string) => encodeURIComponent(ids[name]!));

/** Ids that exist nowhere, of the same shape. */
export function inventedIds(ids: Ids): Ids {
  return Object.fromEntries(Object.entries(ids).map(([name, value]) => [name, value.length === 36 ? randomUUID() : "A".repeat(value.length)]));
}

/** A response in what an outsider can learn from it: what he sent himself and what differs each time are blanked. */
export interface Answer { status: number; location: string | null; type: string; said: string[] }

/** Asks for a route; `raw` is what came, `answer` is what to compare. */
export async function ask(request: APIRequestContext, pattern: string, ids: Ids): Promise<{ answer: Answer; raw: string }> {
  const response = await request.get(fillIn(pattern, ids), { maxRedirects: 0, timeout: 20_000 });
  const headers = response.headers();
  const raw = await response.text();
  const blank = (text: string) => Object.entries(ids).reduce((rest, [name, value]) => rest.replaceAll(encodeURIComponent(value), `{${name}}`).replaceAll(value, `{${name}}`), text);
  const type = headers["content-type"] ?? "";
  const said = type.startsWith("text/html") ? [...new Set(stringsIn(raw).map(blank))].sort() : [blank(raw)];
  return { answer: { status: response.status(), location: headers.location ? blank(headers.location) : null, type, said }, raw };
}

/**
 * Every string that a page tells the browser, once. React numbers and streams the parts of a page in the order they get
 * ready, so two answers of the same content differ as text.
 */
function stringsIn(html: string): string[] {
  const data = [...html.matchAll(/self\.__next_f\.push\(\[1,("(?:[^"\\]|\\.)*")\]\)/g)].map((match) => JSON.parse(match[1]!) as string).join("");
  const nonce = /nonce="([^"]+)"/.exec(html)?.[1] ?? "no nonce";
  const strings = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replaceAll(nonce, "{nonce}")).filter((text) => !text.startsWith("$"));
  return strings;
}

export interface ServerAction { id: string; page: string }

/** Every server action of the build, by name, from the manifest that Next itself finds them by. */
export function serverActions(): Map<string, ServerAction> {
  const manifest = JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")) as {
    node: Record<string, { exportedName: string; workers: Record<string, unknown> }>;
  };
  return new Map(Object.entries(manifest.node).map(([id, { exportedName, workers }]) =>
    [exportedName, { id, page: Object.keys(workers)[0]!.replace(/^app/, "").replace(/\/page$/, "") }]));
}

export interface ActionAnswer { status: number; ok: boolean | null; code: string | null; message: string | null; value: unknown; redirect: string | null }

/** Calls a server action over HTTP as a page of the application would, with any arguments and any Origin. */
export async function callAction(request: APIRequestContext, action: ServerAction, page: Ids, args: unknown[], origin: string | null = APP): Promise<ActionAnswer> {
  const response = await request.post(fillIn(action.page, page), {
    headers: { "next-action": action.id, accept: "text/x-component", "content-type": "text/plain;charset=UTF-8", ...(origin === null ? {} : { origin }) },
    data: JSON.stringify(args), maxRedirects: 0,
  });
  const row = /^1:(\{.*\})$/m.exec(await response.text())?.[1];
  const result = (row ? JSON.parse(row) : {}) as { ok?: boolean; code?: string; message?: string; value?: unknown };
  const redirect = response.headers()["x-action-redirect"]?.split(";")[0] ?? null;
  return { status: response.status(), ok: result.ok ?? null, code: result.code ?? null, message: result.message ?? null, value: result.value ?? null, redirect };
}

/** What a person sees on some pages, without the times, to tell whether anything changed. */
export async function visible(page: Page, paths: string[]): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const address of paths) {
    await page.goto(address, { waitUntil: "load" });
    await page.locator("main h1").first().waitFor();
    // Some of it is made in the browser, once React has taken the page over.
    await page.waitForFunction(() => Object.keys(document.querySelector("main h1") ?? {}).some((key) => key.startsWith("__reactFiber")));
    let [before, now]: [string | null, string] = [null, await text(page)];
    while (now !== before) {
      await page.waitForTimeout(200);
      [before, now] = [now, await text(page)];
    }
    seen[address] = now;
  }
  return seen;
}

const text = (page: Page): Promise<string> => page.locator("main").evaluate((main) => {
  const copy = main.cloneNode(true) as HTMLElement;
  copy.querySelectorAll("time").forEach((time) => time.remove());
  return copy.innerText.replace(/\s+/g, " ");
});
