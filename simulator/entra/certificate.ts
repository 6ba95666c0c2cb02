import { generateKeyPairSync, sign } from "node:crypto";

const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
  const value = Buffer.concat(parts);
  const n = value.length;
  const length = n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
};
const sequence = (...parts: Buffer[]) => tlv(0x30, ...parts);
const sha256WithRsa = sequence(Buffer.from("06092a864886f70d01010b0500", "hex"));
const time = (at: Date) => tlv(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));

/** A new self-signed certificate with its private key, both PEM, that ends in so many days, for apps that authenticate by certificate. */
export function selfSignedCertificate(commonName: string, days = 365): { privateKey: string; certificate: string } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const name = sequence(tlv(0x31, sequence(Buffer.from("0603550403", "hex"), tlv(0x0c, Buffer.from(commonName)))));
  const validity = sequence(time(new Date(Date.now() + Math.min(0, days) * 24 * 3600_000 - 3600_000)), time(new Date(Date.now() + days * 24 * 3600_000)));
  const body = sequence(tlv(0x02, Buffer.from([1])), sha256WithRsa, name, validity, name, publicKey.export({ type: "spki", format: "der" }));
  const der = sequence(body, sha256WithRsa, tlv(0x03, Buffer.from([0]), sign("sha256", body, privateKey)));
  const lines = der.toString("base64").match(/.{1,64}/g)!.join("\n");
  return { privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}
