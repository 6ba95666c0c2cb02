/** Opens a store by its settings. What the clouds need is loaded when one of them is used first. */
import { createHash } from "node:crypto";
import type { CloudOptions } from "./cloud-store";
import { createFileStore } from "./file-store";
import type { ObjectStore } from "./types";

export type { CloudOptions } from "./cloud-store";

export interface FileSettings { driver: "files"; dir: string }
export interface S3Settings {
  driver: "s3";
  bucket: string;
  region: string;
  /** null: Amazon's own. */
  endpoint: string | null;
  /** null: what the machine has (variables, role of the instance or pod). */
  accessKey: { id: string; secret: string } | null;
  /** Days for which an object cannot be removed by anybody after it was stored; null: no lock. */
  lockDays: number | null;
}
export interface AzureSettings {
  driver: "azure";
  account: string;
  /** https://{account}.blob.core.windows.net, without a slash at the end. */
  endpoint: string;
  container: string;
  credential: { key: string } | { sas: string };
  lockDays: number | null;
}
export type CloudSettings = S3Settings | AzureSettings;
export type StoreSettings = FileSettings | CloudSettings;

/** Clients hold connections, so each place has one for a while. */
const MAX_OPEN = 100;
const open = new Map<string, Promise<ObjectStore>>();

/** The store at a place. */
export async function openStore(settings: StoreSettings, options: CloudOptions = {}): Promise<ObjectStore> {
  if (settings.driver === "files") return createFileStore(settings.dir);
  const name = createHash("sha256").update(JSON.stringify([settings, options, options.lookup !== undefined])).digest("base64");
  const found = open.get(name) ?? create(settings, options);
  open.delete(name);
  open.set(name, found);
  if (open.size > MAX_OPEN) open.delete(open.keys().next().value!);
  return found;
}

async function create(settings: CloudSettings, options: CloudOptions): Promise<ObjectStore> {
  if (settings.driver === "s3") return (await import("./s3-store")).createS3Store(settings, options);
  return (await import("./azure-store")).createAzureStore(settings, options);
}
