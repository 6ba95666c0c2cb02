/**
 * A key in AWS KMS: it never leaves the service, which wraps and unwraps with it. Each call carries what the key is for as the
 * encryption context, so the service itself refuses to unwrap it for another workspace or purpose, and its log says for which it did.
 */
import type { KMSClient } from "@aws-sdk/client-kms";
import { PlanbackError } from "@/lib/errors";
import { damaged, KEY_BYTES } from "@/lib/repository/header";
import type { KeyPlace, KeyProvider } from "./types";

const SCHEME = "aws-kms:";
const TIMEOUT_MS = 3_000;
const ATTEMPTS = 3;

export const awsKmsKeyId = (arn: string): string => SCHEME + arn;

/** Credentials come from where the AWS SDK looks for them; the region is that of the key. */
export function awsKms({ key, endpoint }: { key: string; endpoint: string | null }): KeyProvider {
  let client: Promise<KMSClient> | undefined;
  const connected = () => (client ??= connect(key, endpoint));
  return {
    current: awsKmsKeyId(key),
    knows: (keyId) => keyId.startsWith(SCHEME),
    async wrap(place, plaintext) {
      const [{ EncryptCommand }, kms] = await Promise.all([import("@aws-sdk/client-kms"), connected()]);
      const { CiphertextBlob } = await named(() => kms.send(new EncryptCommand({ KeyId: key, Plaintext: plaintext, EncryptionContext: contextOf(place) })));
      return CiphertextBlob!;
    },
    async unwrap(keyId, place, wrapped) {
      const [{ DecryptCommand }, kms] = await Promise.all([import("@aws-sdk/client-kms"), connected()]);
      const { Plaintext } = await named(() => kms.send(new DecryptCommand({ KeyId: keyId.slice(SCHEME.length), CiphertextBlob: wrapped, EncryptionContext: contextOf(place) })));
      if (Plaintext?.length !== KEY_BYTES) throw damaged("altered", "a wrapped key of the wrong length");
      return Plaintext;
    },
  };
}

async function connect(arn: string, endpoint: string | null): Promise<KMSClient> {
  const { KMSClient } = await import("@aws-sdk/client-kms");
  return new KMSClient({
    region: arn.split(":")[3]!, maxAttempts: ATTEMPTS, requestHandler: { connectionTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
    ...(endpoint ? { endpoint } : {}),
  });
}

function contextOf({ workspaceId, purpose, version }: KeyPlace): Record<string, string> {
  return { product: "planback", workspaceId, purpose, version: String(version) };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors */
const NOT_OURS = new Set(["InvalidCiphertextException", "IncorrectKeyException"]);
const SETTINGS: Record<string, string> = {
  DisabledException: "is disabled", NotFoundException: "does not exist", KMSInvalidStateException: "cannot be used in its present state (is it to be deleted?)",
  AccessDeniedException: "may not be used by this process", UnrecognizedClientException: "may not be used by this process", InvalidSignatureException: "may not be used by this process",
  InvalidKeyUsageException: "is not one that encrypts", CredentialsProviderError: "cannot be used: no AWS credentials were found",
};

async function named<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "unknown";
    if (NOT_OURS.has(name)) throw damaged("altered", "a key that AWS KMS did not wrap for this place", cause);
    const why = SETTINGS[name];
    throw new PlanbackError("keys_unavailable", why
      ? `The key in AWS KMS ${why}. Nothing is lost, and what needs the key waits. Mend it in AWS; everything goes on by itself.`
      : "AWS KMS does not answer. Nothing is lost, and what needs the key waits until it does.", { facts: { reason: name }, cause });
  }
}
