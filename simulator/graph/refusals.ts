import type { AccessTokenClaims } from "../model";
import { GraphFault, type GraphRoute } from "./context";

/** Refuses a call whose token lacks all of the route's permissions. Each service words its refusal in its own way. */
export function refusePermission(route: Pick<GraphRoute, "template" | "delegated" | "application">, token: AccessTokenClaims): void {
  const held = token.scp === undefined ? (token.roles ?? []) : token.scp.split(" ");
  const enough = token.scp === undefined ? route.application : route.delegated;
  if (enough.some((permission) => held.includes(permission))) return;
  throw refusal(route.template);
}

function refusal(template: string): GraphFault {
  if (/\/planner(\/|$)/.test(template)) return new GraphFault(403, "", "You do not have the required permissions to access this item.");
  if (/\/(threads|conversations)(\/|$)/.test(template)) return new GraphFault(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
  if (/^\/(drives|shares)\/|\/drive(\/|$)/.test(template)) return new GraphFault(403, "accessDenied", "Access denied");
  return new GraphFault(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

export const notFound = (what: string): GraphFault =>
  new GraphFault(404, "Request_ResourceNotFound", `Resource '${what}' does not exist or one of its queried reference-property objects are not present.`);
export const denied = (): GraphFault => new GraphFault(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
export const badRequest = (message: string): GraphFault => new GraphFault(400, "Request_BadRequest", message);
