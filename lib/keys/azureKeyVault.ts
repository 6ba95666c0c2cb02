/**
 * An RSA key in Azure Key Vault: it never leaves the vault, which wraps and unwraps with it (RSA-OAEP-256). Whoever has the public half can wrap
 * too, and the vault binds nothing to what a key is for; so what was wrapped is signed (PS256) by the same key, with workspace, purpose and
 * version, and nothing is unwrapped whose signature does not say that it was wrapped here for that place.
 *
 *   wrapped = ciphertext | signature     both as long as the modulus
 */
import { constants, createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { VaultConfig } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";
import { damaged, KEY_BYTES } from "@/lib/repository/header";
import { azureTokens } from "./azureTokens";
import type { KeyPlace, KeyProvider } from "./types";

const SCHEME = "azure-key-vault:";
const API = "?api-version=7.4";
const TIMEOUT_MS = 3_000;
const ATTEMPTS = 3;
const DELAY_MS = 200;

export const azureKeyId = (url: string): string => SCHEME + url;

/** Older keys and versions of the same vault unwrap as well. A token for the vault is sent to no other host, whatever a row says. */
export function azureKeyVault({ key, credential }: VaultConfig): KeyProvider {
  const { origin } = new URL(key);
  const isHere = new RegExp(`^${SCHEME}${origin.replaceAll(".", "\\.")}/keys/[A-Za-z0-9-]{1,127}/[0-9a-f]{32}$`);
  const tokens = azureTokens(origin, credential);
  const publicKeys = new Map<string, Promise<KeyObject>>();

  async function ask(method: "GET" | "POST", url: string, body?: object): Promise<Record<string, unknown>> {
    let reason = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (attempt > 1) await sleep(DELAY_MS * 2 ** (attempt - 2));
      const headers = { authorization: `Bearer ${await tokens.get()}`, ...(body ? { "content-type": "application/json" } : {}) };
      const answer = await fetch(url + API, { method, headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS), ...(body ? { body: JSON.stringify(body) } : {}) })
        .then(async (response) => ({ status: response.status, said: (await response.json().catch(() => ({}))) as Said }), () => null);
      if (answer && answer.status < 300) return answer.said as Record<string, unknown>;
      if (answer?.status === 401) tokens.forget();
      else if (answer && answer.status < 500 && answer.status !== 429 && answer.status !== 408) throw refused(answer.status, answer.said);
      reason = answer ? String(answer.status) : "no answer";
    }
    throw new PlanbackError("keys_unavailable", "Azure Key Vault does not answer. Nothing is lost, and what needs the key waits until it does.", { facts: { reason } });
  }
  const operation = async (url: string, name: "wrapkey" | "unwrapkey" | "sign", alg: string, value: Uint8Array): Promise<Buffer> =>
    Buffer.from(String((await ask("POST", `${url}/${name}`, { alg, value: Buffer.from(value).toString("base64url") })).value), "base64url");

  const publicKeyOf = (url: string): Promise<KeyObject> => {
    const known = publicKeys.get(url) ?? ask("GET", url).then(({ key: found }) => publicKey(found as { kty?: string; n?: string; e?: string }));
    publicKeys.set(url, known);
    known.catch(() => publicKeys.delete(url));
    return known;
  };

  return {
    current: azureKeyId(key),
    knows: (keyId) => isHere.test(keyId),
    async wrap(place, plaintext) {
      const ciphertext = await operation(key, "wrapkey", "RSA-OAEP-256", plaintext);
      const signature = await operation(key, "sign", "PS256", createHash("sha256").update(statement(place, ciphertext)).digest());
      return Buffer.concat([ciphertext, signature]);
    },
    async unwrap(keyId, place, wrapped) {
      const url = keyId.slice(SCHEME.length);
      const half = wrapped.length >> 1;
      const [ciphertext, signature] = [wrapped.subarray(0, half), wrapped.subarray(half)];
      const signer = { key: await publicKeyOf(url), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
      if (!verify("sha256", statement(place, ciphertext), signer, signature)) throw damaged("altered", "a key that Azure Key Vault did not wrap for this place");
      const plaintext = await operation(url, "unwrapkey", "RSA-OAEP-256", ciphertext);
      if (plaintext.length !== KEY_BYTES) throw damaged("altered", "a wrapped key of the wrong length");
      return plaintext;
    },
  };
}

/** What is signed: this ciphertext is for that place. */
const statement = ({ workspaceId, purpose, version }: KeyPlace, ciphertext: Uint8Array): Buffer =>
  Buffer.from(JSON.stringify(["planback/azure-key-vault/1", workspaceId, purpose, version, Buffer.from(ciphertext).toString("base64")]));

function publicKey({ kty, n, e }: { kty?: string; n?: string; e?: string }): KeyObject {
  if (!kty?.startsWith("RSA")) throw unusable("is not an RSA key", "kty");
  return createPublicKey({ key: { kty: "RSA", n, e }, format: "jwk" });
}

interface Said { error?: { code?: string; innererror?: { code?: string } } }

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
function refused(status: number, { error }: Said): PlanbackError {
  const reason = error?.innererror?.code ?? error?.code ?? String(status);
  if (reason === "KeyDisabled") return unusable("is disabled, or not yet or no longer valid", reason);
  if (status === 403) return unusable("may not be used by this process (it needs get, wrapKey, unwrapKey and sign)", reason);
  if (status === 404) return unusable("does not exist", reason);
  return unusable(`refuses what is asked (${status})`, reason);
}

const unusable = (why: string, reason: string): PlanbackError =>
  new PlanbackError("keys_unavailable", `The key in Azure Key Vault ${why}. Nothing is lost, and what needs the key waits. Mend it in Azure; everything goes on by itself.`, { facts: { reason } });
