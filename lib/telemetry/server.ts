/** A port for the operator's tools only: metrics, and whether the process lives and can work. Not for the internet. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { metrics } from "./metrics";

export interface OpsServer {
  port: number;
  close(): void;
}

/**
 * Serves `/livez` (the process answers), `/readyz` (`notReady` gives null, or why not) and `/metrics` (after `refresh`,
 * which sets what has to be asked for). Port 0 takes any.
 */
export async function startOpsServer(port: number, { notReady, refresh }: { notReady: () => Promise<string | null>; refresh?: () => Promise<void> }): Promise<OpsServer> {
  const server = http.createServer(async (request, response) => {
    const say = (status: number, text: string, type = "text/plain; charset=utf-8") => void response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" }).end(text);
    try {
      if (request.url === "/livez") return say(200, "ok\n");
      if (request.url === "/readyz") {
        const reason = await notReady();
        return reason === null ? say(200, "ready\n") : say(503, `${reason}\n`);
      }
      if (request.url === "/metrics") {
        await refresh?.().catch(() => undefined); // the process's own numbers are told also when the database is away
        return say(200, await metrics().registry.metrics(), metrics().registry.contentType);
      }
      say(404, "not found\n");
    } catch {
      say(500, "failed\n");
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
  server.unref();
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
