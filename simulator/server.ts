import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createControlRoom } from "./control/room";
import { ownerOf } from "./entra";
import { createInterference } from "./faults/apply";
import { createFaultScript, type FaultScript } from "./faults/rules";
import { createThrottle, type Sender, type Throttle } from "./faults/throttle";
import type { GraphResponse } from "./graph/room";
import type { SimRequest, SimResponse } from "./http";
import { buildMachine, type Machine, type MachineOptions } from "./machine";
import { createRequestLog, type RequestLog } from "./requestLog";
import { readRequest, writeResponse } from "./wire";

export interface SimulatorOptions extends Omit<MachineOptions, "origin"> {
  /** 0: any free port. */
  port?: number;
  host?: string;
  /** Origin that the simulator names in its own pages and tokens; default http://localhost:{port}. */
  origin?: string;
  /**
   * Every answer but those of the control API takes so long, once for each HTTP request: items of a $batch run in parallel,
   * but a chain of dependsOn takes it for each link, and Outlook runs four at a time.
   */
  latencyMs?: number;
  /** With more HTTP requests than this in flight, latency grows in proportion to their number. */
  capacity?: number;
}

export interface Simulator {
  readonly origin: string;
  /** The present world; another one after reset(). */
  readonly world: Machine["world"];
  readonly stores: Machine["stores"];
  /** An access token for Graph, as Entra ID would issue it, without signing in. */
  token(options: Parameters<Machine["token"]>[0]): Promise<string>;
  readonly faults: FaultScript;
  readonly throttle: Throttle;
  readonly requestLog: RequestLog;
  /** May be changed at any time. */
  readonly settings: { latencyMs: number; capacity: number };
  /** Back to the seed: world, faults, throttling and log. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Microsoft 365 for demos and tests on one origin. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const server = createServer({ keepAlive: true, keepAliveTimeout: 65_000 });
  const port = await listen(server, options.port ?? 0, options.host ?? "127.0.0.1");
  const origin = options.origin ?? `http://localhost:${port}`;
  const initial = { latencyMs: options.latencyMs ?? 0, capacity: options.capacity ?? Infinity };
  const settings = { ...initial };
  let inFlight = 0;
  const pause = async () => {
    const ms = settings.latencyMs * Math.max(1, inFlight / settings.capacity);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  };
  const faults = createFaultScript();
  const throttle = createThrottle();
  const requestLog = createRequestLog();
  const interference = createInterference(() => machine.world, faults, throttle);
  const build = () => buildMachine({ ...options, origin }, interference, requestLog, pause);
  let machine = await build();

  const simulator: Simulator = {
    origin,
    get world() {
      return machine.world;
    },
    get stores() {
      return machine.stores;
    },
    token: (wanted) => machine.token(wanted),
    faults,
    throttle,
    requestLog,
    settings,
    async reset() {
      machine = await build();
      faults.clear();
      throttle.clear();
      requestLog.clear();
      Object.assign(settings, initial);
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
  const control = createControlRoom(simulator);

  async function serve(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = Date.now();
    const request = await readRequest(raw, origin);
    if (!request) return void response.destroy();
    const path = request.url.pathname;
    if (path === "/" || path.startsWith("/_simulator")) return writeResponse(response, await control(request));
    const sender: Sender = { key: ownerOf(machine.world, request.headers.authorization), arrivedAt: started, answeredAt: null };
    inFlight++;
    try {
      await pause();
      await answer(raw, response, request, sender);
    } finally {
      inFlight--;
      sender.answeredAt = Date.now();
    }
  }

  async function answer(raw: IncomingMessage, response: ServerResponse, request: SimRequest, sender: Sender): Promise<void> {
    const path = request.url.pathname;
    const seq = requestLog.reserve();
    let ran: SimResponse | null = null;
    const outcome = await interference.around({ method: request.method, path, sender }, async () => (ran = await route(request, response, seq, sender)));
    const graph = ran as Partial<GraphResponse> | null;
    const status = outcome.kind === "reset" ? null : outcome.answer.status;
    requestLog.add({ seq, at: sender.arrivedAt, method: request.method, path, template: graph?.template ?? null, status, ms: Date.now() - sender.arrivedAt, batchSize: graph?.batchSize ?? null, inBatch: null, fault: outcome.fault });
    if (response.headersSent) return;
    if (outcome.kind === "reset") raw.socket.destroy();
    else writeResponse(response, outcome.answer, outcome.kind === "cut" ? { bytes: outcome.bytes } : undefined);
  }

  async function route(request: SimRequest, response: ServerResponse, seq: number, sender: Sender): Promise<SimResponse> {
    const graph = await machine.graph(request, seq, sender);
    if (graph) return graph;
    for (const room of machine.rooms) {
      const answer = await room(request, response);
      if (answer) return answer;
    }
    return { status: 404, headers: { "content-type": "text/plain; charset=utf-8" }, body: "The simulator has nothing at this address. See /_simulator.\n" };
  }

  server.on("request", (raw, response) => {
    serve(raw, response).catch((error: unknown) => {
      process.stderr.write(`simulator: ${raw.method} ${raw.url?.split("?")[0]} failed: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (!response.headersSent) writeResponse(response, { status: 500, body: { error: { code: "InternalServerError", message: "The simulator failed; its log says why." } } });
    });
  });
  return simulator;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
