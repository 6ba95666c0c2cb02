/**
 * A stand-in for Azure Key Vault, Entra ID's token endpoint and a machine's managed identity, in the place of `fetch`. It holds RSA keys, and
 * refuses every request that is not exactly as Microsoft documents it.
 */
import { constants, createHash, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes, type KeyObject } from "node:crypto";

export const CLIENT = { tenantId: "0a0a0a0a-0000-4000-8000-00000000000a", clientId: "0a0a0a0a-0000-4000-8000-00000000000b", secret: "a secret of the tests" };
export const VAULT = "https://my-vault.vault.azure.net";
const TOKENS = `https://login.microsoftonline.com/${CLIENT.tenantId}/oauth2/v2.0/token`;
const MACHINE = "http://169.254.169.254/metadata/identity/oauth2/token";

class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, readonly inner?: string) { super(code); }
}

export class FakeKeyVault {
  /** By identifier of a version. */
  readonly states = new Map<string, "disabled" | "denied">();
  /** So many of the next requests to the vault are throttled. */
  throttle = 0;
  isAway = false;
  /** Path and last word of each request to the vault that was let in. */
  readonly calls: string[] = [];
  /** How tokens were asked for. */
  readonly granted: ("secret" | "federated" | "machine")[] = [];
  /** What a pod's token must be. */
  podToken = "";
  readonly #keys = new Map<string, KeyObject>();
  readonly #tokens = new Set<string>();

  addKey(name: string): string {
    const id = `${VAULT}/keys/${name}/${randomBytes(16).toString("hex")}`;
    this.#keys.set(id, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
    return id;
  }

  publicKeyOf(id: string): { n: string; e: string } {
    const { n, e } = this.#keys.get(id)!.export({ format: "jwk" });
    return { n: n!, e: e! };
  }

  /** Every token that was given ends. */
  endTokens(): void {
    this.#tokens.clear();
  }

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (this.isAway) throw new TypeError("fetch failed");
    if (init.redirect !== "error" || !init.signal) throw new Error("A request that follows redirects or has no end.");
    try {
      if (request.url === TOKENS) return Response.json(this.#grant(new URLSearchParams(await request.text())));
      if (url.origin + url.pathname === MACHINE) return Response.json(this.#machine(request, url));
      if (url.origin === VAULT) return Response.json(await this.#vault(request, url));
    } catch (error) {
      if (error instanceof Refusal) return Response.json({ error: { code: error.code, message: "As Azure says it.", ...(error.inner ? { innererror: { code: error.inner } } : {}) } }, { status: error.status });
      throw error;
    }
    throw new Error(`Nobody is to ask ${url.origin}.`);
  };

  #token(): string {
    const token = randomBytes(16).toString("hex");
    this.#tokens.add(token);
    return token;
  }

  #grant(form: URLSearchParams): object {
    const { client_secret: secret, client_assertion: assertion, client_assertion_type: type, ...rest } = Object.fromEntries(form);
    const wanted = { grant_type: "client_credentials", client_id: CLIENT.clientId, scope: "https://vault.azure.net/.default" };
    if (JSON.stringify(rest) !== JSON.stringify(wanted)) throw new Refusal(400, "invalid_request");
    if (secret === CLIENT.secret) this.granted.push("secret");
    else if (this.podToken && assertion === this.podToken && type === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") this.granted.push("federated");
    else throw new Refusal(401, "invalid_client");
    return { token_type: "Bearer", expires_in: 3599, access_token: this.#token() };
  }

  #machine(request: Request, { searchParams }: URL): object {
    if (request.headers.get("metadata") !== "true") throw new Refusal(400, "invalid_request");
    const { "api-version": version, resource, client_id: clientId = CLIENT.clientId, ...rest } = Object.fromEntries(searchParams);
    if (version !== "2018-02-01" || resource !== "https://vault.azure.net" || clientId !== CLIENT.clientId || Object.keys(rest).length > 0) throw new Refusal(400, "invalid_resource");
    this.granted.push("machine");
    return { token_type: "Bearer", expires_in: "86399", access_token: this.#token() };
  }

  async #vault(request: Request, url: URL): Promise<object> {
    if (url.search !== "?api-version=7.4") throw new Refusal(400, "BadParameter");
    if (!this.#tokens.has(/^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "")) throw new Refusal(401, "Unauthorized");
    if (this.throttle > 0) {
      this.throttle--;
      throw new Refusal(429, "Throttled");
    }
    const [, id, word] = /^(https:\/\/[^/]+\/keys\/[^/]+\/[0-9a-f]{32})(?:\/(wrapkey|unwrapkey|sign))?$/.exec(url.origin + url.pathname) ?? [];
    const key = this.#keys.get(id ?? "");
    if (!id || !key) throw new Refusal(404, "KeyNotFound");
    if (this.states.get(id) === "denied") throw new Refusal(403, "Forbidden", "ForbiddenByPolicy");
    this.calls.push(word ?? "get");
    if (!word) {
      if (request.method !== "GET") throw new Refusal(405, "MethodNotAllowed");
      return { key: { kid: id, kty: "RSA", key_ops: ["wrapKey", "unwrapKey", "sign"], ...this.publicKeyOf(id) }, attributes: { enabled: this.states.get(id) !== "disabled" } };
    }
    if (this.states.get(id) === "disabled") throw new Refusal(403, "Forbidden", "KeyDisabled");
    if (request.method !== "POST" || request.headers.get("content-type") !== "application/json") throw new Refusal(415, "UnsupportedMediaType");
    const body = (await request.json()) as { alg: string; value: string };
    if (Object.keys(body).sort().join() !== "alg,value" || !/^[\w-]+$/.test(body.value)) throw new Refusal(400, "BadParameter");
    return { kid: id, value: this.#operate(key, word, body.alg, Buffer.from(body.value, "base64url")).toString("base64url") };
  }

  #operate(key: KeyObject, word: string, alg: string, value: Buffer): Buffer {
    const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    if (alg !== (word === "sign" ? "PS256" : "RSA-OAEP-256")) throw new Refusal(400, "BadParameter");
    if (word === "wrapkey") return publicEncrypt({ key, ...oaep }, value);
    if (word === "sign") {
      if (value.length !== 32) throw new Refusal(400, "BadParameter");
      return signDigest(key, value);
    }
    try {
      return privateDecrypt({ key, ...oaep }, value);
    } catch {
      throw new Refusal(400, "BadParameter");
    }
  }
}

/** The vault signs a digest; Node signs what it digests itself, so the padding (EMSA-PSS, RFC 8017, 9.1.1) is made here. */
function signDigest(key: KeyObject, digest: Buffer): Buffer {
  const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  const bytes = key.asymmetricKeyDetails!.modulusLength! / 8;
  const salt = randomBytes(32);
  const hash = sha256(Buffer.alloc(8), digest, salt);
  const masked = Buffer.concat([Buffer.alloc(bytes - 66), Buffer.from([1]), salt]);
  const blocks = Array.from({ length: Math.ceil(masked.length / 32) }, (_, index) => sha256(hash, Buffer.from([index >>> 24, index >>> 16, index >>> 8, index])));
  const mask = Buffer.concat(blocks);
  for (let index = 0; index < masked.length; index++) masked[index]! ^= mask[index]!;
  masked[0]! &= 0x7f;
  return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, Buffer.concat([masked, hash, Buffer.from([0xbc])]));
}
