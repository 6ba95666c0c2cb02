/**
 * The installation keys on paper: sealed under a passphrase, as lines that can be printed and typed in again.
 *
 *   key   scrypt(passphrase, salt, N = 2^17, r = 8, p = 1), 32 bytes
 *   body  salt (16) | nonce (12) | AES-256-GCM of JSON EscrowContent, associated data = the first line | tag (16)
 *   lines number, 20 bytes as hex, and 2 bytes of SHA-256 of number and hex, so that a slip of the pen is found in its line
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from "node:crypto";
import { PlanbackError } from "@/lib/errors";

export interface EscrowContent {
  writtenAt: string;
  /** In base64, the current one first. */
  installationKeys: string[];
  provider: string;
  /** The key in AWS KMS, by name only: it cannot leave the service. */
  kmsKey: string | null;
}

export const PASSPHRASE_MIN = 16;
const FIRST_LINE = "PLANBACK ESCROW 1";
const TAG = { authTagLength: 16 };
const LINE_BYTES = 20;

const keyOf = (passphrase: string, salt: Uint8Array) => scryptSync(passphrase.normalize("NFKC"), salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });
const check = (number: number, hex: string) => createHash("sha256").update(`${number} ${hex}`).digest("hex").slice(0, 4);

/** The lines to print or keep. Throws invalid_input when the passphrase is too short. */
export function sealEscrow(passphrase: string, content: EscrowContent): string {
  if (passphrase.length < PASSPHRASE_MIN) throw new PlanbackError("invalid_input", `The passphrase must have at least ${PASSPHRASE_MIN} characters: six random words are good. Nothing was written.`);
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", keyOf(passphrase, salt), nonce, TAG);
  cipher.setAAD(Buffer.from(FIRST_LINE));
  const body = Buffer.concat([salt, nonce, cipher.update(JSON.stringify(content)), cipher.final(), cipher.getAuthTag()]);
  const lines = [FIRST_LINE, "Opened by: npm run keys -- open FILE, with the passphrase. Keep paper and passphrase in different places.", `Made ${content.writtenAt}`, ""];
  for (let at = 0, number = 1; at < body.length; at += LINE_BYTES, number++) {
    const hex = body.subarray(at, at + LINE_BYTES).toString("hex");
    lines.push(`${String(number).padStart(2, "0")}  ${hex.match(/.{1,8}/g)!.join(" ")}  ${check(number, hex)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** The inverse. Throws invalid_input that names the line with a slip, or says that passphrase and lines do not belong together. */
export function openEscrow(passphrase: string, text: string): EscrowContent {
  const bad = (why: string) => new PlanbackError("invalid_input", `The escrow cannot be opened: ${why} Nothing was changed.`);
  if (!text.trimStart().startsWith(FIRST_LINE)) throw bad("it does not begin as one.");
  const parts: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const found = /^\s*(\d{1,3})\s+([0-9a-f ]+?)\s+([0-9a-f]{4})\s*$/i.exec(line);
    if (!found) continue;
    const [number, hex, digits] = [Number(found[1]), found[2]!.replaceAll(" ", "").toLowerCase(), found[3]!.toLowerCase()];
    if (number !== parts.length + 1) throw bad(`line ${parts.length + 1} is missing.`);
    if (check(number, hex) !== digits) throw bad(`line ${number} was not typed as it was printed.`);
    parts.push(hex);
  }
  const body = Buffer.from(parts.join(""), "hex");
  if (body.length < 16 + 12 + 16) throw bad("lines are missing.");
  const decipher = createDecipheriv("aes-256-gcm", keyOf(passphrase, body.subarray(0, 16)), body.subarray(16, 28), TAG);
  decipher.setAAD(Buffer.from(FIRST_LINE));
  decipher.setAuthTag(body.subarray(-16));
  const plain = decipher.update(body.subarray(28, -16));
  try {
    return JSON.parse(Buffer.concat([plain, decipher.final()]).toString("utf8")) as EscrowContent;
  } catch {
    throw bad("the passphrase is not the one it was sealed with, or lines are missing at its end.");
  }
}
