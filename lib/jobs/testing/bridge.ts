/** Forwards ports of this machine (or network namespace) to another address: bridge.ts LISTEN TARGET PORT[:PORT] ... */
import net from "node:net";

const [host, target, ...ports] = process.argv.slice(2);

async function forward(from: number, to: number): Promise<void> {
  const server = net.createServer((near) => {
    const far = net.connect(to, target!);
    near.pipe(far).pipe(near);
    for (const [one, other] of [[near, far], [far, near]] as const) one.on("error", () => undefined).on("close", () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(from, host, resolve));
}

await Promise.all(ports.map((pair) => {
  const [from, to] = pair.split(":").map(Number);
  return forward(from!, to ?? from!);
}));
console.log("ready");
