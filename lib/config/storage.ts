/** Where this installation keeps objects: a folder, an S3 bucket, an Azure container, or several of them. */
import { z } from "zod";

const days = z.coerce.number().int("must be a whole number of days").min(1, "must be at least 1").max(3650, "must be at most 3650").optional();
const origin = z.url({ protocol: /^https?$/, error: "must be an https:// URL" }).transform((value) => value.replace(/\/$/, ""));

export const storageVariables = {
  STORAGE: z.enum(["files", "s3", "azure"], { error: "must be files, s3 or azure" }).optional(),
  STORAGE_DIR: z.string().min(1).optional(),
  S3_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket").optional(),
  S3_REGION: z.string().regex(/^[a-z0-9-]+$/, "must be a region, such as eu-central-1").optional(),
  S3_ENDPOINT: origin.optional(),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  S3_LOCK_DAYS: days,
  AZURE_STORAGE_ACCOUNT: z.string().regex(/^[a-z0-9]{3,24}$/, "must be the name of a storage account").optional(),
  AZURE_STORAGE_CONTAINER: z.string().regex(/^[a-z0-9](-?[a-z0-9]){2,62}$/, "must be the name of a container").optional(),
  AZURE_STORAGE_ENDPOINT: origin.optional(),
  AZURE_STORAGE_KEY: z.base64("must be the key of the account").optional(),
  AZURE_STORAGE_SAS: z.string().regex(/sig=/, "must be a shared access signature").optional(),
  AZURE_STORAGE_LOCK_DAYS: days,
  OWN_STORAGE: z.enum(["on", "off"], { error: "must be on or off" }).default("on"),
  OWN_STORAGE_HOSTS: z.string().default("").transform((value) => value.split(/[\s,]+/).filter(Boolean).map((host) => host.toLowerCase())),
  OWN_STORAGE_PRIVATE: z.enum(["true", "false"], { error: "must be true or false" }).default("false"),
};

export type Driver = "files" | "s3" | "azure";

/** As lib/repository's StoreSettings, which this room does not know. */
export interface StorageConfig {
  /**
   * Buckets and containers that workspaces bring along: null, or the hosts that they may have besides Amazon's and Azure's own, and
   * whether these may have private addresses, also without https.
   */
  own: { hosts: string[]; allowPrivate: boolean } | null;
  /** Where new workspaces are kept. */
  main: Driver;
  files: { driver: "files"; dir: string } | null;
  s3: { driver: "s3"; bucket: string; region: string; endpoint: string | null; accessKey: { id: string; secret: string } | null; lockDays: number | null } | null;
  azure: { driver: "azure"; account: string; endpoint: string; container: string; credential: { key: string } | { sas: string }; lockDays: number | null } | null;
}

type Variables = z.output<z.ZodObject<typeof storageVariables>>;

/** The storage, or a line for each thing that is wrong. */
export function parseStorage(e: Variables): StorageConfig | { problems: string[] } {
  const problems: string[] = [];
  const belong = (one: keyof Variables, other: keyof Variables) => {
    if ((e[one] === undefined) !== (e[other] === undefined)) problems.push(`  ${e[one] === undefined ? one : other}: is missing; ${one} and ${other} belong together`);
  };
  belong("S3_BUCKET", "S3_REGION");
  belong("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY");
  belong("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_CONTAINER");
  const credential = e.AZURE_STORAGE_KEY ? { key: e.AZURE_STORAGE_KEY } : e.AZURE_STORAGE_SAS ? { sas: e.AZURE_STORAGE_SAS } : null;
  if (e.AZURE_STORAGE_ACCOUNT && !credential) problems.push("  AZURE_STORAGE_KEY or AZURE_STORAGE_SAS: one of them is needed");
  const files = e.STORAGE_DIR ? { driver: "files" as const, dir: e.STORAGE_DIR } : null;
  const s3 = e.S3_BUCKET && e.S3_REGION ? {
    driver: "s3" as const, bucket: e.S3_BUCKET, region: e.S3_REGION, endpoint: e.S3_ENDPOINT ?? null,
    accessKey: e.S3_ACCESS_KEY_ID && e.S3_SECRET_ACCESS_KEY ? { id: e.S3_ACCESS_KEY_ID, secret: e.S3_SECRET_ACCESS_KEY } : null, lockDays: e.S3_LOCK_DAYS ?? null,
  } : null;
  const azure = e.AZURE_STORAGE_ACCOUNT && e.AZURE_STORAGE_CONTAINER && credential ? {
    driver: "azure" as const, account: e.AZURE_STORAGE_ACCOUNT, endpoint: e.AZURE_STORAGE_ENDPOINT ?? `https://${e.AZURE_STORAGE_ACCOUNT}.blob.core.windows.net`,
    container: e.AZURE_STORAGE_CONTAINER, credential, lockDays: e.AZURE_STORAGE_LOCK_DAYS ?? null,
  } : null;
  if (problems.length > 0) return { problems };
  const there = [files, s3, azure].flatMap((one) => one?.driver ?? []);
  const main = e.STORAGE ?? (there.length === 1 ? there[0]! : null);
  if (there.length === 0) return { problems: ["  STORAGE_DIR, S3_BUCKET or AZURE_STORAGE_ACCOUNT: one of them is needed"] };
  if (!main) return { problems: ["  STORAGE: is missing; several storages are configured, and it says which one new workspaces use"] };
  if (!there.includes(main)) return { problems: [`  STORAGE: names a storage that is not configured`] };
  return { main, files, s3, azure, own: e.OWN_STORAGE === "off" ? null : { hosts: e.OWN_STORAGE_HOSTS, allowPrivate: e.OWN_STORAGE_PRIVATE === "true" } };
}
