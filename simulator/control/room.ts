import { html, redirect, type SimRequest, type SimResponse } from "../http";
import type { Simulator } from "../server";
import { ACTIONS, ControlRefusal } from "./actions";
import { overview, overviewPage } from "./overview";

/**
 * The control API: faults, throttling, request log, and what a person or an admin would do in Microsoft 365.
 * POST /_simulator/{action} with a JSON object; see actions.ts for the actions and what they take.
 */
export function createControlRoom(simulator: Simulator): (request: SimRequest) => Promise<SimResponse> {
  return async (request) => {
    const name = request.url.pathname.replace(/^\/_simulator\/?/, "").replace(/\/$/, "");
    try {
      if (request.url.pathname === "/") return redirect("/_simulator");
      if (request.method === "POST") return await act(simulator, name, request);
      if (request.method === "DELETE") return clear(simulator, name);
      return show(simulator, name, request);
    } catch (error) {
      if (!(error instanceof ControlRefusal)) throw error;
      return { status: error.status, body: { error: error.message } };
    }
  };
}

function show(simulator: Simulator, name: string, request: SimRequest): SimResponse {
  if (name === "") return request.headers["accept"]?.includes("application/json") ? { status: 200, body: overview(simulator) } : html(200, overviewPage(simulator));
  if (name === "faults") return { status: 200, body: simulator.faults.list() };
  if (name === "throttle") return { status: 200, body: simulator.throttle.list() };
  if (name === "requests") return { status: 200, body: simulator.requestLog.entries() };
  throw new ControlRefusal(404, `There is nothing called "${name}" here.`);
}

function clear(simulator: Simulator, name: string): SimResponse {
  if (name === "faults") simulator.faults.clear();
  else if (name === "throttle") simulator.throttle.clear();
  else if (name === "requests") simulator.requestLog.clear();
  else throw new ControlRefusal(404, `There is nothing called "${name}" to clear.`);
  return { status: 204 };
}

async function act(simulator: Simulator, name: string, request: SimRequest): Promise<SimResponse> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new ControlRefusal(404, `There is no action "${name}". There are: ${Object.keys(ACTIONS).join(", ")}.`);
  let input: unknown = {};
  if (request.body.length > 0) {
    try {
      input = JSON.parse(request.body.toString("utf8"));
    } catch {
      throw new ControlRefusal(400, "The body must be JSON.");
    }
  }
  if (typeof input !== "object" || input === null) throw new ControlRefusal(400, "The body must be a JSON object.");
  const result = await action(simulator, Array.isArray(input) ? { rules: input } : (input as Record<string, unknown>));
  return result === undefined ? { status: 204 } : { status: 200, body: result };
}
