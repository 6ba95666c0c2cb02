// Runs a TypeScript file (or a tool of node_modules with --bin) on the pinned Node, after making sure that everything
// it needs is installed: node scripts/run.mjs FILE [args] | node scripts/run.mjs --bin TOOL [args]
// Plain JavaScript without dependencies, because on a fresh clone nothing else is there yet. Needs Node >= 20.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { WORKER_ENV, WORKER_FLAGS } from "./workerLaunch.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);
const hash = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
const stamp = (name) => at("node_modules", `.planback-${name}`);
const stamped = (name, value) => existsSync(stamp(name)) && readFileSync(stamp(name), "utf8") === value;

function must(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32", ...options });
  if (result.status !== 0) {
    console.error(`\n${command} ${args.join(" ")} failed. Nothing was started; mend what it says above and run the command again.`);
    process.exit(result.status ?? 1);
  }
}

function install() {
  const lock = hash(at("package-lock.json"));
  if (stamped("install", lock)) return;
  const hidden = at("node_modules", ".package-lock.json");
  const fresh = existsSync(hidden) && statSync(hidden).mtimeMs >= statSync(at("package-lock.json")).mtimeMs;
  if (!fresh) {
    console.log("Installing the packages of package-lock.json (about a minute) ...");
    must("npm", ["ci", "--no-audit", "--no-fund"]);
  }
  writeFileSync(stamp("install"), lock);
}

const node24 = at("node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

function bringNode() {
  if (existsSync(node24)) return;
  must("npm", ["rebuild", "node"]); // an npm that skips install scripts leaves the binary out
  if (!existsSync(node24)) {
    console.error("The npm package `node` did not bring a Node 24 for this platform. Install Node 24 and start the file with it.");
    process.exit(1);
  }
}

function generate() {
  const schema = hash(at("prisma", "schema.prisma"));
  if (stamped("generate", schema) && existsSync(at("lib", "generated", "prisma"))) return;
  mkdirSync(at("lib", "generated"), { recursive: true });
  const result = spawnSync(node24, [at("node_modules", "prisma", "build", "index.js"), "generate"], { cwd: root, encoding: "utf8" });
  if (result.status !== 0) {
    console.error(`Generating the database client failed:\n${result.stdout}\n${result.stderr}`);
    process.exit(1);
  }
  writeFileSync(stamp("generate"), schema);
}

function binOf(tool) {
  const name = tool === "playwright" ? "@playwright/test" : tool === "tsc" ? "typescript" : tool;
  const manifest = JSON.parse(readFileSync(at("node_modules", name, "package.json"), "utf8"));
  const file = typeof manifest.bin === "string" ? manifest.bin : manifest.bin[tool];
  return at("node_modules", name, file);
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Planback needs Node 20 or newer to start (this is ${process.version}); it then brings its own Node 24.`);
  process.exit(1);
}
install();
bringNode();
generate();

const [first, ...rest] = process.argv.slice(2);
const isWorker = first === "worker/main.ts";
const args = first === "--bin" ? [binOf(rest[0]), ...rest.slice(1)] : [...(isWorker ? WORKER_FLAGS : []), "--import", "tsx", at(first), ...rest];
const child = spawn(node24, args, {
  cwd: root,
  stdio: "inherit",
  env: { ...(isWorker ? WORKER_ENV : {}), ...process.env, PATH: path.dirname(node24) + path.delimiter + process.env.PATH, NODE_NO_WARNINGS: "1" },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
