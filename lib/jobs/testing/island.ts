/**
 * A place for a worker that can be cut off from everything else: a network namespace whose one wire can be unplugged, so
 * that what it sends and waits for disappears without a word. That needs root; without it, a process group that is stopped.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { startWorkerProcess } from "./world";

export interface Island {
  kind: "network namespace" | "process group";
  /** Starts the worker that lives there; one. */
  start(hear: (text: string) => void): Promise<ChildProcess>;
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

/** `ports` are those of this machine that the worker reaches on its own localhost. */
export async function openIsland(ports: number[]): Promise<Island> {
  const name = `pb${randomBytes(4).toString("hex")}`;
  return run("ip", "netns", "add", name) ? namespace(name, ports) : group();
}

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: "ignore" }).status === 0;

function must(command: string, ...args: string[]): void {
  if (!run(command, ...args)) throw new Error(`${command} ${args.join(" ")} failed`);
}

async function namespace(name: string, ports: number[]): Promise<Island> {
  const [here, there] = [`${name}h`, `${name}n`];
  const net = `10.${randomInt(180, 250)}.${randomInt(1, 250)}`;
  const inside = ["ip", "netns", "exec", name];
  const bridges: ChildProcess[] = [];
  const bridge = async (prefix: string[], host: string, target: string) => {
    const [command, ...args] = [...prefix, process.execPath, "--import", "tsx", "lib/jobs/testing/bridge.ts", host, target, ...ports.map(String)];
    const child = spawn(command!, args, { stdio: ["ignore", "pipe", "inherit"] });
    bridges.push(child);
    await once(child.stdout!, "data");
  };
  must("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
  must("ip", "addr", "add", `${net}.1/30`, "dev", here);
  must("ip", "link", "set", here, "up");
  for (const args of [["addr", "add", `${net}.2/30`, "dev", there], ["link", "set", there, "up"], ["link", "set", "lo", "up"]]) must(...(inside as [string]), "ip", ...args);
  await Promise.all([bridge([], `${net}.1`, "127.0.0.1"), bridge(inside, "127.0.0.1", `${net}.1`)]);
  return {
    kind: "network namespace",
    start: (hear) => startWorkerProcess(undefined, { prefix: inside, hear }),
    cut: () => must("ip", "link", "set", here, "down"),
    heal: () => must("ip", "link", "set", here, "up"),
    close: async () => {
      for (const child of bridges) child.kill("SIGKILL");
      run("ip", "link", "del", here);
      run("ip", "netns", "del", name);
    },
  };
}

function group(): Island {
  let worker: ChildProcess | undefined;
  return {
    kind: "process group",
    start: async (hear) => (worker = await startWorkerProcess(undefined, { detached: true, hear })),
    cut: () => void process.kill(-worker!.pid!, "SIGSTOP"),
    heal: () => void process.kill(-worker!.pid!, "SIGCONT"),
    close: async () => undefined,
  };
}
