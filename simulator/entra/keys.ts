import { createHash, createSign, generateKeyPairSync, verify } from "node:crypto";
import type { SimCloud } from "../clouds";

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function makeKey() {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const modulus = publicKey.export({ format: "jwk" });
  return { publicKey, privateKey, modulus, kid: createHash("sha256").update(String(modulus.n)).digest("base64url").slice(0, 27) };
}
const keys = new Map<SimCloud, ReturnType<typeof makeKey>>();

/** The signing key of a simulated cloud, made once per process. */
function keyOf(cloud: SimCloud): ReturnType<typeof makeKey> {
  const key = keys.get(cloud) ?? makeKey();
  keys.set(cloud, key);
  return key;
}

/** JSON web key set of a tenant: https://learn.microsoft.com/entra/identity-platform/signing-key-rollover */
export function jwks(issuer: string, cloud: SimCloud) {
  const { kid, modulus } = keyOf(cloud);
  return { keys: [{ kty: "RSA", use: "sig", kid, x5t: kid, n: modulus.n, e: modulus.e, alg: "RS256", issuer }] };
}

/** Signs claims as an RS256 JWT with the cloud's key. */
export function signJwt(claims: object, cloud: SimCloud = "global"): string {
  const { kid, privateKey } = keyOf(cloud);
  const data = `${base64url({ typ: "JWT", alg: "RS256", x5t: kid, kid })}.${base64url(claims)}`;
  return `${data}.${createSign("RSA-SHA256").update(data).sign(privateKey, "base64url")}`;
}

/** A JWT taken apart; null when it is not one. The signature is not checked. */
export function decodeJwt(token: string): { header: Record<string, unknown>; claims: Record<string, unknown>; data: string; signature: Buffer } | null {
  const parts = token.split(".");
  if (parts.length !== 3) return null;
  try {
    const parse = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
    return { header: parse(parts[0]!), claims: parse(parts[1]!), data: `${parts[0]}.${parts[1]}`, signature: Buffer.from(parts[2]!, "base64url") };
  } catch {
    return null;
  }
}

/** True when the cloud's own key signed this JWT. */
export function isSignedHere(token: NonNullable<ReturnType<typeof decodeJwt>>, cloud: SimCloud): boolean {
  const { kid, publicKey } = keyOf(cloud);
  return token.header.alg === "RS256" && token.header.kid === kid && verify("RSA-SHA256", Buffer.from(token.data), publicKey, token.signature);
}

