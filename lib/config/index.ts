import { readFileSync } from "node:fs";
import { z } from "zod";
import { PlanbackError } from "@/lib/errors";
import manifest from "@/package.json";
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

const credentials = {
  BACKUP_CLIENT_ID: z.guid(),
  BACKUP_CLIENT_SECRET: z.string().min(8).optional(),
  BACKUP_CLIENT_CERTIFICATE_FILE: z.string().optional(),
  RESTORE_CLIENT_ID: z.guid(),
  RESTORE_CLIENT_SECRET: z.string().min(8).optional(),
  RESTORE_CLIENT_CERTIFICATE_FILE: z.string().optional(),
};

const environment = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgresql:// URL"),
  APP_ORIGIN: origin,
  SESSION_SECRET: z.string().min(32, "must be at least 32 characters; make one with: openssl rand -base64 32"),
  INSTALLATION_KEY: key32.optional(),
  INSTALLATION_KEYS_OLD: keys32.optional(),
  INSTALLATION_KEY_FILE: z.string().optional(),
  KEY_PROVIDER: z.enum(["environment", "aws-kms"], { error: "must be environment or aws-kms" }).default("environment"),
  AWS_KMS_KEY: z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, "must be the ARN of a key (not of an alias)").optional(),
  AWS_KMS_ENDPOINT: origin.optional(),
  ...storageVariables,
  ...credentials,
  LOGIN_ORIGIN: origin.default("https://login.microsoftonline.com"),
  GRAPH_ORIGIN: origin.default("https://graph.microsoft.com"),
  PLANNER_ORIGIN: origin.default("https://planner.cloud.microsoft"),
  /** Where SharePoint hosts are dialled; {host} stands for the host Microsoft named. */
  SHAREPOINT_URL: z.string().default("https://{host}").refine((value) => value.includes("{host}"), { error: "must hold {host}" }),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  PROXY_HOPS: z.coerce.number().int("must be a whole number").min(0, "must not be negative").max(10, "must be at most 10").default(0),
  SMTP_URL: z.string().regex(/^smtps?:\/\//, "must be an smtp:// or smtps:// URL").optional(),
  MAIL_FROM: z.string().regex(/^[^\r\n]*@[^\r\n]*$/, "must be an e-mail address").optional(),
  /** Where the hosts of Teams workflows are dialled; {host} stands for the host in the workflow's URL. */
  TEAMS_URL: z.string().default("https://{host}").refine((value) => value.includes("{host}"), { error: "must hold {host}" }),
  WEBHOOK_PRIVATE: z.enum(["true", "false"], { error: "must be true or false" }).default("false"),
  HEARTBEAT_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
  METRICS_PORT: z.coerce.number({ error: "must be a port number" }).int("must be a port number").min(0, "must be a port number").max(65535, "must be a port number").optional(),
  OPERATORS: z.string().regex(OPERATOR_LIST, "must be a list of tenant-id:object-id, separated by commas").optional(),
  PLANBACK_VERSION: z.string().regex(/^[\w.+-]{1,60}$/, "must be letters, digits and . + - only").default(manifest.version),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
});

/** Every variable that is read; each may also be given as NAME_FILE, a file that holds the value. */
export const VARIABLES = Object.keys(environment.shape);

export interface AppCredential {
  clientId: string;
  clientSecret: string | null;
  /** PEM file with the private key and the certificate. */
  certificatePem: string | null;
}

/** What wraps the keys of workspaces (lib/keys). */
export interface KeyConfig {
  provider: "environment" | "aws-kms";
  /** Installation keys that are known here. The first one is the current one of the provider `environment`. */
  installationKeys: Uint8Array[];
  /** The key in AWS KMS, by its ARN; also readable when it is not the current provider. */
  kms: { key: string; endpoint: string | null } | null;
}

export interface Config {
  databaseUrl: string;
  appOrigin: string;
  sessionSecret: string;
  keys: KeyConfig;
  storage: StorageConfig;
  apps: { backup: AppCredential; restore: AppCredential };
  loginOrigin: string;
  graphOrigin: string;
  plannerOrigin: string;
  sharepointUrl: string;
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
  const present = Object.fromEntries(VARIABLES.map((name) => [name, valueOf(env, name)] as const).filter(([, value]) => value !== undefined));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `  ${name}: ${name in present ? issue.message : "is missing"}`;
    });
    if (lacksKey(present)) lines.push("  INSTALLATION_KEY: is missing");
    throw configError(lines);
  }
  const e = parsed.data;
  const app = (name: "BACKUP" | "RESTORE"): AppCredential => {
    const file = e[`${name}_CLIENT_CERTIFICATE_FILE`];
    const clientSecret = e[`${name}_CLIENT_SECRET`] ?? null;
    if (!file && !clientSecret) {
      throw configError([`  ${name}_CLIENT_SECRET or ${name}_CLIENT_CERTIFICATE_FILE: one of them is needed`]);
    }
    return { clientId: e[`${name}_CLIENT_ID`], clientSecret: file ? null : clientSecret, certificatePem: file ? readPem(name, file) : null };
  };
  const storage = parseStorage(e);
  if ("problems" in storage) throw configError(storage.problems);
  if ((e.SMTP_URL === undefined) !== (e.MAIL_FROM === undefined)) {
    throw configError([`  ${e.SMTP_URL ? "MAIL_FROM" : "SMTP_URL"}: is missing; SMTP_URL and MAIL_FROM belong together`]);
  }
  return {
    databaseUrl: e.DATABASE_URL,
    appOrigin: e.APP_ORIGIN,
    sessionSecret: e.SESSION_SECRET,
    keys: keyConfig(e),
    storage,
    apps: { backup: app("BACKUP"), restore: app("RESTORE") },
    loginOrigin: e.LOGIN_ORIGIN,
    graphOrigin: e.GRAPH_ORIGIN,
    plannerOrigin: e.PLANNER_ORIGIN,
    sharepointUrl: e.SHAREPOINT_URL,
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
  const file = VARIABLES.includes(`${name}_FILE`) ? undefined : env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || undefined;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    throw configError([`  ${name}_FILE: the file cannot be read`]);
  }
}

function lacksKey(e: { KEY_PROVIDER?: string; INSTALLATION_KEY?: string; INSTALLATION_KEY_FILE?: string }): boolean {
  return e.KEY_PROVIDER !== "aws-kms" && !e.INSTALLATION_KEY && !e.INSTALLATION_KEY_FILE;
}

function keyConfig(e: z.infer<typeof environment>): KeyConfig {
  const inFile = e.INSTALLATION_KEY_FILE ? readKeyFile(e.INSTALLATION_KEY_FILE) : [];
  const texts = [...(e.INSTALLATION_KEY ? [e.INSTALLATION_KEY] : []), ...inFile, ...(e.INSTALLATION_KEYS_OLD ?? [])];
  const installationKeys = [...new Map(texts.map((text) => Buffer.from(text, "base64")).map((key) => [key.toString("hex"), key])).values()];
  if (lacksKey(e)) throw configError(["  INSTALLATION_KEY: is missing (or INSTALLATION_KEY_FILE)"]);
  if (e.INSTALLATION_KEY && e.INSTALLATION_KEY_FILE) throw configError(["  INSTALLATION_KEY_FILE: INSTALLATION_KEY is there, too; keep one of them"]);
  if (e.KEY_PROVIDER === "aws-kms" && !e.AWS_KMS_KEY) throw configError(["  AWS_KMS_KEY: is missing; KEY_PROVIDER is aws-kms"]);
  return { provider: e.KEY_PROVIDER, installationKeys, kms: e.AWS_KMS_KEY ? { key: e.AWS_KMS_KEY, endpoint: e.AWS_KMS_ENDPOINT ?? null } : null };
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

/** True when one app registration serves as both: then every consent asks for the union of scopes. */
export function isSingleApp(c: Config): boolean {
  return c.apps.backup.clientId === c.apps.restore.clientId;
}
