import net from "node:net";

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** The wanted port, or the next free one above it (at most 50 further); says so when it had to move. `taken` are not used. */
export async function freePort(wanted: number, what: string, taken: readonly number[] = []): Promise<number> {
  for (let port = wanted; port <= wanted + 50; port++) {
    if (taken.includes(port) || !(await isFree(port))) continue;
    if (port !== wanted) console.log(`Port ${wanted} is in use; ${what} takes ${port} instead.`);
    return port;
  }
  throw new Error(`No free port from ${wanted} to ${wanted + 50} for ${what}. Close a program, or name another port (--port, --simulator-port).`);
}
