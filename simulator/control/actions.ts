import type { SimGroup, SimTenant, SimUser } from "../model";
import type { Simulator } from "../server";
import type { FaultRule } from "../faults/rules";
import type { ThrottleRule } from "../faults/throttle";
import { entraState } from "../entra/state";
import { addMessage, type PlannerBehaviour } from "../planner";
import { addComments } from "../seed/plans";

/** A control request that cannot be done; the message says why. */
export class ControlRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

type Input = Record<string, unknown>;
type Action = (simulator: Simulator, input: Input) => unknown;

const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value !== "string" || value === "") throw new ControlRefusal(400, `"${name}" must be a text.`);
  return value;
};
const number = (input: Input, name: string): number => {
  const value = input[name];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new ControlRefusal(400, `"${name}" must be a number.`);
  return value;
};
const list = (input: Input, name: string): string[] => {
  const value = input[name];
  if (!Array.isArray(value)) throw new ControlRefusal(400, `"${name}" must be a list.`);
  return value.map(String);
};
const need = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new ControlRefusal(404, `There is no such ${what}.`);
  return value;
};

const tenantOf = (s: Simulator, input: Input): SimTenant => need(s.world.tenants.get(text(input, "tenantId")), "tenant");
const groupOf = (s: Simulator, input: Input): SimGroup => need(tenantOf(s, input).groups.get(text(input, "groupId")), "group");

/** A person by id or user principal name, in any tenant. */
function userOf(s: Simulator, input: Input): { tenant: SimTenant; user: SimUser } {
  const key = text(input, "user").toLowerCase();
  for (const tenant of s.world.tenants.values()) {
    for (const user of tenant.users.values()) if (user.id === key || user.userPrincipalName.toLowerCase() === key) return { tenant, user };
  }
  throw new ControlRefusal(404, "There is no such person.");
}

const oneOf = <const T extends string>(input: Input, name: string, values: readonly T[]): T => {
  const value = values.find((known) => known === input[name]);
  if (value === undefined) throw new ControlRefusal(400, `"${name}" must be one of: ${values.join(", ")}.`);
  return value;
};

function behaviourOf(input: Input): Partial<PlannerBehaviour> {
  return {
    ...(input["expandDetails"] === undefined ? {} : { expandDetails: oneOf(input, "expandDetails", ["ignored", "works", "hollow", "stale"]) }),
    ...(input["expandTaskDetails"] === undefined ? {} : { expandTaskDetails: oneOf(input, "expandTaskDetails", ["ignored", "works", "hollow", "stale"]) }),
    ...(input["expandFormats"] === undefined ? {} : { expandFormats: oneOf(input, "expandFormats", ["ignored", "single", "works"]) }),
    ...(input["chatNames"] === undefined ? {} : { chatNames: oneOf(input, "chatNames", ["documented", "metadata"]) }),
    ...(input["lyingLastModified"] === undefined ? {} : { lyingLastModified: input["lyingLastModified"] === true }),
  };
}

const planOf = (s: Simulator, input: Input) => need(s.stores.planner.findPlan(text(input, "planId")), "plan");

/** What POST /_simulator/{name} does; each takes a JSON object. */
export const ACTIONS: Record<string, Action> = {
  /** {rules: FaultRule[]} or one rule. */
  faults: (s, input) => {
    const rules = (Array.isArray(input["rules"]) ? input["rules"] : [input]) as FaultRule[];
    for (const rule of rules) if (typeof rule?.match !== "object" || typeof rule.action?.kind !== "string") throw new ControlRefusal(400, "A fault rule needs match and action.kind.");
    try {
      s.faults.add(...rules);
    } catch (error) {
      throw new ControlRefusal(400, error instanceof Error ? error.message : "The rule is not valid.");
    }
    return s.faults.list();
  },
  /** {rules: ThrottleRule[]} or one rule. */
  throttle: (s, input) => {
    const rules = (Array.isArray(input["rules"]) ? input["rules"] : [input]) as ThrottleRule[];
    for (const rule of rules) if (typeof rule?.match !== "object" || !(rule.probability! >= 0 || (rule.limit! >= 0 && rule.windowMs! > 0)) || !(rule.retryAfterSeconds > 0)) throw new ControlRefusal(400, "A throttle rule needs match, retryAfterSeconds, and limit with windowMs or probability.");
    s.throttle.add(...rules);
    return s.throttle.list();
  },
  reset: (s) => s.reset(),
  /** {ms, capacity?} */
  latency: (s, input) => {
    s.settings.latencyMs = number(input, "ms");
    if (input["capacity"] !== undefined) s.settings.capacity = number(input, "capacity");
  },
  /** {ms}: moves the clock of tokens, dates and lags forward. */
  clock: (s, input) => {
    s.world.moveClock(number(input, "ms"));
    return { now: new Date(s.world.now()).toISOString() };
  },
  /**
   * {newGroupLagMs?, replyLagMs?, listLagMs?, readLagMs?, pageSize?, officeViewerUrls?}, and for one Microsoft tenant or all
   * of them {tenantId?, expandDetails?, expandTaskDetails?, expandFormats?, chatNames?, lyingLastModified?}
   */
  settings: (s, input) => {
    if (input["newGroupLagMs"] !== undefined) s.world.newGroupLagMs = number(input, "newGroupLagMs");
    if (input["replyLagMs"] !== undefined) s.stores.mail.replyLagMs = number(input, "replyLagMs");
    if (input["listLagMs"] !== undefined) s.stores.planner.listLagMs = number(input, "listLagMs");
    if (input["readLagMs"] !== undefined) s.stores.planner.readLagMs = number(input, "readLagMs");
    if (input["officeViewerUrls"] !== undefined) s.stores.drives.officeViewerUrls = input["officeViewerUrls"] === true;
    if (input["pageSize"] !== undefined) s.stores.planner.pageSize = number(input, "pageSize");
    s.stores.planner.behaviour.set(behaviourOf(input), input["tenantId"] === undefined ? undefined : tenantOf(s, input).id);
  },
  /** {user} */
  "disable-user": (s, input) => {
    userOf(s, input).user.accountEnabled = false;
  },
  "enable-user": (s, input) => {
    userOf(s, input).user.accountEnabled = true;
  },
  "delete-user": (s, input) => {
    const { tenant, user } = userOf(s, input);
    tenant.users.delete(user.id);
  },
  /** {user}: refresh tokens issued before now are worthless; tokens that declared CP1 are refused at once. */
  "revoke-tokens": (s, input) => {
    userOf(s, input).user.tokensValidFrom = s.world.now() + 1;
  },
  /** {minutes}: everybody who is signed in at Microsoft in some browser typed his password so much earlier. */
  "age-sign-ins": (s, input) => {
    const ms = number(input, "minutes") * 60_000;
    for (const accounts of entraState(s.world).sessions.values()) for (const account of accounts) account.authenticatedAt -= ms;
  },
  /** {user?}: access tokens issued up to now are expired, whatever they say; refreshing goes on. */
  "expire-tokens": (s, input) => {
    const { conditions } = s.world;
    conditions.tokenEpoch++;
    if (input["user"] === undefined) conditions.expiredBefore.everybody = conditions.tokenEpoch;
    else conditions.expiredBefore.users.set(userOf(s, input).user.id, conditions.tokenEpoch);
  },
  /** {user, code, claims?}: sign-in and refresh answer with this AADSTS code until cleared ({user} alone). */
  "refuse-user": (s, input) => {
    const { user } = userOf(s, input);
    if (input["code"] === undefined) s.world.conditions.refuseUser.delete(user.id);
    else s.world.conditions.refuseUser.set(user.id, { code: number(input, "code"), ...(typeof input["claims"] === "string" ? { claims: input["claims"] } : {}) });
  },
  /** {user, claims}: Graph answers 401 with this challenge until a token carries it; {user} alone clears. */
  "claims-challenge": (s, input) => {
    const { user } = userOf(s, input);
    if (input["claims"] === undefined) s.world.conditions.caeChallenge.delete(user.id);
    else s.world.conditions.caeChallenge.set(user.id, text(input, "claims"));
  },
  /** {tenantId, clientId, scopes, roles?}: what an admin grants for everybody. */
  "grant-consent": (s, input) => {
    const { grants } = tenantOf(s, input);
    const clientId = text(input, "clientId");
    need(s.world.apps.get(clientId), "app");
    const grant = grants.get(clientId) ?? { allPrincipals: new Set<string>(), byUser: new Map<string, Set<string>>(), appRoles: new Set<string>() };
    for (const scope of list(input, "scopes")) grant.allPrincipals.add(scope);
    if (input["roles"] !== undefined) for (const role of list(input, "roles")) grant.appRoles.add(role);
    grants.set(clientId, grant);
  },
  /** {clientId, certificates}: the PEM certificates that an app may prove itself with from now on. */
  "app-certificates": (s, input) => {
    need(s.world.apps.get(text(input, "clientId")), "app").certificates = list(input, "certificates");
  },
  /** {tenantId, clientId, roles}: exactly these application permissions are granted. */
  "set-roles": (s, input) => {
    need(tenantOf(s, input).grants.get(text(input, "clientId")), "consent").appRoles = new Set(list(input, "roles"));
  },
  /** {tenantId, clientId} */
  "revoke-consent": (s, input) => {
    tenantOf(s, input).grants.delete(text(input, "clientId"));
  },
  /** {tenantId, adminConsentWorkflow?, enableGroupCreation?} */
  tenant: (s, input) => {
    const tenant = tenantOf(s, input);
    if (input["adminConsentWorkflow"] !== undefined) tenant.adminConsentWorkflow = input["adminConsentWorkflow"] === true;
    if (input["enableGroupCreation"] !== undefined) tenant.enableGroupCreation = input["enableGroupCreation"] === true;
  },
  /** {tenantId, groupId, user, owner?} */
  "add-member": (s, input) => {
    groupOf(s, input)[input["owner"] === true ? "owners" : "members"].add(userOf(s, input).user.id);
  },
  "remove-member": (s, input) => {
    groupOf(s, input)[input["owner"] === true ? "owners" : "members"].delete(userOf(s, input).user.id);
  },
  "delete-group": (s, input) => {
    tenantOf(s, input).groups.delete(groupOf(s, input).id);
  },
  /** {planId} */
  "delete-plan": (s, input) => {
    need(s.stores.planner.deletePlan(text(input, "planId")) || undefined, "plan");
  },
  /** {taskId} */
  "delete-task": (s, input) => {
    need(s.stores.planner.deleteTask(text(input, "taskId")) || undefined, "task");
  },
  /** {planId, keep?}: somebody deletes all tasks of a plan but so many. */
  "delete-tasks": (s, input) => {
    const tasks = [...planOf(s, input).tasks.keys()];
    for (const id of tasks.slice(input["keep"] === undefined ? 0 : number(input, "keep"))) s.stores.planner.deleteTask(id);
  },
  /** {planId, count?, title?, bucketId?}: tasks that a person adds. */
  "add-tasks": (s, input) => {
    const plan = planOf(s, input);
    const title = typeof input["title"] === "string" ? input["title"] : "Added task";
    const count = input["count"] === undefined ? 1 : number(input, "count");
    const bucketId = typeof input["bucketId"] === "string" ? input["bucketId"] : ([...plan.buckets.keys()][0] ?? null);
    return Array.from({ length: count }, (_, i) => s.stores.planner.addTask({ planId: plan.id, bucketId, title: count === 1 ? title : `${title} ${i + 1}`, createdBy: plan.createdBy }).id);
  },
  /** {taskId, user, text} */
  "add-comment": (s, input) => {
    const task = need(s.stores.planner.findTask(text(input, "taskId")), "task");
    const tenant = need(s.world.tenants.get(task.plan.tenantId), "tenant");
    const { user } = userOf(s, input);
    addComments({ world: s.world, stores: s.stores, tenant }, need(tenant.groups.get(task.plan.groupId), "group"), task, [{ by: user, text: text(input, "text"), at: s.world.now() }]);
  },
  /** {taskId, user, text}: a message in the task's chat. */
  "add-message": (s, input) => {
    const task = need(s.stores.planner.findTask(text(input, "taskId")), "task");
    return { id: addMessage(task, { id: s.world.guid(), content: text(input, "text"), by: { userId: userOf(s, input).user.id, appId: null }, at: s.world.now() }).id };
  },
  /** {tenantId, groupId, path, malware?, changesAfter?}: marks a file as infected; changes its bytes after so many downloads of it or of a part. */
  file: (s, input) => {
    const drive = s.stores.drives.ofGroup(tenantOf(s, input), groupOf(s, input));
    const item = need(s.stores.drives.atPath(drive, text(input, "path")), "file");
    if (input["malware"] !== undefined) item.malware = input["malware"] === true;
    if (input["changesAfter"] !== undefined) item.changesAfter = number(input, "changesAfter");
  },
};
