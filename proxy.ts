import { randomBytes } from "node:crypto";
import { NextResponse, type NextRequest } from "next/server";
import { ADDRESS_HEADER } from "@/app/address";
import { FILE_POLICY } from "@/app/download";
import { config as configuration } from "@/lib/config";

/** Files that people stored, exports of what they wrote, and answers for programs. What is set here wins over the route's own headers, so their sandbox is named here too. */
const STORED_FILE = /^\/w\/[^/]+\/snapshots\/[^/]+\/(files\/|export$)|^\/api\/v1\//;

/**
 * Sets the Content-Security-Policy with a fresh nonce, and tells the pages their address. It never authorises: every page, action and route handler
 * reads the session itself.
 */
export function proxy(request: NextRequest) {
  const isFile = STORED_FILE.test(request.nextUrl.pathname);
  const policy = isFile ? FILE_POLICY : contentSecurityPolicy(randomBytes(16).toString("base64"), Object.values(configuration().clouds).map(({ loginOrigin }) => loginOrigin));
  const headers = new Headers(request.headers);
  // Next reads the nonce for its own scripts from this request header.
  headers.set("Content-Security-Policy", policy);
  headers.set(ADDRESS_HEADER, request.nextUrl.pathname + request.nextUrl.search);
  // Next cannot decode such an address either, and would answer without a page of ours: there is none at this one.
  const response = isReadable(request.nextUrl.pathname) ? NextResponse.next({ request: { headers } }) : NextResponse.rewrite(new URL("/not-found", request.url), { request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

function isReadable(pathname: string): boolean {
  try {
    return Boolean(decodeURIComponent(pathname));
  } catch {
    return false;
  }
}

function contentSecurityPolicy(nonce: string, loginOrigins: string[]): string {
  const development = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    // React's development build evaluates strings to rebuild stack traces.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Style attributes (label colours, virtual lists) cannot carry a nonce.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    // A form that is sent before its script is loaded is answered by a redirect to Microsoft's sign-in.
    `form-action 'self' ${[...new Set(loginOrigins)].join(" ")}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join("; ");
}

export const config = {
  matcher: [{ source: "/((?!_next/static|_next/image|livez|readyz|favicon|icon).*)", missing: [{ type: "header", key: "next-router-prefetch" }] }],
};
