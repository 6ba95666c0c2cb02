import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CLOUDS, type SimCloud } from "./clouds";
import { APPS } from "./fixtures";
import type { SeedSize } from "./seed";
import { startSimulator } from "./server";

const USAGE = `Usage: npm run simulator -- [options]
  --port N            port to listen on (4800)
  --host NAME         address to listen on (127.0.0.1)
  --origin URL        origin that the simulator names in pages and tokens (http://localhost:{port})
  --app-origin URL    origin of the product, for redirect URIs (http://localhost:3000)
  --seed N            seed of the world (1)
  --size NAME         small, default or large (2,000 plans)
  --cloud NAME        global (default), usGov (GCC High) or usGovDod (DoD)
  --certificate FILE  PEM file whose certificate the app-only registration has
  --latency MS        delay of every answer (0)
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4800" },
      host: { type: "string", default: "127.0.0.1" },
      origin: { type: "string" },
      "app-origin": { type: "string", default: "http://localhost:3000" },
      seed: { type: "string", default: "1" },
      size: { type: "string", default: "default" },
      cloud: { type: "string", default: "global" },
      certificate: { type: "string" },
      latency: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  if (!["small", "default", "large"].includes(values.size)) throw new Error(`--size must be small, default or large, not "${values.size}".`);
  if (!(values.cloud in CLOUDS)) throw new Error(`--cloud must be global, usGov or usGovDod, not "${values.cloud}".`);
  const number = (name: "port" | "seed" | "latency"): number => {
    const parsed = Number(values[name]);
    if (!Number.isInteger(parsed) || parsed < 0) throw new Error(`--${name} must be a whole number, not "${values[name]}".`);
    return parsed;
  };
  const simulator = await startSimulator({
    port: number("port"),
    host: values.host,
    ...(values.origin ? { origin: values.origin } : {}),
    appOrigin: values["app-origin"],
    seed: number("seed"),
    size: values.size as SeedSize,
    latencyMs: number("latency"),
    cloud: values.cloud as SimCloud,
    ...(values.certificate ? { certificates: { [APPS.appOnly.clientId]: [readFileSync(values.certificate, "utf8")] } } : {}),
  });
  process.stdout.write(`Simulated Microsoft 365 at ${simulator.origin}/_simulator\n`);
  const stop = () => void simulator.close().then(() => process.exit(0));
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

main().catch((error: unknown) => {
  const busy = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  process.stderr.write(busy ? "The port is in use. Choose another with --port.\n" : `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(1);
});
