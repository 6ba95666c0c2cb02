import { ConfidentialClientApplication, type ICachePlugin, type INetworkModule, type NetworkRequestOptions, type NetworkResponse } from "@azure/msal-node";
import type { AppCredential } from "@/lib/config";
import { CLOUD_FACTS } from "@/lib/config/clouds";
import { dialUrl, type Origins } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";
import { signAssertion } from "./assertion";

export type { Origins };

const TIMEOUT_MS = 30_000;

/** MSAL's way to the network: only the hosts of lib/config/origins are dialled; an answer that is no JSON is an outage. */
export function networkClient(origins: Origins): INetworkModule {
  const send = async <T>(method: string, url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> => {
    const response = await fetch(dialUrl(url, origins), { method, headers: options?.headers, body: options?.body, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status >= 500) {
      throw new PlanbackError("graph_unavailable", "Microsoft's sign-in service has a problem at the moment. Nothing is lost. Try again in a few minutes.", { facts: { status: response.status } });
    }
    return { headers: Object.fromEntries(response.headers), body: (await response.json()) as T, status: response.status };
  };
  return {
    sendGetRequestAsync: (url, options) => send("GET", url, options),
    sendPostRequestAsync: (url, options) => send("POST", url, options),
  };
}

/**
 * MSAL for one app registration in one Microsoft tenant (`tid`, or "organizations"). Declares CP1, so Graph may send
 * claims challenges, which the token source answers.
 */
export function confidentialClient(credential: AppCredential, tid: string, origins: Origins, cachePlugin?: ICachePlugin): ConfidentialClientApplication {
  return new ConfidentialClientApplication({
    auth: { clientId: credential.clientId, authority: `${loginOf(origins)}/${tid}`, clientCapabilities: ["CP1"], ...clientProof(credential, `${loginOf(origins)}/${tid}/oauth2/v2.0/token`) },
    cache: cachePlugin ? { cachePlugin } : undefined,
    system: { networkClient: networkClient(origins) },
  });
}

/** Entra ID's address in the cloud, as Microsoft names it. */
export const loginOf = ({ cloud }: Origins): string => CLOUD_FACTS[cloud].login;

/** The assertion names the token endpoint at Microsoft, wherever that is dialled. */
function clientProof(credential: AppCredential, endpoint: string) {
  if (!credential.certificatePem) return { clientSecret: credential.clientSecret ?? "" };
  return { clientAssertion: () => signAssertion(credential, endpoint) };
}
