// Worker, migration and the commands for keys and recovery as one file each, for the container: node scripts/bundle.mjs OUT
import { build } from "esbuild";
import { chmodSync, cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import { WORKER_ENV, WORKER_FLAGS } from "./workerLaunch.mjs";

const root = path.dirname(import.meta.dirname);
const out = path.resolve(process.argv[2] ?? "dist");

// Packages written for CommonJS ask for these; some declare one of them, which a declaration here would forbid.
const banner = `import { createRequire as bundledCreateRequire } from "node:module";
Object.assign(globalThis, { require: bundledCreateRequire(import.meta.url), __filename: import.meta.filename, __dirname: import.meta.dirname });`;

await build({
  absWorkingDir: root,
  entryPoints: { worker: "worker/main.ts", migrate: "scripts/migrate.ts", keys: "scripts/keys.ts", recover: "scripts/recover.ts" },
  outdir: out, outExtension: { ".js": ".mjs" },
  bundle: true, platform: "node", format: "esm", target: "node24", alias: { "@": "." }, external: ["pg-native"], banner: { js: banner },
  legalComments: "linked", logLevel: "warning",
});
cpSync(path.join(root, "prisma/migrations"), path.join(out, "prisma/migrations"), { recursive: true });

const variables = Object.entries(WORKER_ENV).map(([name, value]) => `${name}=${value}`).join(" ");
writeFileSync(path.join(out, "worker"), `#!/bin/sh\n${variables} exec node ${WORKER_FLAGS.join(" ")} "$(dirname "$0")/worker.mjs"\n`);
chmodSync(path.join(out, "worker"), 0o755);
