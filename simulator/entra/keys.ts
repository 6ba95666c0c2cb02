import { createHash, createSign, generateKeyPairSync, verify } from "node:crypto";

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The signing key of the simulated cloud, made once per process. */
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const modulus = publicKey.export({ format: "jwk" });
const kid = createHash("sha256").update(String(modulus.n)).digest("base64url").slice(0, 27);

/** JSON web key set of a tenant: https://learn.microsoft.com/entra/identity-platform/signing-key-rollover */
export const jwks = (issuer: string) => ({ keys: [{ kty: "RSA", use: "sig", kid, x5t: kid, n: modulus.n, e: modulus.e, alg: "RS256", issuer }] });

/** Signs claims as an RS256 JWT with the cloud's key. */
export function signJwt(claims: object): string {
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
export function isSignedHere(token: NonNullable<ReturnType<typeof decodeJwt>>): boolean {
  return token.header.alg === "RS256" && token.header.kid === kid && verify("RSA-SHA256", Buffer.from(token.data), publicKey, token.signature);
}

