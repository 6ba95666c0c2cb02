/** Keys above the keys of workspaces: what opens where, what is said when it does not, and the escrow on paper. */
import { constants, createPublicKey, publicEncrypt, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { VaultConfig } from "@/lib/config";
import { isPlanbackError, type ErrorCode } from "@/lib/errors";
import { wrapKey } from "@/lib/repository/seal";
import { mulberry32 } from "@/simulator/world";
import { openEscrow, sealEscrow } from "./escrow";
import { installationKeyId, namedKeys, providerOf, type KeyPlace, type KeyProvider } from "./index";
import { CLIENT, FakeKeyVault } from "./testing/fakeKeyVault";
import { ACCOUNT, arnOf, startFakeKms, type FakeKms } from "./testing/fakeKms";

const place = (): KeyPlace => ({ workspaceId: randomUUID(), purpose: "content", version: 1 });
const code = (wanted: ErrorCode) => (error: unknown) => isPlanbackError(error, wanted);
const [a, b, c] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const environment = (...installationKeys: Uint8Array[]) => providerOf({ provider: "environment", installationKeys, kms: null });

/** Every way in which what a key is for can differ. */
const elsewhere = (of: KeyPlace): KeyPlace[] => [{ ...of, workspaceId: randomUUID() }, { ...of, purpose: "token" }, { ...of, purpose: "index" }, { ...of, version: 2 }];

describe("installation keys", () => {
  it("wrap by the first and unwrap by any; an id names its key and no other", async () => {
    const [old, both, other] = [environment(a), environment(b, a), environment(c)];
    const where = place();
    const key = randomBytes(32);
    const wrapped = await old.wrap(where, key);
    expect(Buffer.from(await both.unwrap(old.current, where, wrapped))).toEqual(key);
    expect(both.current).toBe(installationKeyId(b));
    expect(new Set([a, b, c].map(installationKeyId)).size).toBe(3);
    expect([other.knows(old.current), both.knows(old.current)]).toEqual([false, true]);
    await expect(other.unwrap(old.current, where, wrapped)).rejects.toSatisfy((error) => isPlanbackError(error, "config") && error.message.includes(old.current));
  });

  it("open for no other workspace, purpose or version", async () => {
    const provider = environment(a);
    const where = place();
    const wrapped = await provider.wrap(where, randomBytes(32));
    for (const other of elsewhere(where)) await expect(provider.unwrap(provider.current, other, wrapped)).rejects.toSatisfy(code("repository_damaged"));
  });

  it("from before ids were noted open with whichever key fits", async () => {
    const where = place();
    const key = randomBytes(32);
    const wrapped = wrapKey(a, where.workspaceId, where.purpose, where.version, key);
    expect(Buffer.from(await environment(b, c, a).unwrap("", where, wrapped))).toEqual(key);
    await expect(environment(b, c).unwrap("", where, wrapped)).rejects.toSatisfy(code("repository_damaged"));
  });
});

describe("a key in AWS KMS (a server of ours that speaks its protocol)", () => {
  let kms: FakeKms;
  let arn: string;
  let provider: KeyProvider;
  const withKms = (installationKeys: Uint8Array[] = [], key = arn) => providerOf({ provider: "aws-kms", installationKeys, kms: { key, endpoint: kms.endpoint } });

  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: ACCOUNT.accessKeyId, AWS_SECRET_ACCESS_KEY: ACCOUNT.secretAccessKey });
    kms = await startFakeKms();
    arn = kms.addKey("one");
    provider = withKms();
  });
  afterAll(() => kms?.stop());
  beforeEach(() => {
    kms.states.clear();
    kms.throttle = 0;
    kms.calls.length = 0;
  });

  it("wraps and unwraps, each call with what the key is for", async () => {
    const where = place();
    const key = randomBytes(32);
    const wrapped = await provider.wrap(where, key);
    expect(Buffer.from(await provider.unwrap(provider.current, where, wrapped))).toEqual(key);
    const context = { product: "planback", workspaceId: where.workspaceId, purpose: "content", version: "1" };
    expect(kms.calls).toEqual([{ action: "Encrypt", keyId: arn, context }, { action: "Decrypt", keyId: arn, context }]);
  });

  it("unwraps for no other workspace, purpose or version, and nothing that was altered", async () => {
    const where = place();
    const wrapped = Buffer.from(await provider.wrap(where, randomBytes(32)));
    for (const other of elsewhere(where)) await expect(provider.unwrap(provider.current, other, wrapped)).rejects.toSatisfy(code("repository_damaged"));
    wrapped[20]! ^= 1;
    await expect(provider.unwrap(provider.current, where, wrapped)).rejects.toSatisfy(code("repository_damaged"));
  });

  it("waits out throttling", async () => {
    const where = place();
    kms.throttle = 2;
    const key = randomBytes(32);
    expect(Buffer.from(await provider.unwrap(provider.current, where, await provider.wrap(where, key)))).toEqual(key);
    expect(kms.throttle).toBe(0);
  });

  it.each(["disabled", "denied", "deleting"] as const)("says that the key is %s, and that nothing is lost", async (state) => {
    const wrapped = await provider.wrap(place(), randomBytes(32));
    kms.states.set(arn, state);
    for (const call of [() => provider.wrap(place(), randomBytes(32)), () => provider.unwrap(provider.current, place(), wrapped)]) {
      await expect(call()).rejects.toSatisfy((error) => isPlanbackError(error, "keys_unavailable") && /Nothing is lost/.test(error.message));
    }
  });

  it("says that a key does not exist", async () => {
    await expect(withKms([], arnOf("none")).wrap(place(), randomBytes(32))).rejects.toSatisfy((error) => isPlanbackError(error, "keys_unavailable") && /does not exist/.test(error.message));
  });

  it("is refused with credentials that are not right", async () => {
    process.env.AWS_SECRET_ACCESS_KEY = "another";
    const refused = withKms();
    await expect(refused.wrap(place(), randomBytes(32))).rejects.toSatisfy((error) => isPlanbackError(error, "keys_unavailable") && /may not be used/.test(error.message));
    process.env.AWS_SECRET_ACCESS_KEY = ACCOUNT.secretAccessKey;
  });

  it("that cannot be reached is a passing problem", async () => {
    const where = place();
    const key = randomBytes(32);
    const wrapped = await provider.wrap(where, key);
    await kms.stop();
    await expect(provider.unwrap(provider.current, where, wrapped)).rejects.toSatisfy(code("keys_unavailable"));
    await kms.start();
    expect(Buffer.from(await provider.unwrap(provider.current, where, wrapped))).toEqual(key);
  });

  it("takes over from an installation key, which still opens what it wrapped, and gives back to it", async () => {
    const where = place();
    const key = randomBytes(32);
    const before = await environment(a).wrap(where, key);
    const both = withKms([a]);
    expect(Buffer.from(await both.unwrap(installationKeyId(a), where, before))).toEqual(key);
    const wrapped = await both.wrap(where, key);
    const back = providerOf({ provider: "environment", installationKeys: [a], kms: { key: arn, endpoint: kms.endpoint } });
    expect(Buffer.from(await back.unwrap(both.current, where, wrapped))).toEqual(key);
    expect([both.current, back.current]).toEqual([`aws-kms:${arn}`, installationKeyId(a)]);
    expect(namedKeys({ provider: "aws-kms", installationKeys: [a], kms: { key: arn, endpoint: null } })).toEqual([`aws-kms:${arn}`, installationKeyId(a)]);
  });
});

describe("a key in Azure Key Vault (a stand-in that takes only what Microsoft documents)", () => {
  const fake = new FakeKeyVault();
  const id = fake.addKey("planback");
  const bySecret: VaultConfig["credential"] = { kind: "secret", authority: "https://login.microsoftonline.com", ...CLIENT };
  const withVault = ({ key = id, credential = bySecret, installationKeys = [] }: Partial<VaultConfig> & { installationKeys?: Uint8Array[] } = {}) => providerOf({ provider: "azure-key-vault", installationKeys, kms: null, vault: { key, credential } });
  const unavailable = (message: RegExp) => (error: unknown) => isPlanbackError(error, "keys_unavailable") && message.test(error.message) && /Nothing is lost/.test(error.message);

  beforeEach(() => {
    vi.stubGlobal("fetch", fake.fetch);
    fake.states.clear();
    Object.assign(fake, { throttle: 0, isAway: false });
    fake.calls.length = fake.granted.length = 0;
  });
  afterEach(() => vi.unstubAllGlobals());

  it("wraps and unwraps, with one token for all", async () => {
    const provider = withVault();
    const where = place();
    const key = randomBytes(32);
    const wrapped = await provider.wrap(where, key);
    for (let time = 0; time < 2; time++) expect(Buffer.from(await provider.unwrap(provider.current, where, wrapped))).toEqual(key);
    expect([fake.calls, fake.granted]).toEqual([["wrapkey", "sign", "get", "unwrapkey", "unwrapkey"], ["secret"]]);
    fake.endTokens();
    expect(Buffer.from(await provider.unwrap(provider.current, where, wrapped))).toEqual(key);
    expect(fake.granted).toEqual(["secret", "secret"]);
  });

  it("unwraps for no other workspace, purpose or version, nothing that was altered, and nothing that somebody with its public half made", async () => {
    const provider = withVault();
    const where = place();
    const wrapped = Buffer.from(await provider.wrap(where, randomBytes(32)));
    const made = publicEncrypt({ key: createPublicKey({ key: { kty: "RSA", ...fake.publicKeyOf(id) }, format: "jwk" }), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, randomBytes(32));
    fake.calls.length = 0;
    for (const other of elsewhere(where)) await expect(provider.unwrap(provider.current, other, wrapped)).rejects.toSatisfy(code("repository_damaged"));
    for (const forged of [Buffer.concat([made, wrapped.subarray(256)]), made, Buffer.alloc(0), Buffer.from(wrapped.map((byte, at) => (at === 20 ? byte ^ 1 : byte))), wrapped.subarray(1)]) {
      await expect(provider.unwrap(provider.current, where, forged)).rejects.toSatisfy(code("repository_damaged"));
    }
    expect(fake.calls).toEqual(["get"]); // none of it came to the vault
  });

  it("is used by the machine's identity, and by the token that a cluster gives, which is read anew each time", async () => {
    await withVault({ credential: { kind: "machine", clientId: null } }).wrap(place(), randomBytes(32));
    await withVault({ credential: { kind: "machine", clientId: CLIENT.clientId } }).wrap(place(), randomBytes(32));
    const file = path.join(mkdtempSync(path.join(tmpdir(), "planback-token-")), "token");
    const provider = withVault({ credential: { kind: "federated", authority: "https://login.microsoftonline.com", tenantId: CLIENT.tenantId, clientId: CLIENT.clientId, file } });
    for (const token of ["first", "second"]) {
      writeFileSync(file, `${token}\n`);
      fake.podToken = token;
      fake.endTokens();
      await provider.wrap(place(), randomBytes(32));
    }
    expect(fake.granted).toEqual(["machine", "machine", "federated", "federated"]);
    rmSync(path.dirname(file), { recursive: true });
  });

  it("waits out throttling, and says when the vault does not answer", async () => {
    const provider = withVault();
    const where = place();
    fake.throttle = 2;
    const key = randomBytes(32);
    const wrapped = await provider.wrap(where, key);
    fake.isAway = true;
    await expect(withVault().unwrap(provider.current, where, wrapped)).rejects.toSatisfy(unavailable(/sign-in does not answer/));
    await expect(provider.unwrap(provider.current, where, wrapped)).rejects.toSatisfy(unavailable(/Vault does not answer/));
    fake.isAway = false;
    expect(Buffer.from(await provider.unwrap(provider.current, where, wrapped))).toEqual(key);
  });

  it("says that the key is disabled, denied or not there, and that the credentials are refused", async () => {
    const wrap = (options = {}) => withVault(options).wrap(place(), randomBytes(32));
    fake.states.set(id, "disabled");
    await expect(wrap()).rejects.toSatisfy(unavailable(/is disabled/));
    fake.states.set(id, "denied");
    await expect(wrap()).rejects.toSatisfy(unavailable(/may not be used/));
    await expect(wrap({ key: id.replace("planback", "another") })).rejects.toSatisfy(unavailable(/does not exist/));
    await expect(wrap({ credential: { ...bySecret, secret: "another secret" } })).rejects.toSatisfy(unavailable(/No token/));
  });

  it("unwraps by other versions in the same vault, asks no other host whatever a row says, and takes turns with an installation key", async () => {
    const where = place();
    const key = randomBytes(32);
    const [before, next] = [withVault(), withVault({ key: fake.addKey("planback"), installationKeys: [a] })];
    const wrapped = await before.wrap(where, key);
    expect(Buffer.from(await next.unwrap(before.current, where, wrapped))).toEqual(key);
    expect(Buffer.from(await next.unwrap(installationKeyId(a), where, await environment(a).wrap(where, key)))).toEqual(key);
    for (const other of [before.current.replace("my-vault", "evil"), before.current.replace(".azure.net", ".azure.net.evil.example"), `${before.current}/../../x`, before.current.replace("my-vault.vault.azure.net", "my-vaultXvault.azure.net")]) {
      expect(next.knows(other)).toBe(false);
      await expect(next.unwrap(other, where, wrapped)).rejects.toSatisfy(code("config"));
    }
    expect(namedKeys({ provider: "environment", installationKeys: [a], kms: null, vault: { key: id, credential: bySecret } })).toEqual([installationKeyId(a), `azure-key-vault:${id}`]);
  });
});

describe("the escrow", () => {
  const passphrase = "correct horse battery staple";
  const content = { writtenAt: "2026-01-02T03:04:05.000Z", installationKeys: [a, b].map((key) => key.toString("base64")), provider: "environment", kmsKey: null };

  it("opens with its passphrase to what was put in, also typed in capitals and with other blanks", () => {
    const text = sealEscrow(passphrase, content);
    expect(openEscrow(passphrase, text)).toEqual(content);
    expect(text.split("\n").every((line) => line.length <= 120)).toBe(true);
    for (const key of content.installationKeys) expect(text).not.toContain(key.slice(0, 12));
    const typed = text.split("\n").map((line) => (/^\d\d /.test(line) ? line.toUpperCase().replaceAll(" ", "  ") : line)).join("\r\n");
    expect(openEscrow(passphrase, typed)).toEqual(content);
  });

  it("does not open with another passphrase, and is not made with a short one", () => {
    const text = sealEscrow(passphrase, content);
    expect(() => openEscrow(`${passphrase}s`, text)).toThrow(/passphrase/);
    expect(() => sealEscrow("short", content)).toThrow(/16 characters/);
  });

  it("names the line of any slip", () => {
    const seed = Date.now() % 2 ** 31;
    console.info(`seed ${seed}`);
    const random = mulberry32(seed);
    const lines = sealEscrow(passphrase, content).split("\n");
    const numbered = lines.flatMap((line, i) => (/^\d\d /.test(line) ? [i] : []));
    for (let round = 0; round < 40; round++) {
      const i = numbered[Math.floor(random() * numbered.length)]!;
      const number = Number(lines[i]!.slice(0, 2));
      const hexAt = [...lines[i]!].flatMap((letter, at) => (at > 3 && letter !== " " ? [at] : []));
      const at = hexAt[Math.floor(random() * hexAt.length)]!;
      const other = "0123456789abcdef"[(parseInt(lines[i]![at]!, 16) + 1 + Math.floor(random() * 15)) % 16]!;
      const slipped = lines.map((line, j) => (j === i ? line.slice(0, at) + other + line.slice(at + 1) : line));
      expect(() => openEscrow(passphrase, slipped.join("\n"))).toThrow(new RegExp(`line ${number} `));
      expect(() => openEscrow(passphrase, lines.filter((_, j) => j !== i).join("\n"))).toThrow(number === numbered.length ? /passphrase|missing/ : new RegExp(`line ${number} is missing`));
    }
  });
});
