/** Durations of the web's requests, by the pattern of their route, from Node's own diagnostics. */
import { channel } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { metrics } from "./metrics";

interface Manifest {
  staticRoutes: { page: string }[];
  dynamicRoutes: { page: string; regex: string }[];
}

const METHODS = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The pattern of a path by the routes of the build; whatever is none of them has one name for all. */
export function routeNames({ staticRoutes, dynamicRoutes }: Manifest): (pathname: string) => string {
  const fixed = new Set(staticRoutes.map(({ page }) => page));
  const patterns = dynamicRoutes.map(({ page, regex }) => ({ page, regex: new RegExp(regex) }));
  return (pathname) => {
    if (pathname.startsWith("/_next/")) return "/_next";
    return fixed.has(pathname) ? pathname : (patterns.find(({ regex }) => regex.test(pathname))?.page ?? "other");
  };
}

/** Measures every request that this process answers from now on, but for those to the operator's port. */
export function measureRequests(opsPort: number): void {
  let name: (pathname: string) => string;
  try {
    name = routeNames(JSON.parse(readFileSync(path.join(process.cwd(), ".next/routes-manifest.json"), "utf8")) as Manifest);
  } catch {
    name = () => "other"; // next dev has no manifest
  }
  const started = new WeakMap<object, number>();
  channel("http.server.request.start").subscribe((message) => void started.set((message as { request: IncomingMessage }).request, performance.now()));
  channel("http.server.response.finish").subscribe((message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const from = started.get(request);
    // An event stream lasts as long as somebody looks.
    if (from === undefined || request.socket.localPort === opsPort || String(response.getHeader("content-type")).startsWith("text/event-stream")) return;
    const route = name((request.url ?? "").split("?", 1)[0]!);
    const method = METHODS.includes(request.method ?? "") ? request.method! : "other";
    metrics().http.observe({ route, method, status: `${Math.floor(response.statusCode / 100)}xx` }, (performance.now() - from) / 1000);
  });
}
