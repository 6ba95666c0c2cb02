import type { SimResponse } from "../http";
import { html } from "../http";
import type { SimApp, SimTenant } from "../model";
import type { EntraFault } from "./errors";
import { describe } from "./errors";
import type { Person } from "./directory";

const escape = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const STYLE = `
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f2f4f8;font:15px/1.45 "Segoe UI",system-ui,sans-serif;color:#1b1b1b}
main{background:#fff;box-sizing:border-box;width:min(470px,94vw);padding:36px 40px;margin:24px 0;box-shadow:0 2px 8px rgba(0,0,0,.22)}
h1{font-size:24px;font-weight:600;margin:14px 0 10px;line-height:1.25} h2{font-size:15px;margin:18px 0 6px}
.brand{font-weight:600;color:#5a5a5a} .who{color:#444;margin:0} .muted{color:#5a5a5a;font-size:13px} .warn{color:#8a3b00}
.list{list-style:none;margin:14px -12px;padding:0;max-height:52vh;overflow:auto}
.list button{all:unset;box-sizing:border-box;cursor:pointer;display:block;width:100%;padding:9px 12px}
.list button:hover{background:#eef1f6} .list button:focus-visible,.go:focus-visible,.no:focus-visible{outline:2px solid #0b5cad;outline-offset:2px}
.list span{display:block;color:#5a5a5a;font-size:13px}
.actions{display:flex;gap:10px;justify-content:flex-end;margin-top:22px}
.go,.no{border:0;padding:8px 24px;font:inherit;cursor:pointer;min-width:108px} .go{background:#0b5cad;color:#fff} .no{background:#d9dce1}
input[type=text],textarea{box-sizing:border-box;width:100%;font:inherit;padding:7px;border:1px solid #666} details{margin:8px 0} summary{font-weight:600;cursor:pointer}
a{color:#0b5cad}`;

/** One page in the look of a sign-in page. `body` is trusted HTML: every value in it is escaped by its builder. */
function page(title: string, body: string, status = 200, headers: Record<string, string> = {}): SimResponse {
  return html(status, `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head><body><main><div class="brand">Microsoft 365 simulator</div>${body}</main></body></html>`, { "cache-control": "no-store", "x-frame-options": "DENY", ...headers });
}

const hidden = (fields: Record<string, string>) => Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`).join("");
const form = (fields: Record<string, string>, inner: string) => `<form method="post">${hidden(fields)}${inner}</form>`;
const accountField = (person: Person) => `${person.account.homeTenantId}/${person.account.homeOid}`;

/** Account picker without passwords: each account is a button named by display name and user name. */
export function accountPicker(people: Person[], signedIn: Person[], appName: string, headers: Record<string, string>): SimResponse {
  const known = new Set(signedIn.map((person) => accountField(person)));
  const rows = [...signedIn, ...people.filter((person) => !known.has(accountField(person)))];
  const item = (person: Person) =>
    `<li><button name="account" value="${escape(accountField(person))}"><strong>${escape(person.displayName)}</strong> <span>${escape(person.username)}${known.has(accountField(person)) ? " · Signed in" : ""}</span></button></li>`;
  return page("Sign in to your account", `<h1>Pick an account</h1><p class="who">to continue to ${escape(appName)}</p>${form({ step: "account" }, `<ul class="list">${rows.map(item).join("")}</ul>`)}${form({ step: "other" }, `<ul class="list"><li><button><strong>Use another account</strong></button></li></ul>`)}`, 200, headers);
}

export function usernamePage(appName: string, problem: string | null): SimResponse {
  return page("Sign in to your account", `<h1>Sign in</h1><p class="who">to continue to ${escape(appName)}</p>${problem ? `<p class="warn" role="alert">${escape(problem)}</p>` : ""}${form({ step: "username" }, `<p><label>Email, phone or Skype<input type="text" name="username" autocomplete="off" required></label></p><div class="actions"><button class="go">Next</button></div>`)}`);
}

export function approvePage(person: Person): SimResponse {
  return page("Sign in to your account", `<p class="who">${escape(person.username)}</p><h1>Approve sign in request</h1><p>Your organization needs more information to keep your account secure.</p>${form({ step: "approve", account: accountField(person) }, `<div class="actions"><button class="go">Approve</button></div>`)}`);
}

export interface ConsentScreen {
  person: Person;
  app: SimApp;
  tenant: SimTenant;
  permissions: { title: string; text: string }[];
  /** Granted for everybody in the organisation. */
  forOrganization: boolean;
  /** The checkbox that a Global Administrator sees in the ordinary prompt. */
  offerOrganization: boolean;
}

export function consentPage(screen: ConsentScreen, headers: Record<string, string>): SimResponse {
  const { app, tenant, person } = screen;
  const publisher = app.publisher ? `<p class="muted">${escape(app.publisher)} <span aria-hidden="true">✓</span> verified publisher</p>` : `<p class="warn">unverified</p>`;
  const list = screen.permissions.map((p) => `<details><summary>${escape(p.title)}</summary><p class="muted">${escape(p.text)}</p></details>`).join("");
  const effect = screen.forOrganization
    ? `<p>If you accept, this app will get access to the specified resources for all users in your organization <strong>${escape(tenant.displayName)}</strong> (${escape(tenant.domain)}). No one else will be prompted to review these permissions.</p>`
    : `<p class="muted">Accepting these permissions means that you allow this app to use your data as specified in its terms of service and privacy statement.</p>`;
  const checkbox = screen.offerOrganization ? `<p><label><input type="checkbox" name="organization" value="1"> Consent on behalf of your organization</label></p>` : "";
  return page("Permissions requested", `<p class="who">${escape(person.username)}</p><h1>Permissions requested</h1>${screen.forOrganization ? "<p>Review for your organization</p>" : ""}<h2>${escape(app.displayName)}</h2>${publisher}<p>This app would like to:</p>${list}${effect}${form({ step: "consent", account: accountField(person) }, `${checkbox}<div class="actions"><button class="no" name="decision" value="cancel">Cancel</button><button class="go" name="decision" value="accept">Accept</button></div>`)}`, 200, headers);
}

/** What a person sees who may not grant: no redirect happens until he chooses to go back. */
export function needAdminPage(person: Person, app: SimApp, tenant: SimTenant, workflow: boolean, sent: boolean, headers: Record<string, string>): SimResponse {
  const back = form({ step: "consent", account: accountField(person), decision: "cancel" }, `<ul class="list"><li><button>Return to the application without granting consent</button></li></ul>`);
  const admin = form({ step: "switch" }, `<ul class="list"><li><button>Have an admin account? Sign in with that account</button></li></ul>`);
  const who = `<p class="who">${escape(person.username)}</p>`;
  if (sent) return page("Request sent", `${who}<h1>Request sent</h1><p>Your admin will receive your request to approve <strong>${escape(app.displayName)}</strong> for ${escape(tenant.displayName)}.</p>${back}`, 200, headers);
  if (workflow) {
    return page("Approval required", `${who}<h1>Approval required</h1><h2>${escape(app.displayName)}</h2><p>This app requires your admin's approval. AADSTS90095.</p>${form({ step: "request", account: accountField(person) }, `<p><label>Enter justification for requesting this app<textarea name="justification" rows="3" required></textarea></label></p><div class="actions"><button class="go">Request approval</button></div>`)}${admin}${back}`, 200, headers);
  }
  return page("Need admin approval", `${who}<h1>Need admin approval</h1><h2>${escape(app.displayName)}</h2><p>${escape(app.displayName)} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it. AADSTS90094.</p>${admin}${back}`, 200, headers);
}

export function faultPage(fault: EntraFault, ids: Parameters<typeof describe>[1], headers: Record<string, string> = {}): SimResponse {
  const other = fault.code === 50020 || fault.code === 50057 || fault.code === 50034 || fault.code === 53003;
  const again = other ? form({ step: "signout" }, `<ul class="list"><li><button>Sign out and sign in with a different account</button></li></ul>`) : "";
  return page("Sign in to your account", `<h1>Sorry, but we’re having trouble signing you in.</h1><p role="alert">${escape(fault.message)}</p>${again}<details><summary>Troubleshooting details</summary><pre class="muted" style="white-space:pre-wrap">${escape(describe(fault, ids))}</pre></details>`, fault.status, headers);
}

export const signedOutPage = (headers: Record<string, string>) => page("Sign out", "<h1>You signed out of your account</h1><p>It’s a good idea to close all browser windows.</p>", 200, headers);

/** response_mode=form_post: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
export function formPost(target: string, fields: URLSearchParams, headers: Record<string, string>): SimResponse {
  const inputs = hidden(Object.fromEntries(fields));
  return html(200, `<!doctype html><html lang="en"><head><title>Working...</title></head><body><form method="POST" name="hiddenform" action="${escape(target)}">${inputs}<noscript><p>Script is disabled. Click Submit to continue.</p><input type="submit" value="Submit"></noscript></form><script>document.forms[0].submit()</script></body></html>`, { "cache-control": "no-store", ...headers });
}
