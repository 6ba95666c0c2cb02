import type { SimRequest, SimResponse } from "../http";
import type { Simulator } from "../server";

export function createControlRoom(simulator: Simulator): (request: SimRequest) => Promise<SimResponse> {
  return async () => ({ status: 200, body: { origin: simulator.origin } });
}
