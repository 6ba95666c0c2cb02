import { spawn, type ChildProcess } from "node:child_process";

export interface Started {
  name: string;
  child: ChildProcess;
}

/** Starts processes and ends them all together: when asked, or when one of them ends by itself. */
export class Processes {
  private readonly started: Started[] = [];
  private stopping = false;

  constructor(private readonly onUnexpectedExit: (name: string, code: number | null) => void) {}

  /** Output goes to ours, each line under the process's name, or nowhere when `quiet`. */
  start(name: string, args: string[], env: NodeJS.ProcessEnv, options: { quiet?: boolean } = {}): ChildProcess {
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      let rest = "";
      stream.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        if (!options.quiet) for (const line of lines) if (line.trim()) console.log(`${name.padEnd(9)} ${line}`);
      });
    }
    child.once("exit", (code) => {
      if (!this.stopping) this.onUnexpectedExit(name, code);
    });
    this.started.push({ name, child });
    return child;
  }

  /** SIGTERM to all, SIGKILL to those still there after 30 s (a worker drains for up to 25 s). */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(
      this.started.map(({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        return new Promise<void>((resolve) => {
          const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
          child.once("exit", () => {
            clearTimeout(timer);
            resolve();
          });
          child.kill("SIGTERM");
        });
      }),
    );
  }
}

/** Polls `url` until it answers 2xx. Throws after `timeoutMs`, naming what did not come up. */
export async function untilReady(what: string, url: string, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      const answer = await fetch(url);
      if (answer.ok) return;
    } catch {
      // not listening yet
    }
    if (Date.now() > end) throw new Error(`${what} did not come up within ${timeoutMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
