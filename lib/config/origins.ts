import { PlanbackError } from "@/lib/errors";
import { CLOUD_FACTS, CLOUDS, type Cloud } from "./clouds";
import type { Config } from "./index";

/** Where the hosts of one of Microsoft's clouds are dialled. */
export interface Origins {
  cloud: Cloud;
  loginOrigin: string;
  graphOrigin: string;
  /** {host} stands for the SharePoint host that Microsoft named. */
  sharepointUrl: string;
}

const hostOf = (origin: string): string => new URL(origin).hostname;
const hosts = (of: (cloud: Cloud) => string): Record<Cloud, string> => Object.fromEntries(CLOUDS.map((cloud) => [cloud, of(cloud)])) as Record<Cloud, string>;
const LOGIN = hosts((cloud) => hostOf(CLOUD_FACTS[cloud].login));
const GRAPH = hosts((cloud) => hostOf(CLOUD_FACTS[cloud].graph));

/** True for a SharePoint host of this cloud. */
export function isSharePointHost(host: string, cloud: Cloud): boolean {
  const { sharepoint } = CLOUD_FACTS[cloud];
  return host.endsWith(sharepoint) && /^[a-z0-9-]+$/.test(host.slice(0, -sharepoint.length));
}

/**
 * The one place that decides which hosts are ever dialled. Code names Microsoft's hosts; the configured origins say
 * where they are. Any other host, one of another cloud, scheme, port or credentials in the URL are refused (a task may hold any URL).
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
  if (url.hostname === LOGIN[origins.cloud]) return origins.loginOrigin + rest;
  if (url.hostname === GRAPH[origins.cloud]) return origins.graphOrigin + rest;
  if (isSharePointHost(url.hostname, origins.cloud)) return origins.sharepointUrl.replace("{host}", url.hostname) + rest;
  throw refused();
}

/**
 * Hosts of the workflow trigger "When a Teams webhook request is received": Logic Apps, and the environment's own host
 * that newer workflows have. https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
const TEAMS_WORKFLOW = /^([a-z0-9-]+\.)+(logic\.azure\.com|api\.powerplatform\.com|powerautomate\.com)$/;

/** Where the workflow behind this URL is dialled; null when it is not a Teams workflow's URL. */
export function teamsDialUrl(raw: string, { teamsUrl }: Pick<Config, "teamsUrl">): string | null {
  const url = URL.parse(raw);
  if (!url || url.protocol !== "https:" || url.port !== "" || url.username || url.password || !TEAMS_WORKFLOW.test(url.hostname)) return null;
  return teamsUrl.replace("{host}", url.hostname) + url.pathname + url.search;
}

function refused(): PlanbackError {
  return new PlanbackError("graph_rejected", "Microsoft named an address outside the hosts that Planback may contact. Nothing was sent.");
}
