/**
 * A stand-in for AWS KMS that speaks its protocol (JSON 1.1 over HTTP) for the two calls that Planback makes. It holds keys, checks that a
 * request is signed (SigV4) by the one account that it knows, and that a ciphertext comes back with the context it was made with.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";

export const ACCOUNT = { accessKeyId: "AKIDPLANBACKTEST", secretAccessKey: "a secret of the tests" };
const REGION = "eu-central-1";
export const arnOf = (id: string) => `arn:aws:kms:${REGION}:111122223333:key/${id}`;

interface Request { KeyId?: string; Plaintext?: string; CiphertextBlob?: string; EncryptionContext?: Record<string, string> }
export interface Call { action: string; keyId: string; context: Record<string, string> }

export interface FakeKms {
  endpoint: string;
  addKey(id: string): string;
  /** State of a key, or nothing: as it should be. */
  states: Map<string, "disabled" | "denied" | "deleting">;
  /** So many of the next calls are throttled. */
  throttle: number;
  calls: Call[];
  stop(): Promise<void>;
  start(): Promise<void>;
}

class Refusal extends Error {
  constructor(readonly type: string, readonly status = 400) { super(type); }
}

export async function startFakeKms(): Promise<FakeKms> {
  const keys = new Map<string, Buffer>();
  let port = 0;
  let server: http.Server;

  const answer = (request: http.IncomingMessage, body: string): object => {
    checkSignature(request, body);
    if (fake.throttle > 0) {
      fake.throttle--;
      throw new Refusal("ThrottlingException");
    }
    const action = String(request.headers["x-amz-target"]).replace("TrentService.", "");
    const { KeyId = "", Plaintext = "", CiphertextBlob = "", EncryptionContext: context = {} } = JSON.parse(body) as Request;
    fake.calls.push({ action, keyId: KeyId, context });
    const key = keys.get(KeyId);
    if (!key) throw new Refusal("NotFoundException");
    const state = fake.states.get(KeyId);
    if (state === "disabled") throw new Refusal("DisabledException");
    if (state === "denied") throw new Refusal("AccessDeniedException");
    if (state === "deleting") throw new Refusal("KMSInvalidStateException");
    const aad = Buffer.from(JSON.stringify(Object.entries(context).sort()));
    if (action === "Encrypt") {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
      cipher.setAAD(aad);
      const sealed = Buffer.concat([nonce, cipher.update(Buffer.from(Plaintext, "base64")), cipher.final(), cipher.getAuthTag()]);
      return { KeyId, CiphertextBlob: sealed.toString("base64"), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
    }
    if (action !== "Decrypt") throw new Refusal("UnknownOperationException");
    const sealed = Buffer.from(CiphertextBlob, "base64");
    if (sealed.length < 28) throw new Refusal("InvalidCiphertextException");
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-16));
    try {
      const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
      return { KeyId, Plaintext: plain.toString("base64"), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
    } catch {
      throw new Refusal("InvalidCiphertextException");
    }
  };

  const handle = (request: http.IncomingMessage, response: http.ServerResponse) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => void (body += chunk)).on("end", () => {
      let [status, content]: [number, object] = [200, {}];
      try {
        content = answer(request, body);
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal("KMSInternalException", 500);
        [status, content] = [refusal.status, { __type: refusal.type, message: refusal.type }];
      }
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1", connection: "close" }).end(JSON.stringify(content));
    });
  };

  const fake: FakeKms = {
    endpoint: "", states: new Map(), throttle: 0, calls: [],
    addKey(id) {
      keys.set(arnOf(id), randomBytes(32));
      return arnOf(id);
    },
    async start() {
      server = http.createServer(handle);
      await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
      port = (server.address() as AddressInfo).port;
      fake.endpoint = `http://127.0.0.1:${port}`;
    },
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
  await fake.start();
  return fake;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function checkSignature(request: http.IncomingMessage, body: string): void {
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? "");
  if (!found) throw new Refusal("MissingAuthenticationTokenException");
  const [, id, day, region, signed, signature] = found as unknown as [string, string, string, string, string, string];
  if (id !== ACCOUNT.accessKeyId || region !== REGION || !signed.split(";").includes("x-amz-target")) throw new Refusal("UnrecognizedClientException");
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const headers = signed.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join("");
  const canonical = [request.method, "/", "", headers, signed, sha256(body)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], `${day}/${region}/kms/aws4_request`, sha256(canonical)].join("\n");
  const key = ["kms", "aws4_request"].reduce((derived, text) => hmac(derived, text), hmac(hmac(`AWS4${ACCOUNT.secretAccessKey}`, day), region));
  if (hmac(key, toSign).toString("hex") !== signature) throw new Refusal("InvalidSignatureException");
}
