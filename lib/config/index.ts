import { readFileSync } from "node:fs";
import { z } from "zod";
import { PlanbackError } from "@/lib/errors";
import manifest from "@/package.json";
import { CLOUD_FACTS, CLOUDS, NO_PLANNER_IN_CHINA, type Cloud } from "./clouds";
import type { Origins } from "./origins";
import { parseStorage, storageVariables, type StorageConfig } from "./storage";

const origin = z.string().refine(
  (value) => {
    try {
      const url = new URL(value);
      return url.origin === value && (url.protocol === "https:" || url.protocol === "http:");
    } catch {
      return false;
    }
  },
  { error: "must be an origin without a path, such as https://planback.example.com" },
);

const key32 = z.string().refine((value) => Buffer.from(value, "base64").length === 32, {
  error: "must be 32 random bytes in base64; make one with: openssl rand -base64 32",
});

const OPERATOR_LIST = /^\s*[0-9a-f-]{36}:[0-9a-f-]{36}(\s*,\s*[0-9a-f-]{36}:[0-9a-f-]{36})*\s*$/i;
const keys32 = z.string().transform((value) => value.split(",").map((one) => one.trim()).filter((one) => one !== "")).pipe(z.array(key32));

const template = z.string().refine((value) => value.includes("{host}"), { error: "must hold {host}" });

/** What each of Microsoft's clouds has of its own. */
const ofCloud = z.object({
  BACKUP_CLIENT_ID: z.guid(),
  BACKUP_CLIENT_SECRET: z.string().min(8).optional(),
  BACKUP_CLIENT_CERTIFICATE_FILE: z.string().optional(),
  RESTORE_CLIENT_ID: z.guid(),
  RESTORE_CLIENT_SECRET: z.string().min(8).optional(),
  RESTORE_CLIENT_CERTIFICATE_FILE: z.string().optional(),
  APP_ONLY_CLIENT_ID: z.guid().optional(),
  APP_ONLY_CLIENT_CERTIFICATE_FILE: z.string().optional(),
  LOGIN_ORIGIN: origin.optional(),
  GRAPH_ORIGIN: origin.optional(),
  /** Where SharePoint hosts are dialled; {host} stands for the host Microsoft named. */
  SHAREPOINT_URL: template.default("https://{host}"),
});

const environment = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgresql:// URL"),
  APP_ORIGIN: origin,
  SESSION_SECRET: z.string().min(32, "must be at least 32 characters; make one with: openssl rand -base64 32"),
  INSTALLATION_KEY: key32.optional(),
  INSTALLATION_KEYS_OLD: keys32.optional(),
  INSTALLATION_KEY_FILE: z.string().optional(),
  KEY_PROVIDER: z.enum(["environment", "aws-kms", "azure-key-vault"], { error: "must be environment, aws-kms or azure-key-vault" }).default("environment"),
  AWS_KMS_KEY: z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, "must be the ARN of a key (not of an alias)").optional(),
  AWS_KMS_ENDPOINT: origin.optional(),
  AZURE_KEY_VAULT_KEY: z.string().regex(/^https:\/\/[a-z0-9-]{3,24}\.vault\.(azure\.net|usgovcloudapi\.net)\/keys\/[A-Za-z0-9-]{1,127}\/[0-9a-f]{32}$/, "must be the identifier of one version of a key, https://….vault.azure.net/keys/…/…").optional(),
  AZURE_TENANT_ID: z.guid().optional(),
  AZURE_CLIENT_ID: z.guid().optional(),
  AZURE_CLIENT_SECRET: z.string().min(8).optional(),
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional(),
  AZURE_AUTHORITY_HOST: z.url({ protocol: /^https$/, error: "must be an https:// URL" }).transform((value) => value.replace(/\/$/, "")).optional(),
  ...storageVariables,
  /** Where people sign in, and what the variables without a cloud's prefix belong to. */
  CLOUD: z.enum(["global", "gcc_high", "dod"], { error: ({ input }) => (input === "china" ? NO_PLANNER_IN_CHINA : "must be global, gcc_high or dod") }).default("global"),
  PLANNER_ORIGIN: origin.default("https://planner.cloud.microsoft"),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  PROXY_HOPS: z.coerce.number().int("must be a whole number").min(0, "must not be negative").max(10, "must be at most 10").default(0),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, "must be an smtp:// or smtps:// URL").optional(),
  MAIL_FROM: z.string().regex(/^[^\r\n]*@[^\r\n]*$/, "must be an e-mail address").optional(),
  /** Where the hosts of Teams workflows are dialled; {host} stands for the host in the workflow's URL. */
  TEAMS_URL: template.default("https://{host}"),
  WEBHOOK_PRIVATE: z.enum(["true", "false"], { error: "must be true or false" }).default("false"),
  HEARTBEAT_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
  METRICS_PORT: z.coerce.number({ error: "must be a port number" }).int("must be a port number").min(0, "must be a port number").max(65535, "must be a port number").optional(),
  OPERATORS: z.string().regex(OPERATOR_LIST, "must be a list of tenant-id:object-id, separated by commas").optional(),
  PLANBACK_VERSION: z.string().regex(/^[\w.+-]{1,60}$/, "must be letters, digits and . + - only").default(manifest.version),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
});

/** Every variable that is read; each may also be given as NAME_FILE, a file that holds the value. */
export const VARIABLES = [...Object.keys(environment.shape), ...Object.keys(ofCloud.shape)];

/** With those of further clouds, which begin with the cloud's prefix. */
const ALL_VARIABLES = [...VARIABLES, ...CLOUDS.flatMap((cloud) => Object.keys(ofCloud.shape).map((name) => CLOUD_FACTS[cloud].prefix + name))];

export interface AppCredential {
  clientId: string;
  clientSecret: string | null;
  /** PEM file with the private key and the certificate. */
  certificatePem: string | null;
}

/** What wraps the keys of workspaces (lib/keys). */
export interface KeyConfig {
  provider: "environment" | "aws-kms" | "azure-key-vault";
  /** Installation keys that are known here. The first one is the current one of the provider `environment`. */
  installationKeys: Uint8Array[];
  /** The key in AWS KMS, by its ARN; also readable when it is not the current provider. */
  kms: { key: string; endpoint: string | null } | null;
  /** The same for Azure Key Vault. */
  vault?: VaultConfig | null;
}

/** `key`: the identifier of one version. */
export interface VaultConfig {
  key: string;
  credential:
    | { kind: "secret"; authority: string; tenantId: string; clientId: string; secret: string }
    | { kind: "federated"; authority: string; tenantId: string; clientId: string; file: string }
    /** Managed identity; null: the one that the machine has of itself. */
    | { kind: "machine"; clientId: string | null };
}

/** The registrations in one of Microsoft's clouds, and where its hosts are dialled. */
export interface CloudConfig extends Origins {
  /** `appOnly`: application permissions; null: this installation offers no app-only connections there. */
  apps: { backup: AppCredential; restore: AppCredential; appOnly: AppCredential | null };
}

/** With what belongs to the cloud in which people sign in. */
export interface Config extends CloudConfig {
  /** Every cloud that has registrations, that one too. */
  clouds: Partial<Record<Cloud, CloudConfig>>;
  databaseUrl: string;
  appOrigin: string;
  sessionSecret: string;
  keys: KeyConfig;
  storage: StorageConfig;
  plannerOrigin: string;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** How many proxies in front of the web add to X-Forwarded-For; 0: the address of a client is not known. */
  proxyHops: number;
  /** null: this installation sends no e-mail. */
  mail: { smtpUrl: string; from: string } | null;
  teamsUrl: string;
  /** Webhooks may go to private addresses, also without https. */
  webhookPrivate: boolean;
  heartbeatUrl: string | null;
  /** Where this process serves /metrics, /livez and /readyz besides; null: nowhere. */
  metricsPort: number | null;
  /** People who may see how the installation is, by their identity in Entra ID. */
  operators: { tid: string; oid: string }[];
  /** What this build calls itself towards its operators. */
  version: string;
  /** Where traces go (OTLP over HTTP); null: none are made. */
  traceEndpoint: string | null;
}

/**
 * Parses the environment. Throws PlanbackError `config` that names every bad variable, what is wrong with it and
 * where it is explained; the message never repeats a value.
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(ALL_VARIABLES.map((name) => [name, valueOf(env, name)] as const).filter(([, value]) => value !== undefined));
  const parsed = environment.safeParse(present);
  const home = HOME[parsed.data?.CLOUD ?? "global"];
  const parts = CLOUDS.flatMap((cloud) => cloudPart(present, cloud, home) ?? []);
  const problems = [...(parsed.error ? linesOf(parsed.error, present) : []), ...parts.flatMap((part) => part.problems)];
  if (parsed.error && lacksKey(present)) problems.push("  INSTALLATION_KEY: is missing");
  if (!parsed.success || problems.length > 0) throw configError(problems);
  const e = parsed.data;
  const clouds = Object.fromEntries(parts.map((part) => [part.cloud, toCloud(part)])) as Config["clouds"];
  const storage = parseStorage(e);
  if ("problems" in storage) throw configError(storage.problems);
  if ((e.SMTP_URL === undefined) !== (e.MAIL_FROM === undefined)) {
    throw configError([`  ${e.SMTP_URL ? "MAIL_FROM" : "SMTP_URL"}: is missing; SMTP_URL and MAIL_FROM belong together`]);
  }
  return {
    ...clouds[home]!,
    clouds,
    databaseUrl: e.DATABASE_URL,
    appOrigin: e.APP_ORIGIN,
    sessionSecret: e.SESSION_SECRET,
    keys: keyConfig(e),
    storage,
    plannerOrigin: e.PLANNER_ORIGIN,
    logLevel: e.LOG_LEVEL,
    proxyHops: e.PROXY_HOPS,
    mail: e.SMTP_URL && e.MAIL_FROM ? { smtpUrl: e.SMTP_URL, from: e.MAIL_FROM } : null,
    teamsUrl: e.TEAMS_URL,
    webhookPrivate: e.WEBHOOK_PRIVATE === "true",
    heartbeatUrl: e.HEARTBEAT_URL ?? null,
    metricsPort: e.METRICS_PORT ?? null,
    operators: (e.OPERATORS?.toLowerCase().split(",") ?? []).map((pair) => {
      const [tid, oid] = pair.trim().split(":");
      return { tid: tid!, oid: oid! };
    }),
    version: e.PLANBACK_VERSION,
    traceEndpoint: e.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}

/** The value of a variable, or of the file that NAME_FILE names, unless that is a variable of its own; undefined when it is empty. Throws PlanbackError `config`. */
export function valueOf(env: Record<string, string | undefined>, name: string): string | undefined {
  const file = ALL_VARIABLES.includes(`${name}_FILE`) ? undefined : env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || undefined;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    throw configError([`  ${name}_FILE: the file cannot be read`]);
  }
}

function lacksKey(e: { KEY_PROVIDER?: string; INSTALLATION_KEY?: string; INSTALLATION_KEY_FILE?: string }): boolean {
  return (e.KEY_PROVIDER ?? "environment") === "environment" && !e.INSTALLATION_KEY && !e.INSTALLATION_KEY_FILE;
}

function keyConfig(e: z.infer<typeof environment>): KeyConfig {
  const inFile = e.INSTALLATION_KEY_FILE ? readKeyFile(e.INSTALLATION_KEY_FILE) : [];
  const texts = [...(e.INSTALLATION_KEY ? [e.INSTALLATION_KEY] : []), ...inFile, ...(e.INSTALLATION_KEYS_OLD ?? [])];
  const installationKeys = [...new Map(texts.map((text) => Buffer.from(text, "base64")).map((key) => [key.toString("hex"), key])).values()];
  if (lacksKey(e)) throw configError(["  INSTALLATION_KEY: is missing (or INSTALLATION_KEY_FILE)"]);
  if (e.INSTALLATION_KEY && e.INSTALLATION_KEY_FILE) throw configError(["  INSTALLATION_KEY_FILE: INSTALLATION_KEY is there, too; keep one of them"]);
  if (e.KEY_PROVIDER === "aws-kms" && !e.AWS_KMS_KEY) throw configError(["  AWS_KMS_KEY: is missing; KEY_PROVIDER is aws-kms"]);
  if (e.KEY_PROVIDER === "azure-key-vault" && !e.AZURE_KEY_VAULT_KEY) throw configError(["  AZURE_KEY_VAULT_KEY: is missing; KEY_PROVIDER is azure-key-vault"]);
  return { provider: e.KEY_PROVIDER, installationKeys, kms: e.AWS_KMS_KEY ? { key: e.AWS_KMS_KEY, endpoint: e.AWS_KMS_ENDPOINT ?? null } : null, vault: vaultConfig(e) };
}

function vaultConfig({ AZURE_KEY_VAULT_KEY: key, AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret, AZURE_FEDERATED_TOKEN_FILE: file, AZURE_AUTHORITY_HOST: host }: z.infer<typeof environment>): VaultConfig | null {
  if (!key) return null;
  if (!secret && !file) return { key, credential: { kind: "machine", clientId: clientId ?? null } };
  if (!tenantId || !clientId) throw configError([`  ${tenantId ? "AZURE_CLIENT_ID" : "AZURE_TENANT_ID"}: is missing; it belongs to ${secret ? "AZURE_CLIENT_SECRET" : "AZURE_FEDERATED_TOKEN_FILE"}`]);
  const whom = { authority: host ?? (key.includes(".usgovcloudapi.net/") ? "https://login.microsoftonline.us" : "https://login.microsoftonline.com"), tenantId, clientId };
  return { key, credential: secret ? { kind: "secret", ...whom, secret } : { kind: "federated", ...whom, file: file! } };
}

/** One key a line, the current one first; lines that begin with # are remarks. */
function readKeyFile(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw configError(["  INSTALLATION_KEY_FILE: the file cannot be read"]);
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  if (lines.length === 0 || lines.some((line) => !key32.safeParse(line).success)) throw configError(["  INSTALLATION_KEY_FILE: the file must hold keys of 32 random bytes in base64, one a line"]);
  return lines;
}

const HOME: Record<"global" | "gcc_high" | "dod", Cloud> = { global: "global", gcc_high: "usGov", dod: "usGovDod" };

const linesOf = (error: z.ZodError, present: Record<string, unknown>, prefix = ""): string[] =>
  error.issues.map((issue) => {
    const name = prefix + String(issue.path[0]);
    return `  ${name}: ${name in present ? issue.message : "is missing"}`;
  });

interface CloudPart { cloud: Cloud; prefix: string; values: z.output<typeof ofCloud>; problems: string[] }

/** The variables of one cloud; null when none is set for it. */
function cloudPart(present: Record<string, string | undefined>, cloud: Cloud, home: Cloud): CloudPart | null {
  const prefix = cloud === home ? "" : CLOUD_FACTS[cloud].prefix;
  const mine = Object.fromEntries(Object.keys(ofCloud.shape).flatMap((name) => (prefix + name in present ? [[name, present[prefix + name]]] : [])));
  if (prefix !== "" && Object.keys(mine).length === 0) return null;
  const parsed = ofCloud.safeParse(mine);
  return { cloud, prefix, values: parsed.data!, problems: parsed.error ? linesOf(parsed.error, present, prefix) : [] };
}

function toCloud({ cloud, prefix, values }: CloudPart): CloudConfig {
  const app = (name: "BACKUP" | "RESTORE"): AppCredential => {
    const file = values[`${name}_CLIENT_CERTIFICATE_FILE`];
    const clientSecret = values[`${name}_CLIENT_SECRET`] ?? null;
    if (!file && !clientSecret) {
      throw configError([`  ${prefix}${name}_CLIENT_SECRET or ${prefix}${name}_CLIENT_CERTIFICATE_FILE: one of them is needed`]);
    }
    return { clientId: values[`${name}_CLIENT_ID`], clientSecret: file ? null : clientSecret, certificatePem: file ? readPem(prefix + name, file) : null };
  };
  return {
    cloud, apps: { backup: app("BACKUP"), restore: app("RESTORE"), appOnly: appOnly(prefix, values) },
    loginOrigin: values.LOGIN_ORIGIN ?? CLOUD_FACTS[cloud].login, graphOrigin: values.GRAPH_ORIGIN ?? CLOUD_FACTS[cloud].graph, sharepointUrl: values.SHAREPOINT_URL,
  };
}

/** A registration of its own, and by certificate only: its tokens open a whole Microsoft tenant without anybody signing in. */
function appOnly(prefix: string, values: CloudPart["values"]): AppCredential | null {
  const { APP_ONLY_CLIENT_ID: clientId, APP_ONLY_CLIENT_CERTIFICATE_FILE: file } = values;
  if (!clientId && !file) return null;
  const [id, certificate] = [`${prefix}APP_ONLY_CLIENT_ID`, `${prefix}APP_ONLY_CLIENT_CERTIFICATE_FILE`];
  if (!clientId || !file) throw configError([`  ${clientId ? certificate : id}: is missing; ${id} and ${certificate} belong together`]);
  if (clientId === values.BACKUP_CLIENT_ID || clientId === values.RESTORE_CLIENT_ID) {
    throw configError([`  ${id}: must be a registration of its own; who consents to Backup or Restore must not grant the whole Microsoft tenant by it`]);
  }
  return { clientId, clientSecret: null, certificatePem: readPem(`${prefix}APP_ONLY`, file) };
}

function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw configError([`  ${name}_CLIENT_CERTIFICATE_FILE: the file cannot be read`]);
  }
}

function configError(lines: string[]): PlanbackError {
  return new PlanbackError("config", `The configuration is not usable:\n${lines.join("\n")}\nEach variable is explained in .env.example.`);
}

let cached: Config | undefined;

/** Forgets it, for tests of what follows from another one. */
export function forgetConfig(): void {
  cached = undefined;
}

/** The process's configuration, parsed once. */
export function config(): Config {
  return (cached ??= parseConfig(process.env));
}

/** The registrations and hosts of one of Microsoft's clouds. Throws PlanbackError config when the installation has none there. */
export function inCloud(cloud: Cloud, c: Config = config()): CloudConfig {
  const found = c.clouds[cloud];
  if (!found) throw new PlanbackError("config", `This installation has no registrations in Microsoft's cloud ${CLOUD_FACTS[cloud].name}. Its operator can add them (docs/azure-setup.md). Nothing was changed.`);
  return found;
}

/** True when one app registration serves as both: then every consent asks for the union of scopes. */
export function isSingleApp(c: Pick<CloudConfig, "apps">): boolean {
  return c.apps.backup.clientId === c.apps.restore.clientId;
}
