import { constants, createHash, X509Certificate, verify } from "node:crypto";
import { CLOUDS } from "../clouds";
import type { SimRequest } from "../http";
import type { SimApp, SimWorld } from "../model";
import type { Authority } from "./directory";
import { EntraFault } from "./errors";
import { decodeJwt } from "./keys";
import { entraState } from "./state";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Authenticates the app at the token endpoint: secret in the body, HTTP Basic, or a certificate assertion.
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export function authenticateClient(world: SimWorld, request: SimRequest, body: URLSearchParams, authority: Authority): SimApp {
  const basic = readBasic(request.headers.authorization);
  const clientId = basic?.id ?? body.get("client_id") ?? "";
  if (!clientId) throw new EntraFault(900144, "Parameter: 'client_id'.");
  const app = world.apps.get(clientId);
  if (!app) throw new EntraFault(700016, `Application with identifier '${clientId}'.`);
  const assertion = body.get("client_assertion");
  if (assertion) {
    if (body.get("client_assertion_type") !== ASSERTION_TYPE) throw new EntraFault(700027, "client_assertion_type is not supported.");
    checkAssertion(world, app, assertion, authority);
    return app;
  }
  const secret = basic?.secret ?? body.get("client_secret");
  if (!secret) throw new EntraFault(7000218);
  if (!app.secrets.includes(secret)) throw new EntraFault(7000215, `App '${clientId}'.`);
  return app;
}

function readBasic(header: string | undefined): { id: string; secret: string } | null {
  if (!header?.toLowerCase().startsWith("basic ")) return null;
  const [id, ...secret] = Buffer.from(header.slice(6), "base64").toString("utf8").split(":");
  return { id: decodeURIComponent(id ?? ""), secret: decodeURIComponent(secret.join(":").replace(/\+/g, " ")) };
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Microsoft advises 5 to 10 minutes; longer ones are refused here. */
const ASSERTION_LIFE_S = 600;
const SKEW_S = 300;

/** PS256 with x5t#S256, or the older RS256 with x5t; the certificate must be registered on the app and valid today. */
function checkAssertion(world: SimWorld, app: SimApp, assertion: string, authority: Authority): void {
  const jwt = decodeJwt(assertion);
  if (!jwt) throw new EntraFault(700027, "The assertion is not a JWT.");
  const certificate = app.certificates.map((pem) => new X509Certificate(pem)).find((known) => isNamedBy(known, jwt.header));
  if (!certificate) throw new EntraFault(700027);
  if (Date.parse(certificate.validTo) <= world.now() || Date.parse(certificate.validFrom) > world.now() + SKEW_S * 1000) throw new EntraFault(700027, "Reason - The key used is expired.");
  const padding = jwt.header.alg === "PS256" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : jwt.header.alg === "RS256" ? {} : null;
  if (!padding) throw new EntraFault(700027, "The algorithm is not supported.");
  if (!verify("sha256", Buffer.from(jwt.data), { key: certificate.publicKey, ...padding }, jwt.signature)) throw new EntraFault(700027, "The signature is not valid.");
  const { iss, sub, aud, exp, nbf, jti } = jwt.claims;
  const now = world.now() / 1000;
  if (iss !== app.clientId || sub !== app.clientId) throw new EntraFault(700027, "iss and sub must be the client id.");
  if (typeof aud !== "string" || !audiencesOf(world, authority).has(aud)) throw new EntraFault(700027, "aud must be the token endpoint.");
  if (typeof exp !== "number" || exp < now - SKEW_S) throw new EntraFault(700027, "The assertion has expired.");
  if (exp > now + ASSERTION_LIFE_S + SKEW_S) throw new EntraFault(700027, "The assertion is valid for too long.");
  if (nbf !== undefined && (typeof nbf !== "number" || nbf > now + SKEW_S)) throw new EntraFault(700027, "The assertion is not valid yet.");
  const used = entraState(world).assertionIds;
  const id = `${app.clientId} ${String(jti)}`;
  if (typeof jti !== "string" || !GUID.test(jti) || used.has(id)) throw new EntraFault(700027, "jti must be a GUID that was not used before.");
  used.add(id);
}

/** The token endpoint that was asked, under Microsoft's name of it or the simulator's own. */
function audiencesOf(world: SimWorld, authority: Authority): Set<string> {
  const path = authority.kind === "tenant" ? authority.tenant.id : authority.kind;
  return new Set([CLOUDS[world.cloud].login, world.origin].flatMap((origin) => [`${origin}/${path}/oauth2/v2.0/token`, `${origin}/${path}/v2.0`]));
}

function isNamedBy(certificate: X509Certificate, header: Record<string, unknown>): boolean {
  const thumb = (algorithm: string) => createHash(algorithm).update(certificate.raw).digest("base64url");
  return header["x5t#S256"] === thumb("sha256") || (header["x5t#S256"] === undefined && header.x5t === thumb("sha1"));
}
