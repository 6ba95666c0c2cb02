import { createHash, createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import { SignJWT } from "jose";
import type { AppCredential } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Proves an app registration at a token endpoint by its certificate; the only place that uses the private key.
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export function signAssertion(credential: AppCredential, endpoint: string): Promise<string> {
  const { certificate, privateKey } = pemBlocks(credential.certificatePem ?? "");
  const thumbprint = createHash("sha256").update(new X509Certificate(certificate).raw).digest("base64url");
  return new SignJWT({})
    .setProtectedHeader({ alg: "PS256", typ: "JWT", "x5t#S256": thumbprint })
    .setIssuer(credential.clientId).setSubject(credential.clientId).setAudience(endpoint)
    .setJti(randomUUID()).setIssuedAt().setNotBefore("0s").setExpirationTime("5m")
    .sign(createPrivateKey(privateKey));
}

/** When the registration's certificate ends; null: it has a secret. Throws PlanbackError config when the file holds no certificate. */
export function certificateEnd(credential: AppCredential): Date | null {
  return credential.certificatePem === null ? null : new Date(new X509Certificate(pemBlocks(credential.certificatePem).certificate).validTo);
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
