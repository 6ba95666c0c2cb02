/** Microsoft's clouds as the simulator plays them. https://learn.microsoft.com/graph/deployments, entra/identity-platform/authentication-national-cloud */
export type SimCloud = "global" | "usGov" | "usGovDod";

interface Facts {
  login: string;
  graph: string;
  /** What discovery documents call the cloud. */
  instance: string;
  sharepoint: string;
}

export const CLOUDS: Record<SimCloud, Facts> = {
  global: { login: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com", instance: "microsoftonline.com", sharepoint: ".sharepoint.com" },
  usGov: { login: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us", instance: "microsoftonline.us", sharepoint: ".sharepoint.us" },
  usGovDod: { login: "https://login.microsoftonline.us", graph: "https://dod-graph.microsoft.us", instance: "microsoftonline.us", sharepoint: ".sharepoint-mil.us" },
};

const GLOBAL_GRAPH = `${CLOUDS.global.graph}/`;

/** A body of Graph as another cloud says it: addresses of Graph itself name its own host. */
export function inCloud(body: unknown, cloud: SimCloud): unknown {
  if (cloud === "global" || Buffer.isBuffer(body)) return body;
  if (typeof body === "string") return body.startsWith(GLOBAL_GRAPH) ? `${CLOUDS[cloud].graph}/${body.slice(GLOBAL_GRAPH.length)}` : body;
  if (Array.isArray(body)) return body.map((one) => inCloud(one, cloud));
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, inCloud(value, cloud)]));
}
