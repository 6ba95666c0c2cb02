/** Access tokens for Azure Key Vault: by a client secret, by a token that the cluster gives the pod (workload identity), or by the machine's managed identity. */
import { readFileSync } from "node:fs";
import type { VaultConfig } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";

const TIMEOUT_MS = 5_000;
/** A token is not used in its last minutes. */
const SPARE_MS = 5 * 60_000;
/** https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
const MACHINE = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01";

export function azureTokens(vaultOrigin: string, credential: VaultConfig["credential"]): { get(): Promise<string>; forget(): void } {
  const resource = `https://${new URL(vaultOrigin).hostname.split(".").slice(1).join(".")}`;
  let token: { value: string; until: number } | null = null;
  let asking: Promise<string> | null = null;
  const fetched = async () => {
    const { access_token: value, expires_in: seconds } = await request(resource, credential);
    token = { value, until: Date.now() + Number(seconds) * 1000 - SPARE_MS };
    return value;
  };
  return {
    get: () => (token && token.until > Date.now() ? Promise.resolve(token.value) : (asking ??= fetched().finally(() => (asking = null)))),
    forget: () => (token = null),
  };
}

async function request(resource: string, credential: VaultConfig["credential"]): Promise<{ access_token: string; expires_in: number | string }> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = credential.kind === "machine"
      ? await fetch(`${MACHINE}&resource=${encodeURIComponent(resource)}${credential.clientId ? `&client_id=${credential.clientId}` : ""}`, { headers: { metadata: "true" }, redirect: "error", signal })
      : await fetch(`${credential.authority}/${credential.tenantId}/oauth2/v2.0/token`, { method: "POST", body: form(resource, credential), redirect: "error", signal });
  } catch {
    throw unavailable(`${credential.kind === "machine" ? "This machine's managed identity" : "Microsoft's sign-in"} does not answer.`, "no answer");
  }
  const said = (await response.json().catch(() => ({}))) as { access_token?: string; expires_in?: number | string; error?: string };
  if (response.ok && said.access_token && said.expires_in) return { access_token: said.access_token, expires_in: said.expires_in };
  throw unavailable(`No token for Azure Key Vault is given to this process (${response.status}). See AZURE_CLIENT_ID in .env.example.`, said.error ?? String(response.status));
}

/** The pod's token changes every hour, so its file is read each time. */
function form(resource: string, credential: Exclude<VaultConfig["credential"], { kind: "machine" }>): URLSearchParams {
  return new URLSearchParams({
    grant_type: "client_credentials", client_id: credential.clientId, scope: `${resource}/.default`,
    ...(credential.kind === "secret" ? { client_secret: credential.secret } : { client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: readFileSync(credential.file, "utf8").trim() }),
  });
}

const unavailable = (why: string, reason: string): PlanbackError =>
  new PlanbackError("keys_unavailable", `${why} Nothing is lost, and what needs the key in Azure Key Vault waits until it can be used.`, { facts: { reason } });
