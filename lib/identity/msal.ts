import { X509Certificate } from "node:crypto";
import { ConfidentialClientApplication, type ICachePlugin, type INetworkModule, type NetworkRequestOptions, type NetworkResponse } from "@azure/msal-node";
import type { AppCredential, Config } from "@/lib/config";
import { dialUrl } from "@/lib/config/origins";
import { PlanbackError } from "@/lib/errors";

export type Origins = Pick<Config, "loginOrigin" | "graphOrigin" | "sharepointUrl">;

const LOGIN = "https://login.microsoftonline.com";
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
    auth: { clientId: credential.clientId, authority: `${LOGIN}/${tid}`, clientCapabilities: ["CP1"], ...clientProof(credential) },
    cache: cachePlugin ? { cachePlugin } : undefined,
    system: { networkClient: networkClient(origins) },
  });
}

function clientProof(credential: AppCredential) {
  if (!credential.certificatePem) return { clientSecret: credential.clientSecret ?? "" };
  const { certificate, privateKey } = pemBlocks(credential.certificatePem);
  const thumbprintSha256 = new X509Certificate(certificate).fingerprint256.replaceAll(":", "");
  return { clientCertificate: { thumbprintSha256, privateKey, x5c: certificate } };
}

/** Certificate and private key out of one PEM file. Throws PlanbackError config when one is missing. */
export function pemBlocks(pem: string): { certificate: string; privateKey: string } {
  const block = (label: string) => new RegExp(`-----BEGIN ${label}-----[\\s\\S]+?-----END ${label}-----`).exec(pem)?.[0];
  const certificate = block("CERTIFICATE");
  const privateKey = block("(?:RSA )?PRIVATE KEY");
  if (!certificate || !privateKey) {
    throw new PlanbackError("config", "The certificate file of an app registration must hold both the certificate and its private key (PEM).");
  }
  return { certificate, privateKey };
}
