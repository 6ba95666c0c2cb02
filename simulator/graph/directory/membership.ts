import { ROLES } from "../../fixtures";
import type { SimGroup, SimUser } from "../../model";
import type { GraphAnswer, GraphCall, GraphRoute } from "../context";
import { jsonObject } from "../dispatch";
import { collection } from "../odata";
import { PERMISSIONS } from "../permissions";
import { badRequest, denied, notFound } from "../refusals";
import { findGroup, isGroupKeeper, referencedUser } from "./lookup";
import { DIRECTORY_OBJECTS, sightOf, userEntity, USERS } from "./objects";

/** Members of a group with hidden membership are seen by its members and admins only. */
function maySeeMembers(call: GraphCall, group: SimGroup): boolean {
  if (group.visibility !== "HiddenMembership") return true;
  if (call.user === null) return call.token.roles?.includes("Member.Read.Hidden") ?? false;
  return group.members.has(call.user.id) || group.owners.has(call.user.id) || call.user.directoryRoles.includes(ROLES.globalAdministrator);
}

function list(call: GraphCall, people: Iterable<string>, cast: boolean): GraphAnswer {
  const sight = sightOf(call.token);
  const users = [...people].map((id) => call.tenant.users.get(id)).filter((user): user is SimUser => user !== undefined);
  const entities = users.map((user) => (cast ? userEntity(user, sight) : { "@odata.type": "#microsoft.graph.user", ...userEntity(user, sight) }));
  return collection(call, entities, cast ? USERS : { ...DIRECTORY_OBJECTS, defaults: USERS.defaults });
}

/** https://learn.microsoft.com/graph/api/group-post-members, group-post-owners */
function add(call: GraphCall, groupId: string, kind: "members" | "owners"): GraphAnswer {
  const group = findGroup(call.tenant, groupId);
  // Anyone may join a public group by himself; everything else takes an owner or an administrator.
  const user = referencedUser(call, jsonObject(call)["@odata.id"]);
  const joins = kind === "members" && group.visibility === "Public" && user === call.user?.id;
  if (!isGroupKeeper(call, group) && !joins) throw denied();
  if (group[kind].has(user)) throw badRequest(`One or more added object references already exist for the following modified properties: '${kind}'.`);
  group[kind].add(user);
  return { status: 204 };
}

function remove(call: GraphCall, groupId: string, userId: string, kind: "members" | "owners"): GraphAnswer {
  const group = findGroup(call.tenant, groupId);
  if (!isGroupKeeper(call, group) && call.user?.id !== userId) throw denied();
  if (!group[kind].has(userId)) throw notFound(userId);
  if (kind === "owners" && group.owners.size === 1) throw badRequest("The group must have at least one owner, hence this owner cannot be removed.");
  group[kind].delete(userId);
  return { status: 204 };
}

/** https://learn.microsoft.com/graph/api/group-list-members, group-list-owners */
export function membershipRoutes(): GraphRoute[] {
  const routes: GraphRoute[] = [];
  for (const kind of ["members", "owners"] as const) {
    const read = kind === "members" ? PERMISSIONS.membersRead : PERMISSIONS.ownersRead;
    const write = kind === "members" ? PERMISSIONS.membersWrite : PERMISSIONS.ownersWrite;
    for (const view of kind === "members" ? ["members", "transitiveMembers"] : ["owners"]) {
      for (const cast of [false, true]) {
        routes.push({
          method: "GET",
          template: `/groups/{id}/${view}${cast ? "/microsoft.graph.user" : ""}`,
          ...read,
          handle: (call, { id }) => {
            const group = findGroup(call.tenant, id!);
            return list(call, maySeeMembers(call, group) ? group[kind] : [], cast);
          },
        });
      }
    }
    routes.push(
      { method: "POST", template: `/groups/{id}/${kind}/$ref`, ...write, handle: (call, { id }) => add(call, id!, kind) },
      { method: "DELETE", template: `/groups/{id}/${kind}/{user}/$ref`, ...write, handle: (call, { id, user }) => remove(call, id!, user!.toLowerCase(), kind) },
    );
  }
  return routes;
}
