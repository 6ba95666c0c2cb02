import type { SimGroup } from "../../model";
import { GraphFault, type GraphAnswer, type GraphCall, type GraphRoute } from "../context";
import { jsonObject } from "../dispatch";
import { collection, context, single } from "../odata";
import { PERMISSIONS } from "../permissions";
import { badRequest, denied, notFound } from "../refusals";
import { findGroup, isGroupKeeper, references } from "./lookup";
import { GROUPS, groupEntity } from "./objects";

/** https://learn.microsoft.com/graph/api/group-post-groups */
function create(call: GraphCall, uniqueName?: string): GraphAnswer {
  const body = jsonObject(call);
  refuseUniqueName(body);
  if (call.user && !call.tenant.enableGroupCreation && call.user.directoryRoles.length === 0) throw denied();
  const spec = groupSpec(call, body);
  refuseTooMany(body["owners@odata.bind"], body["members@odata.bind"]);
  const owners = references(call, body, "owners@odata.bind");
  const members = references(call, body, "members@odata.bind");
  // A non-admin may not name himself as owner; without owners a Microsoft 365 group gets its creator.
  if (call.user && call.user.directoryRoles.length === 0 && owners.includes(call.user.id)) {
    throw badRequest("Request contains a property with duplicate values: the calling user is added as an owner by the service.");
  }
  if (owners.length === 0 && call.user) owners.push(call.user.id);
  const group: SimGroup = {
    id: call.world.guid(),
    ...spec,
    ...(uniqueName === undefined ? {} : { uniqueName }),
    mail: `${spec.mailNickname}@${call.tenant.domain}`,
    createdDateTime: new Date(call.world.now()).toISOString().replace(/\.\d+Z$/, "Z"),
    members: new Set(members),
    owners: new Set(owners),
    readyAt: call.world.now() + (call.world.newGroupLagMs ?? 0),
  };
  call.tenant.groups.set(group.id, group);
  return {
    status: 201,
    headers: { location: `https://graph.microsoft.com/v2/${call.tenant.id}/directoryObjects/${group.id}/Microsoft.DirectoryServices.Group` },
    body: { "@odata.context": context(call, "groups/$entity"), ...groupEntity(group) },
  };
}

/** Read-only: an upsert names it in its URL. https://learn.microsoft.com/graph/api/resources/group */
function refuseUniqueName(body: Record<string, unknown>): void {
  if (body["uniqueName"] !== undefined) throw badRequest("Property 'uniqueName' is read-only and cannot be set.");
}

/** One request may hold 20 relationships. */
function refuseTooMany(...lists: unknown[]): void {
  const count = lists.reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
  if (count > 20) throw badRequest("The number of relationships in the request exceeds the maximum of 20.");
}

function groupSpec(call: GraphCall, body: Record<string, unknown>): Pick<SimGroup, "displayName" | "description" | "mailNickname" | "groupTypes" | "visibility"> {
  for (const required of ["displayName", "mailNickname", "mailEnabled", "securityEnabled"]) {
    if (body[required] === undefined || body[required] === null || body[required] === "") throw badRequest(`A value is required for property '${required}' of resource 'Group'.`);
  }
  const groupTypes = Array.isArray(body["groupTypes"]) ? body["groupTypes"].map(String) : [];
  if (groupTypes.includes("Unified") ? body["mailEnabled"] !== true : body["mailEnabled"] !== false || body["securityEnabled"] !== true) {
    throw badRequest("The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.");
  }
  const visibility = body["visibility"] ?? (groupTypes.includes("Unified") ? "Public" : "Private");
  if (visibility !== "Public" && visibility !== "Private" && visibility !== "HiddenMembership") throw badRequest("Invalid value specified for property 'visibility' of resource 'Group'.");
  const mailNickname = String(body["mailNickname"]);
  if (!/^[\x21-\x7e]{1,64}$/.test(mailNickname) || /[@()\\[\]";:.<>,\s]/.test(mailNickname)) throw badRequest("Invalid value specified for property 'mailNickname' of resource 'Group'.");
  for (const group of call.tenant.groups.values()) {
    if (group.mailNickname.toLowerCase() === mailNickname.toLowerCase()) {
      throw new GraphFault(400, "Request_BadRequest", "Another object with the same value for property mailNickname already exists.");
    }
  }
  return { displayName: text(body, "displayName", 256)!, description: text(body, "description", 1024), mailNickname, groupTypes, visibility };
}

function text(body: Record<string, unknown>, name: string, max: number): string | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== "string" || value.length > max || value.length === 0) throw badRequest(`Invalid value specified for property '${name}' of resource 'Group'.`);
  return value;
}

const byUniqueName = (call: GraphCall, name: string): SimGroup | undefined => {
  const wanted = name.toLowerCase();
  return [...call.tenant.groups.values()].find((group) => group.uniqueName?.toLowerCase() === wanted);
};

function needByUniqueName(call: GraphCall, name: string): SimGroup {
  const group = byUniqueName(call, name);
  if (!group) throw notFound(name);
  return group;
}

/**
 * With `Prefer: create-if-missing` the group is made unless one of that name exists; otherwise, and without the
 * preference always, the request is an update. https://learn.microsoft.com/graph/api/group-upsert
 */
function upsert(call: GraphCall, name: string): GraphAnswer {
  const known = byUniqueName(call, name);
  if (known) return update(call, known);
  if (!/(^|[\s,;])create-if-missing([\s,;]|$)/i.test(call.headers["prefer"] ?? "")) throw notFound(name);
  if (!/^[\x21-\x7e]{1,128}$/.test(name)) throw badRequest("Invalid value specified for property 'uniqueName' of resource 'Group'.");
  return create(call, name);
}

function update(call: GraphCall, group: SimGroup): GraphAnswer {
  if (!isGroupKeeper(call, group)) throw denied();
  const body = jsonObject(call);
  refuseUniqueName(body);
  if (body["members@odata.bind"] !== undefined) {
    refuseTooMany(body["members@odata.bind"]);
    const added = references(call, body, "members@odata.bind");
    if (added.some((user) => group.members.has(user))) throw badRequest("One or more added object references already exist for the following modified properties: 'members'.");
    for (const user of added) group.members.add(user);
  }
  if (body["visibility"] !== undefined) {
    const visibility = body["visibility"];
    if ((visibility !== "Public" && visibility !== "Private") || group.visibility === "HiddenMembership") throw badRequest("Invalid value specified for property 'visibility' of resource 'Group'.");
    group.visibility = visibility;
  }
  if (body["displayName"] !== undefined) group.displayName = text(body, "displayName", 256) ?? group.displayName;
  if (body["description"] !== undefined) group.description = text(body, "description", 1024);
  return { status: 204 };
}

function remove(call: GraphCall, id: string): GraphAnswer {
  const group = findGroup(call.tenant, id);
  if (!isGroupKeeper(call, group)) throw denied();
  call.tenant.groups.delete(group.id);
  return { status: 204 };
}

/** https://learn.microsoft.com/graph/api/resources/group */
export function groupRoutes(): GraphRoute[] {
  return [
    { method: "GET", template: "/groups", ...PERMISSIONS.groupsRead, handle: (call) => collection(call, [...call.tenant.groups.values()].map(groupEntity), GROUPS) },
    { method: "POST", template: "/groups", ...PERMISSIONS.groupCreate, handle: (call) => create(call) },
    { method: "GET", template: "/groups/{id}", ...PERMISSIONS.groupsRead, handle: (call, { id }) => single(call, groupEntity(findGroup(call.tenant, id!)), GROUPS) },
    { method: "PATCH", template: "/groups/{id}", ...PERMISSIONS.groupUpdate, handle: (call, { id }) => update(call, findGroup(call.tenant, id!)) },
    ...["/groups(uniqueName='{name}')", "/groups/(uniqueName='{name}')"].flatMap((template): GraphRoute[] => [
      { method: "GET", template, ...PERMISSIONS.groupsRead, handle: (call, { name }) => single(call, groupEntity(needByUniqueName(call, name!)), GROUPS) },
      { method: "PATCH", template, ...PERMISSIONS.groupCreate, handle: (call, { name }) => upsert(call, name!) },
    ]),
    { method: "DELETE", template: "/groups/{id}", ...PERMISSIONS.groupDelete, handle: (call, { id }) => remove(call, id!) },
  ];
}
