/**
 * The keys above the keys of workspaces (docs/keys.md). With the configuration of web and worker:
 *   npm run keys -- status           which keys are used, and which can be taken out of the configuration
 *   npm run keys -- rotate           wraps everything by the current key now; workers do it within minutes by themselves
 *   npm run keys -- escrow FILE      writes the installation keys, sealed under a passphrase
 *   npm run keys -- open FILE        shows what is in such a file (needs no configuration)
 *   npm run keys -- new              prints a new installation key and its id
 */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { config } from "@/lib/config";
import { closeDatabase } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import { installationKeyId, keyProvider, namedKeys } from "@/lib/keys";
import { openEscrow, sealEscrow } from "@/lib/keys/escrow";
import { keepKit } from "@/lib/workspaces/kit";
import { keyedWorkspaces, keyUse, rewrapKeys, staleKits } from "@/lib/workspaces/rewrap";
import { askPassphrase } from "./passphrase";

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;

async function status(): Promise<void> {
  const { current } = keyProvider();
  const used = new Map((await keyUse()).map((use) => [use.keyId, use]));
  const stale = await staleKits();
  const named = namedKeys(config().keys);
  for (const keyId of new Set([...named, ...used.keys()])) {
    const use = used.get(keyId);
    const what = keyId === current ? "current" : keyProvider().knows(keyId) ? "readable" : "MISSING";
    const wraps = use ? `wraps ${count(use.keys, "key")} of ${count(use.workspaces, "workspace")}` : "wraps nothing";
    const next = keyId === current ? "" : use || stale > 0 ? ": npm run keys -- rotate" : ": can be taken out of the configuration";
    console.log(`${keyId || "(from before ids were noted)"}  ${what}, ${wraps}${next}`);
  }
  console.log(stale === 0 ? "Every recovery kit in storage is as the database says." : `Not up to date yet: ${count(stale, "recovery kit")} in storage.`);
  if ([...used.keys()].some((keyId) => !keyProvider().knows(keyId))) process.exitCode = 1;
}

async function rotate(): Promise<void> {
  let failed = 0;
  let keys = 0;
  for (const workspaceId of await keyedWorkspaces()) {
    try {
      keys += await rewrapKeys(workspaceId);
      await keepKit(workspaceId, { look: true });
    } catch (error) {
      failed++;
      console.error(`${workspaceId}: ${error instanceof PlanbackError ? error.message : String(error)}`);
    }
  }
  console.log(`${count(keys, "key")} wrapped anew by ${keyProvider().current}.`);
  if (failed > 0) throw new PlanbackError("conflict", `${count(failed, "workspace")} left as before. Run the command again; keep the old key until status says that it can go.`);
  await status();
}

async function escrow(file: string): Promise<void> {
  const { installationKeys, provider, kms, vault } = config().keys;
  const text = sealEscrow(await askPassphrase("A passphrase for the escrow: "), {
    writtenAt: new Date().toISOString(), installationKeys: installationKeys.map((key) => Buffer.from(key).toString("base64")), provider, kmsKey: (provider === "azure-key-vault" ? vault?.key : kms?.key) ?? null,
  });
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  console.log(`${file} holds ${count(installationKeys.length, "installation key")}. Print it or keep it away from this machine, and the passphrase away from it.`);
  if (provider !== "environment") console.log("The key in the key service is not in it: it cannot leave the service. Who loses it loses everything; docs/recovery.md says how to protect it.");
}

async function open(file: string): Promise<void> {
  const { writtenAt, installationKeys, provider, kmsKey } = openEscrow(await askPassphrase("The passphrase of the escrow: "), readFileSync(file, "utf8"));
  const [first, ...old] = installationKeys;
  console.log(`# Escrow of ${writtenAt}`);
  if (provider !== "environment") console.log(`KEY_PROVIDER=${provider}`);
  if (kmsKey) console.log(`${kmsKey.startsWith("https:") ? "AZURE_KEY_VAULT_KEY" : "AWS_KMS_KEY"}=${kmsKey}`);
  if (first) console.log(`INSTALLATION_KEY=${first}`);
  if (old.length > 0) console.log(`INSTALLATION_KEYS_OLD=${old.join(",")}`);
}

function makeNew(): void {
  const key = randomBytes(32);
  console.log(`${key.toString("base64")}\n# ${installationKeyId(key)}`);
}

const [command, file] = process.argv.slice(2);
const commands: Record<string, () => Promise<void> | void> = { status, rotate, new: makeNew, ...(file ? { escrow: () => escrow(file), open: () => open(file) } : {}) };
try {
  const run = command ? commands[command] : undefined;
  if (!run) throw new PlanbackError("invalid_input", "Say what to do: status, rotate, escrow FILE, open FILE or new. docs/keys.md explains each.");
  await run();
} catch (error) {
  console.error(error instanceof PlanbackError ? error.message : error);
  process.exitCode = 1;
} finally {
  await closeDatabase();
}
