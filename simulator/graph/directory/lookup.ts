import { CLOUDS } from "../../clouds";
import { ROLES } from "../../fixtures";
import type { SimGroup, SimTenant } from "../../model";
import type { GraphCall } from "../context";
import { badRequest, notFound } from "../refusals";

/** A group that the caller may know of; 404 as the directory says it. */
export function findGroup(tenant: SimTenant, id: string): SimGroup {
  const group = tenant.groups.get(id.toLowerCase());
  if (!group) throw notFound(id);
  return group;
}

/** Who may change a group: its owners and Global Administrators; an app with the permission. */
export function isGroupKeeper(call: GraphCall, group: SimGroup): boolean {
  return call.user === null || group.owners.has(call.user.id) || call.user.directoryRoles.includes(ROLES.globalAdministrator);
}

/** Ids behind a list of object URLs; each must be a user of this Microsoft tenant. */
export function references(call: GraphCall, body: Record<string, unknown>, name: string): string[] {
  const raw = body[name];
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) throw badRequest(`The value of '${name}' is invalid.`);
  const ids = raw.map((url) => referencedUser(call, url));
  if (new Set(ids).size !== ids.length) throw badRequest(`Request contains a property with duplicate values: '${name}'.`);
  return ids;
}

export function referencedUser(call: GraphCall, url: unknown): string {
  const isHere = typeof url === "string" && !(Object.values(CLOUDS).some(({ graph }) => url.startsWith(`${graph}/`)) && !url.startsWith(`${CLOUDS[call.world.cloud].graph}/`));
  const id = isHere ? /\/(?:directoryObjects|users)(?:\/|\(')([^/')]+)/i.exec(url)?.[1]?.toLowerCase() : undefined;
  if (!id) throw badRequest("Invalid URL format specified in @odata.id for the referenced object.");
  if (!call.tenant.users.has(id)) throw notFound(id);
  return id;
}
