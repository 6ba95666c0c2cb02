import { CLOUD_FACTS, CLOUDS, NO_PLANNER_IN_CHINA } from "@/lib/config/clouds";
import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import { loginOf, type Origins } from "./msal";

const TIMEOUT_MS = 30_000;
const CHINA = "microsoftgraph.chinacloudapi.cn";

/**
 * Asks Entra ID of a cloud whether a Microsoft tenant is there: otherwise the person would end on a page of Microsoft's that
 * leads nowhere. Throws PlanbackError invalid_input with what to do, or graph_unavailable.
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export async function requireTenantInCloud(tid: string, origins: Origins): Promise<void> {
  const wanted = CLOUD_FACTS[origins.cloud].name;
  const host = await graphHostOf(tid, origins);
  if (host === null) {
    throw new PlanbackError("invalid_input", `Microsoft's cloud ${wanted} knows no tenant with this id. Compare it with the tenant id in the Microsoft Entra admin center, or choose another cloud. Nothing was changed.`, { facts: { reason: "unknown_tenant" } });
  }
  if (host === CHINA) throw new PlanbackError("invalid_input", `This tenant is in China. ${NO_PLANNER_IN_CHINA} Nothing was changed.`, { facts: { reason: "wrong_cloud" } });
  const actual = CLOUDS.find((cloud) => CLOUD_FACTS[cloud].graph === `https://${host}`);
  if (actual === origins.cloud) return;
  const where: string = actual ? `in Microsoft's cloud ${CLOUD_FACTS[actual].name}` : "in another of Microsoft's clouds";
  throw new PlanbackError("invalid_input", `This tenant is ${where}, not in ${wanted}. ${actual ? `Choose ${CLOUD_FACTS[actual].name} for it.` : "Planback cannot reach it there."} Nothing was changed.`, { facts: { reason: "wrong_cloud", cloud: actual } });
}

/** The host of Microsoft Graph for a tenant; null when this cloud does not know the tenant. */
async function graphHostOf(tid: string, origins: Origins): Promise<string | null> {
  const url = dialUrl(`${loginOf(origins)}/${encodeURIComponent(tid)}/v2.0/.well-known/openid-configuration`, origins);
  try {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 400 || response.status === 404) return null;
    const { msgraph_host: host } = (await response.json()) as { msgraph_host?: unknown };
    if (response.ok && typeof host === "string") return host;
  } catch {
    // told below
  }
  throw new PlanbackError("graph_unavailable", "Microsoft's sign-in service cannot be reached at the moment. Nothing was changed. Try again in a few minutes.");
}
