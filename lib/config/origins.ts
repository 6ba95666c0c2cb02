import { PlanbackError } from "@/lib/errors";
import type { Config } from "./index";

const LOGIN = "login.microsoftonline.com";
const GRAPH = "graph.microsoft.com";
const SHAREPOINT = /^[a-z0-9-]+\.sharepoint\.com$/;

type Origins = Pick<Config, "loginOrigin" | "graphOrigin" | "sharepointUrl">;

/**
 * The one place that decides which hosts are ever dialled. Code names Microsoft's hosts; the configured origins say
 * where they are. Any other host, scheme, port or credentials in the URL are refused (a task may hold any URL).
 * Returns the URL to dial. Throws PlanbackError graph_rejected; the message holds no URL.
 */
export function dialUrl(raw: string, origins: Origins): string {
  let url: URL;
  try {
    url = new URL(raw);
  } catch {
    throw new PlanbackError("graph_rejected", "Microsoft named an address that is not a URL. Nothing was sent.");
  }
  if (url.username || url.password) throw refused();
  if (url.origin === origins.loginOrigin) return raw;
  if (url.protocol !== "https:" || url.port !== "") throw refused();
  const rest = url.pathname + url.search;
  if (url.hostname === LOGIN) return origins.loginOrigin + rest;
  if (url.hostname === GRAPH) return origins.graphOrigin + rest;
  if (SHAREPOINT.test(url.hostname)) return origins.sharepointUrl.replace("{host}", url.hostname) + rest;
  throw refused();
}

function refused(): PlanbackError {
  return new PlanbackError("graph_rejected", "Microsoft named an address outside the hosts that Planback may contact. Nothing was sent.");
}
