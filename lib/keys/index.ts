/** The keys above the keys of workspaces: which one wraps from now on, and which others still unwrap. */
import { config, type KeyConfig } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";
import { awsKms, awsKmsKeyId } from "./awsKms";
import { azureKeyId, azureKeyVault } from "./azureKeyVault";
import { environmentKeys, installationKeyId } from "./environment";
import type { KeyProvider } from "./types";

export { installationKeyId } from "./environment";
export type { KeyPlace, KeyProvider } from "./types";

/** All providers that a configuration names as one: the chosen one wraps, each of them unwraps. */
export function providerOf({ provider, installationKeys, kms, vault }: KeyConfig): KeyProvider {
  const [first, ...others] = installationKeys;
  const environment = first && environmentKeys([first, ...others]);
  const aws = kms && awsKms(kms);
  const azure = vault && azureKeyVault(vault);
  const chosen = provider === "aws-kms" ? aws : provider === "azure-key-vault" ? azure : environment;
  if (!chosen) throw new PlanbackError("config", "No key wraps the keys of workspaces. INSTALLATION_KEY and KEY_PROVIDER are explained in .env.example.");
  const all = [chosen, ...[environment, aws, azure].filter((one) => one !== undefined && one !== null && one !== chosen)] as KeyProvider[];
  return {
    current: chosen.current,
    knows: (keyId) => all.some((one) => one.knows(keyId)),
    wrap: (place, key) => chosen.wrap(place, key),
    unwrap: async (keyId, place, wrapped) => {
      const one = all.find((each) => each.knows(keyId));
      if (!one) throw missingKeys([keyId]);
      return one.unwrap(keyId, place, wrapped);
    },
  };
}

/** The provider of this process. */
export function keyProvider(): KeyProvider {
  const from = config().keys;
  if (cached?.from !== from) cached = { from, provider: providerOf(from) };
  return cached.provider;
}
let cached: { from: KeyConfig; provider: KeyProvider } | undefined;

/** Ids of the keys that this configuration names, the current one first. */
export function namedKeys({ provider, installationKeys, kms, vault }: KeyConfig): string[] {
  const ids = { environment: installationKeys.map(installationKeyId), "aws-kms": kms ? [awsKmsKeyId(kms.key)] : [], "azure-key-vault": vault ? [azureKeyId(vault.key)] : [] };
  return [...ids[provider], ...Object.entries(ids).flatMap(([other, all]) => (other === provider ? [] : all))];
}

/** What to say when something was wrapped by keys that are not here. */
export function missingKeys(ids: readonly string[]): PlanbackError {
  return new PlanbackError("config", `Keys of workspaces were wrapped by ${ids.length === 1 ? "a key that is" : "keys that are"} not configured here: ${ids.join(", ")}. Nothing was changed and nothing is lost. Put the key back (INSTALLATION_KEYS_OLD, or the provider that holds it), start again, and see docs/keys.md for how a key is taken out of use.`);
}
