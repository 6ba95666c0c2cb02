import { inCloud } from "../clouds";
import type { SimRequest, SimResponse } from "../http";
import type { SimWorld } from "../model";
import type { Interference, Outcome } from "../faults/apply";
import type { Sender } from "../faults/throttle";
import type { RequestLog } from "../requestLog";
import { runBatch } from "./batch";
import { GraphFault, type GraphAnswer, type GraphRoute } from "./context";
import { createDispatcher, errorAnswer, graphHeaders, type RawCall } from "./dispatch";

export interface GraphResponse extends SimResponse {
  template: string;
  batchSize: number | null;
}

/** Microsoft Graph: /v1.0 and /beta, single calls and $batch. `seq` is the request's number in the log; `pause` takes one latency. */
export function createGraphRoom(world: SimWorld, routes: GraphRoute[], interference: Interference, log: RequestLog, pause: () => Promise<void>) {
  const dispatcher = createDispatcher(world, routes);

  async function item(raw: RawCall, token: Parameters<typeof dispatcher.run>[1], inBatch: number, sender: Sender): Promise<GraphAnswer> {
    const started = Date.now();
    const path = `/${raw.version}${raw.path}`;
    let template: string | null = null;
    const outcome = await interference.around({ method: raw.method, path, sender }, async () => {
      const dispatched = await dispatcher.run(raw, token);
      template = dispatched.template;
      return dispatched;
    });
    const answer = answerOf(world, outcome);
    log.add({ seq: log.reserve(), at: started, method: raw.method, path, template, status: answer.status, ms: Date.now() - started, batchSize: null, inBatch, fault: outcome.fault });
    return answer;
  }

  return async function graph(request: SimRequest, seq: number, sender: Sender): Promise<GraphResponse | undefined> {
    const version = request.url.pathname.startsWith("/v1.0/") ? "v1.0" : request.url.pathname.startsWith("/beta/") ? "beta" : null;
    if (!version) return undefined;
    const path = request.url.pathname.slice(version.length + 1);
    const raw: RawCall = { method: request.method, version, path, query: request.url.searchParams, headers: request.headers, body: request.body };
    let answer: GraphAnswer;
    let template = path === "/$batch" ? "/$batch" : "unknown";
    let batchSize: number | null = null;
    try {
      const token = dispatcher.authenticate(request.headers);
      if (path === "/$batch") {
        if (request.method !== "POST") throw new GraphFault(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
        const batch = await runBatch(raw, token, (one, claims) => item(one, claims, seq, sender), pause);
        batchSize = batch.size;
        answer = batch;
      } else {
        const dispatched = await dispatcher.run(raw, token);
        template = dispatched.template;
        answer = dispatched;
      }
    } catch (error) {
      if (!(error instanceof GraphFault)) throw error;
      answer = errorAnswer(world, error, request.headers["client-request-id"]);
    }
    return { status: answer.status, headers: graphHeaders(request, answer), body: inCloud(answer.body, world.cloud), template, batchSize };
  };
}

/** Inside a batch a broken connection shows as a gateway timeout of the item. */
function answerOf(world: SimWorld, outcome: Outcome<GraphAnswer>): GraphAnswer {
  if (outcome.kind === "answer") return outcome.answer;
  return errorAnswer(world, new GraphFault(504, "GatewayTimeout", "The item did not get a timely response."));
}
