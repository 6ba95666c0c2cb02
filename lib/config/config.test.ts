import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isPlanbackError } from "@/lib/errors";
import { CLOUD_FACTS } from "./clouds";
import { inCloud, isSingleApp, parseConfig } from "./index";
import { dialUrl, teamsDialUrl } from "./origins";

const good = {
  DATABASE_URL: "postgresql://u:p@localhost:5432/planback",
  APP_ORIGIN: "https://planback.example.com",
  SESSION_SECRET: "s".repeat(32),
  INSTALLATION_KEY: Buffer.alloc(32, 7).toString("base64"),
  STORAGE_DIR: "/var/lib/planback",
  BACKUP_CLIENT_ID: "0a0a0a0a-0000-4000-8000-000000000001",
  BACKUP_CLIENT_SECRET: "backup-secret",
  RESTORE_CLIENT_ID: "0a0a0a0a-0000-4000-8000-000000000002",
  RESTORE_CLIENT_SECRET: "restore-secret",
};

function problem(env: Record<string, string | undefined>): string {
  try {
    parseConfig(env);
  } catch (error) {
    expect(isPlanbackError(error, "config")).toBe(true);
    return (error as Error).message;
  }
  return "accepted";
}

describe("configuration", () => {
  it("names Microsoft's own hosts unless told otherwise", () => {
    const config = parseConfig(good);
    expect(config.loginOrigin).toBe("https://login.microsoftonline.com");
    expect(config.graphOrigin).toBe("https://graph.microsoft.com");
    expect(config.sharepointUrl).toBe("https://{host}");
    expect(isSingleApp(config)).toBe(false);
    expect(isSingleApp(parseConfig({ ...good, RESTORE_CLIENT_ID: good.BACKUP_CLIENT_ID }))).toBe(true);
  });

  it.each(Object.keys(good))("refuses to start without %s, by name", (name) => {
    expect(problem({ ...good, [name]: undefined })).toContain(name);
    expect(problem({ ...good, [name]: "" })).toContain(name);
  });

  describe("storage", () => {
    const s3 = { S3_BUCKET: "planback", S3_REGION: "eu-central-1" };
    const azure = { AZURE_STORAGE_ACCOUNT: "planback", AZURE_STORAGE_CONTAINER: "repository", AZURE_STORAGE_SAS: "sp=racwdl&sig=x" };
    const without = { ...good, STORAGE_DIR: undefined };

    it("is the one that is configured", () => {
      expect(parseConfig(good).storage).toMatchObject({ main: "files", files: { dir: good.STORAGE_DIR }, s3: null, azure: null });
      expect(parseConfig({ ...without, ...s3 }).storage).toMatchObject({ main: "s3", files: null, s3: { bucket: "planback", accessKey: null, lockDays: null } });
      expect(parseConfig({ ...without, ...azure, AZURE_STORAGE_LOCK_DAYS: "30" }).storage).toMatchObject({ main: "azure", azure: { endpoint: "https://planback.blob.core.windows.net", credential: { sas: azure.AZURE_STORAGE_SAS }, lockDays: 30 } });
      expect(parseConfig({ ...good, ...s3, STORAGE: "s3" }).storage).toMatchObject({ main: "s3", files: { dir: good.STORAGE_DIR } });
    });

    it.each([
      [without, "STORAGE_DIR, S3_BUCKET or AZURE_STORAGE_ACCOUNT"],
      [{ ...good, ...s3 }, "STORAGE:"],
      [{ ...good, STORAGE: "azure" }, "STORAGE:"],
      [{ ...without, S3_BUCKET: "planback" }, "S3_REGION"],
      [{ ...without, ...s3, S3_ACCESS_KEY_ID: "x" }, "S3_SECRET_ACCESS_KEY"],
      [{ ...without, ...s3, S3_BUCKET: "Not a bucket" }, "S3_BUCKET"],
      [{ ...without, ...azure, AZURE_STORAGE_SAS: undefined }, "AZURE_STORAGE_KEY or AZURE_STORAGE_SAS"],
      [{ ...without, ...s3, S3_LOCK_DAYS: "0" }, "S3_LOCK_DAYS"],
    ])("refuses %j by name", (env, name) => expect(problem(env)).toContain(name));
  });

  it.each([
    ["DATABASE_URL", "mysql://localhost/x"],
    ["APP_ORIGIN", "backup.example.org"],
    ["APP_ORIGIN", "https://backup.example.org/path"],
    ["SESSION_SECRET", "short"],
    ["INSTALLATION_KEY", Buffer.alloc(16).toString("base64")],
    ["INSTALLATION_KEYS_OLD", `${good.INSTALLATION_KEY},c2hvcnQ=`],
    ["KEY_PROVIDER", "a drawer"],
    ["AWS_KMS_KEY", "arn:aws:kms:eu-central-1:111122223333:alias/planback"],
    ["BACKUP_CLIENT_ID", "not-a-guid"],
    ["GRAPH_ORIGIN", "ftp://graph"],
    ["SHAREPOINT_URL", "http://localhost:4800"],
    ["LOG_LEVEL", "loud"],
    ["RESTORE_CLIENT_CERTIFICATE_FILE", "/does/not/exist.pem"],
  ])("refuses a bad %s and does not repeat its value", (name, value) => {
    const message = problem({ ...good, [name]: value });
    expect(message).toContain(name);
    expect(message).not.toContain(value);
  });

  it.each([
    [{ SMTP_URL: "https://mail.example.com", MAIL_FROM: "a@b.example" }, "SMTP_URL"],
    [{ SMTP_URL: "smtp://mail.example.com" }, "MAIL_FROM"],
    [{ MAIL_FROM: "a@b.example" }, "SMTP_URL"],
    [{ SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "a@b.example\r\nBcc: x@y.example" }, "MAIL_FROM"],
    [{ PROXY_HOPS: "-1" }, "PROXY_HOPS"],
    [{ WEBHOOK_PRIVATE: "yes" }, "WEBHOOK_PRIVATE"],
    [{ HEARTBEAT_URL: "file:///etc/passwd" }, "HEARTBEAT_URL"],
    [{ TEAMS_URL: "https://fixed.example" }, "TEAMS_URL"],
  ])("refuses %j by name", (bad, name) => {
    expect(problem({ ...good, ...bad })).toContain(`  ${name}: `);
  });

  it("offers app-only with a registration of its own and a certificate, and only then", () => {
    const file = import.meta.filename; // any file that can be read
    expect(parseConfig(good).apps.appOnly).toBeNull();
    const id = "0a0a0a0a-0000-4000-8000-000000000003";
    expect(parseConfig({ ...good, APP_ONLY_CLIENT_ID: id, APP_ONLY_CLIENT_CERTIFICATE_FILE: file }).apps.appOnly).toMatchObject({ clientId: id, clientSecret: null });
    expect(problem({ ...good, APP_ONLY_CLIENT_ID: id })).toContain("APP_ONLY_CLIENT_CERTIFICATE_FILE: is missing");
    expect(problem({ ...good, APP_ONLY_CLIENT_CERTIFICATE_FILE: file })).toContain("APP_ONLY_CLIENT_ID: is missing");
    for (const taken of [good.BACKUP_CLIENT_ID, good.RESTORE_CLIENT_ID]) {
      expect(problem({ ...good, APP_ONLY_CLIENT_ID: taken, APP_ONLY_CLIENT_CERTIFICATE_FILE: file })).toContain("must be a registration of its own");
    }
  });

  it("names every bad variable at once", () => {
    const message = problem({});
    for (const name of ["DATABASE_URL", "APP_ORIGIN", "INSTALLATION_KEY", "BACKUP_CLIENT_ID"]) expect(message).toContain(name);
  });
});

describe("keys", () => {
  const key = (byte: number) => Buffer.alloc(32, byte).toString("base64");
  const arn = "arn:aws:kms:eu-central-1:111122223333:key/0a0a0a0a-0000-4000-8000-000000000001";
  const first = ({ keys }: ReturnType<typeof parseConfig>) => keys.installationKeys.map((one) => one[0]);
  const withFile = (text: string, env = {}) => {
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), "planback-keys-")), "keys");
    writeFileSync(file, text);
    return { ...good, INSTALLATION_KEY: undefined, INSTALLATION_KEY_FILE: file, ...env };
  };

  it("come from the environment, or line by line from a file; the current one first, none twice", () => {
    expect(first(parseConfig({ ...good, INSTALLATION_KEYS_OLD: ` ${key(8)}, ${key(7)},${key(9)}` }))).toEqual([7, 8, 9]);
    expect(first(parseConfig(withFile(`# since May\n${key(3)}\n\n${key(4)}\r\n`, { INSTALLATION_KEYS_OLD: key(5) })))).toEqual([3, 4, 5]);
  });

  it("are refused by name when they are not keys, not there, or ambiguous", () => {
    expect(problem(withFile(`${key(3)}\nno key\n`))).toContain("  INSTALLATION_KEY_FILE: ");
    expect(problem(withFile("# nothing\n"))).toContain("  INSTALLATION_KEY_FILE: ");
    expect(problem({ ...good, INSTALLATION_KEY_FILE: "/does/not/exist" })).toContain("  INSTALLATION_KEY_FILE: ");
    expect(problem({ ...good, KEY_PROVIDER: "aws-kms" })).toContain("  AWS_KMS_KEY: ");
  });

  it("need no installation key with Azure Key Vault, which is used by a secret, the pod's token or the machine's identity", () => {
    const [tenantId, clientId] = ["0a0a0a0a-0000-4000-8000-00000000000a", "0a0a0a0a-0000-4000-8000-00000000000b"];
    const vaultKey = `https://my-vault.vault.azure.net/keys/planback/${"0af".repeat(10)}01`;
    const vault = (env: object) => parseConfig({ ...good, INSTALLATION_KEY: undefined, KEY_PROVIDER: "azure-key-vault", AZURE_KEY_VAULT_KEY: vaultKey, ...env }).keys.vault!.credential;
    expect(vault({})).toEqual({ kind: "machine", clientId: null });
    expect(vault({ AZURE_CLIENT_ID: clientId })).toEqual({ kind: "machine", clientId });
    const whom = { authority: "https://login.microsoftonline.com", tenantId, clientId };
    const both = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId };
    expect(vault({ ...both, AZURE_CLIENT_SECRET: "a secret" })).toEqual({ kind: "secret", ...whom, secret: "a secret" });
    expect(vault({ ...both, AZURE_FEDERATED_TOKEN_FILE: "/run/token", AZURE_AUTHORITY_HOST: "https://login.example/" })).toEqual({ kind: "federated", ...whom, authority: "https://login.example", file: "/run/token" });
    expect(vault({ ...both, AZURE_CLIENT_SECRET: "a secret", AZURE_KEY_VAULT_KEY: vaultKey.replace("azure.net", "usgovcloudapi.net") })).toMatchObject({ authority: "https://login.microsoftonline.us" });
    expect(problem({ ...good, KEY_PROVIDER: "azure-key-vault" })).toContain("  AZURE_KEY_VAULT_KEY: ");
    expect(problem({ ...good, AZURE_KEY_VAULT_KEY: vaultKey, AZURE_CLIENT_SECRET: "a secret" })).toContain("  AZURE_TENANT_ID: ");
    for (const wrong of [vaultKey.slice(0, -33), vaultKey.replace("vault.azure.net", "vault.example"), vaultKey.replace("https", "http")]) expect(problem({ ...good, AZURE_KEY_VAULT_KEY: wrong })).toContain("  AZURE_KEY_VAULT_KEY: ");
  });

  it("need no installation key with AWS KMS", () => {
    const { keys } = parseConfig({ ...good, INSTALLATION_KEY: undefined, KEY_PROVIDER: "aws-kms", AWS_KMS_KEY: arn });
    expect(keys).toEqual({ provider: "aws-kms", installationKeys: [], kms: { key: arn, endpoint: null }, vault: null });
  });
});

describe("clouds", () => {
  const gov = Object.fromEntries(Object.entries(good).filter(([name]) => name.includes("CLIENT")).map(([name, value]) => [`GCC_HIGH_${name}`, value]));

  it("has the global one only, unless variables with a prefix bring another; each with its own hosts", () => {
    expect(Object.keys(parseConfig(good).clouds)).toEqual(["global"]);
    const config = parseConfig({ ...good, ...gov });
    expect(config.cloud).toBe("global");
    expect(config.clouds.usGov).toMatchObject({ cloud: "usGov", loginOrigin: "https://login.microsoftonline.us", graphOrigin: "https://graph.microsoft.us", apps: { backup: { clientId: good.BACKUP_CLIENT_ID } } });
    expect(inCloud("usGov", config)).toBe(config.clouds.usGov);
    expect(() => inCloud("usGovDod", config)).toThrow(/no registrations in Microsoft's cloud DoD/);
  });
  it("CLOUD says where people sign in", () => {
    expect(parseConfig({ ...good, CLOUD: "dod" })).toMatchObject({ cloud: "usGovDod", loginOrigin: "https://login.microsoftonline.us", graphOrigin: "https://dod-graph.microsoft.us" });
    expect(Object.keys(parseConfig({ ...good, CLOUD: "gcc_high", GLOBAL_BACKUP_CLIENT_ID: good.BACKUP_CLIENT_ID, GLOBAL_BACKUP_CLIENT_SECRET: "backup-secret", GLOBAL_RESTORE_CLIENT_ID: good.RESTORE_CLIENT_ID, GLOBAL_RESTORE_CLIENT_SECRET: "restore-secret" }).clouds)).toEqual(["global", "usGov"]);
  });
  it("names what is missing with the prefix, and refuses China with the reason", () => {
    expect(problem({ ...good, GCC_HIGH_BACKUP_CLIENT_ID: good.BACKUP_CLIENT_ID })).toContain("GCC_HIGH_RESTORE_CLIENT_ID: is missing");
    expect(problem({ ...good, ...gov, GCC_HIGH_BACKUP_CLIENT_SECRET: undefined })).toContain("GCC_HIGH_BACKUP_CLIENT_SECRET or GCC_HIGH_BACKUP_CLIENT_CERTIFICATE_FILE");
    expect(problem({ ...good, CLOUD: "china" })).toContain("no Planner");
    expect(problem({ ...good, CLOUD: "moon" })).toContain("must be global, gcc_high or dod");
  });
  it.each([
    ["global", "https://graph.microsoft.com/v1.0", true], ["global", "https://graph.microsoft.us/v1.0", false], ["global", "https://contoso.sharepoint.us/a", false], ["global", "https://login.microsoftonline.us/x", false],
    ["usGov", "https://graph.microsoft.us/v1.0", true], ["usGov", "https://dod-graph.microsoft.us/v1.0", false], ["usGov", "https://graph.microsoft.com/v1.0", false],
    ["usGov", "https://contoso.sharepoint.us/a", true], ["usGov", "https://contoso.sharepoint.com/a", false], ["usGov", "https://login.microsoftonline.us/x", true],
    ["usGovDod", "https://dod-graph.microsoft.us/v1.0", true], ["usGovDod", "https://contoso.sharepoint-mil.us/a", true], ["usGovDod", "https://contoso.sharepoint.us/a", false],
    ["usGov", "https://a.b.sharepoint.us/a", false], ["usGov", "https://sharepoint.us/a", false], ["usGov", "https://evilsharepoint.us/a", false],
  ] as const)("%s dials %s: %s", (cloud, url, isDialled) => {
    const dial = () => dialUrl(url, { cloud, loginOrigin: CLOUD_FACTS[cloud].login, graphOrigin: CLOUD_FACTS[cloud].graph, sharepointUrl: "https://{host}" });
    if (isDialled) expect(dial()).toBe(url);
    else expect(dial).toThrow(/Nothing was sent/);
  });
});

describe("hosts that may be dialled", () => {
  const microsoft = { cloud: "global" as const, loginOrigin: "https://login.microsoftonline.com", graphOrigin: "https://graph.microsoft.com", sharepointUrl: "https://{host}" };
  const local = { cloud: "global" as const, loginOrigin: "http://localhost:4800", graphOrigin: "http://localhost:4800", sharepointUrl: "http://localhost:4800/sharepoint/{host}" };

  it("leaves Microsoft's addresses as they are, and maps them when origins are configured", () => {
    const file = "https://contoso.sharepoint.com/sites/a/Shared%20Documents/b.docx?tempauth=x";
    expect(dialUrl("https://graph.microsoft.com/v1.0/me?$select=id", microsoft)).toBe("https://graph.microsoft.com/v1.0/me?$select=id");
    expect(dialUrl("https://graph.microsoft.com/v1.0/me", local)).toBe("http://localhost:4800/v1.0/me");
    expect(dialUrl(file, microsoft)).toBe(file);
    expect(dialUrl(file, local)).toBe("http://localhost:4800/sharepoint/contoso.sharepoint.com/sites/a/Shared%20Documents/b.docx?tempauth=x");
    expect(dialUrl("http://localhost:4800/organizations/oauth2/v2.0/token", local)).toBe("http://localhost:4800/organizations/oauth2/v2.0/token");
  });

  it.each([
    "https://evil.example/",
    "https://graph.microsoft.com.evil.example/",
    "https://graph.microsoft.com:x@evil.example/v1.0/me",
    "https://user:pass@graph.microsoft.com/v1.0/me",
    "https://graph.microsoft.com:8443/v1.0/me",
    "http://graph.microsoft.com/v1.0/me",
    "https://evilsharepoint.com/a",
    "https://a.b.sharepoint.com/a",
    "https://contoso.sharepoint.com.evil.example/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "file:///etc/passwd",
    "//graph.microsoft.com/v1.0",
    "not a url",
    "http://localhost:4800/",
  ])("refuses %s", (url) => {
    expect(() => dialUrl(url, microsoft)).toThrow(/Nothing was sent/);
  });
});

describe("workflows of Teams", () => {
  const microsoft = { teamsUrl: "https://{host}" };

  it("are dialled at their own hosts, or where the configuration says", () => {
    const old = "https://prod-12.westeurope.logic.azure.com:443/workflows/a/triggers/manual/paths/invoke?sig=x";
    expect(teamsDialUrl(old, microsoft)).toBe(old.replace(":443", ""));
    const fresh = "https://defaultabc.09.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/b?sig=x";
    expect(teamsDialUrl(fresh, { teamsUrl: "http://localhost:1/{host}" })).toBe("http://localhost:1/defaultabc.09.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/b?sig=x");
  });

  it.each(["https://evil.example/", "https://logic.azure.com.evil.example/", "https://logic.azure.com/", "https://evillogic.azure.com/", "http://prod-1.logic.azure.com/", "https://prod-1.logic.azure.com:8443/", "https://u:p@prod-1.logic.azure.com/", "nothing"])(
    "are not at %s", (url) => expect(teamsDialUrl(url, microsoft)).toBeNull());
});
