import path from "node:path";
import type { Plugin } from "vitest/config";
import { MUTANTS } from "./mutants";

/** With PLANBACK_MUTANT set, that mutant's change is made to its file as it is loaded; nothing on disk is touched. */
export function mutation(): Plugin {
  const mutant = MUTANTS.find(({ name }) => name === process.env.PLANBACK_MUTANT);
  return {
    name: "mutation",
    enforce: "pre",
    transform(code, id) {
      if (!mutant || path.relative(path.resolve(import.meta.dirname, ".."), id.split("?")[0]!) !== mutant.file) return null;
      return { code: mutated(code, mutant), map: null };
    },
  };
}

/** The file without the protection. Throws unless what is to be removed stands there exactly once. */
export function mutated(code: string, { name, remove, put }: (typeof MUTANTS)[number]): string {
  const parts = code.split(remove);
  if (parts.length !== 2) throw new Error(`Mutant "${name}": what it removes stands ${parts.length - 1} times in its file. Bring mutation/mutants.ts up to date.`);
  return parts.join(put);
}
