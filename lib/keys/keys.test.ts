/** Keys above the keys of workspaces: what opens where, what is said when it does not, and the escrow on paper. */
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isPlanbackError, type ErrorCode } from "@/lib/errors";
import { wrapKey } from "@/lib/repository/seal";
import { mulberry32 } from "@/simulator/world";
import { openEscrow, sealEscrow } from "./escrow";
import { installationKeyId, namedKeys, providerOf, type KeyPlace, type KeyProvider } from "./index";
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
