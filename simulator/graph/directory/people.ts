import type { SimGroup, SimTenant, SimUser } from "../../model";
import type { GraphAnswer, GraphCall, GraphRoute } from "../context";
import { collection, context, single, type Entity } from "../odata";
import { PERMISSIONS } from "../permissions";
import { notFound } from "../refusals";
import { DIRECTORY_OBJECTS, GROUPS, groupEntity, licenceDetails, sightOf, userEntity, USERS } from "./objects";

/** A user by object id or user principal name; 404 as the directory says it. */
export function findUser(tenant: SimTenant, key: string): SimUser {
  const byId = tenant.users.get(key.toLowerCase()) ?? tenant.users.get(key);
  if (byId) return byId;
  const upn = key.toLowerCase();
  for (const user of tenant.users.values()) if (user.userPrincipalName.toLowerCase() === upn) return user;
  throw notFound(key);
}

const groupsWith = (tenant: SimTenant, test: (group: SimGroup) => boolean): SimGroup[] => [...tenant.groups.values()].filter(test);
const typed = (type: string, entity: Entity): Entity => ({ "@odata.type": `#microsoft.graph.${type}`, ...entity });

const rolesOf = (user: SimUser): Entity[] => user.directoryRoles.map((roleTemplateId) => ({
  "@odata.type": "#microsoft.graph.directoryRole",
  id: roleTemplateId,
  roleTemplateId,
  displayName: ROLE_NAMES[roleTemplateId] ?? "Directory role",
}));
const ROLE_NAMES: Record<string, string> = {
  "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
  "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
};
const ROLES = { ...DIRECTORY_OBJECTS, set: "directoryRoles", known: ["id", "roleTemplateId", "displayName", "description"], defaults: ["id", "roleTemplateId", "displayName", "description"] };

function memberOf(call: GraphCall, user: SimUser, cast: "group" | "directoryRole" | null): GraphAnswer {
  const groups = groupsWith(call.tenant, (group) => group.members.has(user.id));
  if (cast === "group") return collection(call, groups.map(groupEntity), GROUPS);
  if (cast === "directoryRole") return collection(call, rolesOf(user).map((role) => ({ ...role, "@odata.type": undefined })), ROLES);
  const mixed = { ...DIRECTORY_OBJECTS, known: [...DIRECTORY_OBJECTS.known, "roleTemplateId"] };
  return collection(call, [...groups.map((group) => typed("group", groupEntity(group))), ...rolesOf(user)], mixed);
}

function ownedObjects(call: GraphCall, user: SimUser, cast: boolean): GraphAnswer {
  const groups = groupsWith(call.tenant, (group) => group.owners.has(user.id));
  return collection(call, groups.map((group) => (cast ? groupEntity(group) : typed("group", groupEntity(group)))), cast ? GROUPS : DIRECTORY_OBJECTS);
}

const licences = (call: GraphCall, user: SimUser): GraphAnswer => ({
  status: 200,
  body: { "@odata.context": context(call, `users('${user.id}')/licenseDetails`), value: licenceDetails(call.tenant, user) },
});

const get = (template: string, permissions: { delegated: string[]; application: string[] }, handle: GraphRoute["handle"]): GraphRoute => ({ method: "GET", template, ...permissions, handle });

/** The membership views exist under /me and under /users/{id}. */
function viewsOf(prefix: string, permissions: { memberOf: { delegated: string[]; application: string[] }; owned: { delegated: string[]; application: string[] }; licences: { delegated: string[]; application: string[] } }, who: (call: GraphCall, params: Record<string, string>) => SimUser): GraphRoute[] {
  return [
    ...["memberOf", "transitiveMemberOf"].flatMap((view) => [
      get(`${prefix}/${view}`, permissions.memberOf, (call, p) => memberOf(call, who(call, p), null)),
      get(`${prefix}/${view}/microsoft.graph.group`, permissions.memberOf, (call, p) => memberOf(call, who(call, p), "group")),
      get(`${prefix}/${view}/microsoft.graph.directoryRole`, permissions.memberOf, (call, p) => memberOf(call, who(call, p), "directoryRole")),
    ]),
    get(`${prefix}/ownedObjects`, permissions.owned, (call, p) => ownedObjects(call, who(call, p), false)),
    get(`${prefix}/ownedObjects/microsoft.graph.group`, permissions.owned, (call, p) => ownedObjects(call, who(call, p), true)),
    get(`${prefix}/licenseDetails`, permissions.licences, (call, p) => licences(call, who(call, p))),
  ];
}

/** /me, /users and what hangs below them. https://learn.microsoft.com/graph/api/resources/user */
export function peopleRoutes(): GraphRoute[] {
  return [
    get("/me", PERMISSIONS.me, (call) => single(call, userEntity(call.user!), USERS)),
    get("/users", PERMISSIONS.users, (call) => collection(call, [...call.tenant.users.values()].map((user) => userEntity(user, sightOf(call.token))), USERS)),
    get("/users/{id}", PERMISSIONS.user, (call, { id }) => {
      const user = findUser(call.tenant, id!);
      return single(call, userEntity(user, user.id === call.user?.id ? "full" : sightOf(call.token)), USERS);
    }),
    ...viewsOf("/me", { memberOf: PERMISSIONS.myMemberOf, owned: PERMISSIONS.myOwnedObjects, licences: PERMISSIONS.myLicences }, (call) => call.user!),
    ...viewsOf("/users/{id}", { memberOf: PERMISSIONS.userMemberOf, owned: PERMISSIONS.users, licences: PERMISSIONS.userLicences }, (call, { id }) => findUser(call.tenant, id!)),
  ];
}
