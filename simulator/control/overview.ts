import { CLOUDS } from "../clouds";
import type { Simulator } from "../server";

/** What GET /_simulator shows: everything needed to point a Graph client here. */
export function overview(simulator: Simulator) {
  const { world, stores, origin } = simulator;
  return {
    origin,
    cloud: world.cloud,
    origins: { [CLOUDS[world.cloud].login]: origin, [CLOUDS[world.cloud].graph]: origin, [`https://{host}${CLOUDS[world.cloud].sharepoint}`]: `${origin}/sharepoint/{host}${CLOUDS[world.cloud].sharepoint}` },
    now: new Date(world.now()).toISOString(),
    apps: [...world.apps.values()].map(({ clientId, displayName, secrets, redirectUris, requiredScopes }) => ({ clientId, displayName, secrets, redirectUris, requiredScopes })),
    tenants: [...world.tenants.values()].map((tenant) => ({
      id: tenant.id,
      displayName: tenant.displayName,
      domain: tenant.domain,
      consents: [...tenant.grants].map(([clientId, grant]) => ({ clientId, scopes: [...grant.allPrincipals], roles: [...grant.appRoles] })),
      people: [...tenant.users.values()].map((user) => ({
        id: user.id,
        displayName: user.displayName,
        userPrincipalName: user.userPrincipalName,
        userType: user.userType,
        accountEnabled: user.accountEnabled,
        directoryRoles: user.directoryRoles,
        licences: user.servicePlans.map((plan) => plan.servicePlanName),
      })),
      groups: [...tenant.groups.values()].map((group) => ({
        id: group.id,
        displayName: group.displayName,
        visibility: group.visibility,
        members: group.members.size,
        owners: group.owners.size,
        plans: stores.planner.plansOfGroup(group.id).map((plan) => ({ id: plan.id, title: plan.title, tasks: plan.tasks.size, url: `${origin}/webui/plan/${plan.id}/view/board` })),
      })),
    })),
  };
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const table = (heads: string[], rows: string[][]): string =>
  `<table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</tbody></table>`;
const code = (text: string): string => `<code>${escape(text)}</code>`;

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 "Segoe UI",system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid #8884}
table{border-collapse:collapse;width:100%;margin:.75rem 0}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8883;vertical-align:top}code{font-size:.85em;overflow-wrap:anywhere}.quiet{color:#777}`;

/** The overview as a page for people. */
export function overviewPage(simulator: Simulator): string {
  const facts = overview(simulator);
  const apps = table(["App", "Client id", "Secret", "Scopes"], facts.apps.map((app) => [escape(app.displayName), code(app.clientId), app.secrets.map(code).join("<br>"), escape(app.requiredScopes.join(", "))]));
  const tenants = facts.tenants.map((tenant) => {
    const people = table(["Person", "Signs in as", "Id", "Notes"], tenant.people.map((person) => [escape(person.displayName), code(person.userPrincipalName), code(person.id), escape(notes(person))]));
    const groups = table(["Group", "Visibility", "Members", "Plans"], tenant.groups.map((group) => [
      `${escape(group.displayName)}<br>${code(group.id)}`,
      group.visibility,
      String(group.members),
      group.plans.map((plan) => `<a href="${escape(plan.url)}">${escape(plan.title)}</a> <span class="quiet">${plan.tasks} tasks</span>`).join("<br>"),
    ]));
    const consents = tenant.consents.map((consent) => `${code(consent.clientId)}: ${escape([...consent.scopes, ...consent.roles].join(", "))}`).join("<br>") || "none";
    return `<h2>${escape(tenant.displayName)}</h2><p>Tenant ${code(tenant.id)}, domain ${code(tenant.domain)}. Consents: ${consents}</p>${people}${groups}`;
  });
  const origins = table(["Microsoft's origin", "Here"], Object.entries(facts.origins).map(([from, to]) => [code(from), code(to)]));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Simulated Microsoft 365</title><meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>
<h1>Simulated Microsoft 365</h1><p>Entra ID, Microsoft Graph and SharePoint for demos and tests. Signing in needs no password. Bodies name Microsoft's hosts; a client maps them:</p>${origins}
<p>Control API: ${code("GET|POST|DELETE /_simulator/faults, /throttle")}, ${code("GET|DELETE /_simulator/requests")}, ${code("POST /_simulator/{action}")}; this page as JSON with ${code("Accept: application/json")}.</p>
<h2>App registrations</h2>${apps}${tenants.join("")}</body></html>`;
}

function notes(person: { userType: string; accountEnabled: boolean; directoryRoles: string[]; licences: string[] }): string {
  const roles: Record<string, string> = { "62e90394-69f5-4237-9190-012177145e10": "Global Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator" };
  return [
    ...person.directoryRoles.map((role) => roles[role] ?? role),
    ...(person.userType === "Guest" ? ["guest"] : []),
    ...(person.accountEnabled ? [] : ["account disabled"]),
    ...(person.userType === "Member" && !person.licences.some((licence) => licence.startsWith("EXCHANGE_S_") && licence !== "EXCHANGE_S_FOUNDATION") ? ["no Exchange mailbox"] : []),
  ].join(", ");
}
