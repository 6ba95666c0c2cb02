/** What the API answers with and takes, as zod schemas: the contract of v1, from which its document is made. Fields may be added to answers, never taken away. */
import { z } from "zod";
import { CLOUDS } from "@/lib/config/clouds";
import { EXPORT_FORMATS } from "@/lib/export";
import { retentionInput, policyInput } from "@/lib/workspaces/policies";
import { restoreInput } from "@/lib/workspaces/restoreInput";
import { API_SCOPES } from "@/lib/workspaces/scopes";
import type { ApiScope } from "@/lib/workspaces/types";

/** The named schemas of the document: what is sent, and what is answered. */
export const inputs = z.registry<{ id: string; example: unknown }>();
export const outputs = z.registry<{ id: string }>();

const named = <S extends z.ZodType>(id: string, schema: S): S => (outputs.add(schema, { id }), schema);
const taken = <S extends z.ZodType>(id: string, schema: S, example: z.input<S>): S => (inputs.add(schema, { id, example: example as never }), schema);

const id = () => z.string().meta({ format: "uuid" });
const time = (what?: string) => z.string().meta({ format: "date-time", ...(what ? { description: what } : {}) });
const words = (what: string) => z.string().describe(what);
const EXAMPLE = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
/** Microsoft's own objects, and others that are handed through. */
const object = (what: string) => z.unknown().meta({ type: "object", additionalProperties: true, description: what });
const count = (what: string) => z.number().int().describe(what);

export const pageOf = <S extends z.ZodType>(name: string, item: S) => named(name, z.object({
  items: z.array(item), next: z.string().nullable().describe("What to send as `cursor` for the next page; null at the end."),
}));
export const created = named("Created", z.object({ id: id() }));
export const accepted = named("Accepted", z.object({ id: id() }));

export const problem = named("Problem", z.object({
  type: z.string().meta({ format: "uri", description: "A page that explains this code." }), title: z.string(), status: z.number().int(), detail: words("What happened, what was not lost, what to do next."),
  code: words("The same for every cause of this kind; programs may rely on it."),
  errors: z.array(z.object({ pointer: z.string().optional().describe("JSON pointer into the body."), parameter: z.string().optional().describe("Parameter of the query."), detail: z.string() })).optional(),
}));

export const workspace = named("Workspace", z.object({
  id: id(), name: z.string(),
  role: z.enum(["owner", "admin", "operator", "viewer"]).describe("The present role of the member who made the key."),
  isLimited: z.boolean().describe("That member sees the content of some groups only, and so does the key."),
  key: z.object({ id: id(), name: z.string(), scopes: z.array(z.enum(API_SCOPES as [ApiScope, ...ApiScope[]])), expiresAt: time() }),
}));

const requirement = named("Requirement", z.object({
  id: z.string(), purpose: z.enum(["backup", "restore"]), title: z.string(), state: z.enum(["met", "unmet", "unknown", "not_needed", "checking"]),
  evidence: z.string().nullable(), remedy: z.string().nullable(), stillWorks: z.string().nullable(),
  items: z.array(z.object({ label: z.string(), detail: z.string() })), checkedAt: time().nullable(),
}));
export const connection = named("Connection", z.object({
  id: id(), tid: id().describe("Id of the Microsoft tenant."), tenantName: z.string().nullable(), name: z.string(), username: z.string(),
  kind: z.enum(["account", "app_only"]).describe("account: a person's account, by delegated permissions; app_only: the application itself, which reads the whole Microsoft tenant and writes nothing."),
  cloud: z.enum(CLOUDS).describe("Microsoft's cloud that the Microsoft tenant is in."),
  backupState: z.enum(["active", "needs_sign_in", "consent_missing"]), restoreState: z.enum(["none", "active", "needs_sign_in", "consent_missing"]),
  restoreUntil: time("When its write access is erased.").nullable(), checking: z.boolean(), checkedAt: time().nullable(),
  reachable: z.object({ groups: count("Groups that can be protected."), plans: count("Plans that can be protected."), unreachableGroups: count("Groups that cannot.") }),
  requirements: z.array(requirement),
}));
const unreachable = z.object({ reason: z.string(), remedy: z.string() }).nullable().describe("Why it cannot be protected, and what to do; null: it can.");
export const group = named("Group", z.object({
  id: id(), name: z.string(), visibility: z.string(), isMember: z.boolean().describe("The connection account is a member."), unreachable,
  plans: z.array(z.object({ id: words("Planner’s id."), title: z.string(), unreachable })),
}));

const kept = z.object({ id: id(), state: z.enum(["complete", "partial"]), takenAt: time(), tasks: z.number().int() });
export const plan = named("Plan", z.object({
  id: id(), graphPlanId: words("Planner’s id."), title: z.string(), groupId: id(), groupName: z.string(), tid: id(), tenantName: z.string().nullable(),
  goneAt: time("When it was found missing in Microsoft 365.").nullable(), suspiciouslyEmpty: z.boolean(), snapshots: count("Snapshots that are kept."),
  lastSnapshot: kept.nullable(), lastCompleteAt: time().nullable(), policyNames: z.array(z.string()),
}));

const gap = named("Gap", z.object({ kind: z.string(), id: z.string(), taskId: z.string().optional(), reason: z.string(), detail: z.string(), permanent: z.boolean().describe("There is nothing to keep; it does not make a snapshot partial.") }));
const snapshotFields = {
  id: id(), planId: id(), runId: id().nullable(), state: z.enum(["complete", "partial"]).describe("partial: some of it could not be read; the gaps say what and why."), takenAt: time(),
  counts: z.object({ records: z.record(z.string(), z.number().int()), files: z.number().int(), fileBytes: z.number().int() }), gaps: z.number().int(),
  newBytes: z.number().int(), damaged: z.boolean(), drift: z.object({ added: z.number().int(), removed: z.number().int(), changed: z.number().int() }).nullable().describe("Tasks that differ from the snapshot before; null for the first."),
};
export const snapshotSummary = named("SnapshotSummary", z.object(snapshotFields));
export const snapshot = named("Snapshot", z.object({
  ...snapshotFields, planTitle: z.string(), groupName: z.string(), gapList: z.array(gap), missing: z.array(z.string()).describe("What could not be read from a damaged storage."),
  buckets: z.array(z.object({ id: z.string(), name: z.string() })), people: z.array(z.object({ id: z.string(), displayName: z.string().nullish(), userPrincipalName: z.string().nullish() })),
}));
export const task = named("Task", z.object({
  id: z.string(), title: z.string(), bucketId: z.string().nullable(), task: object("plannerTask as Microsoft Graph sent it."), details: object("plannerTaskDetails as Microsoft Graph sent it; null: not read.").nullable(),
  comments: z.array(z.object({ id: z.string(), authorName: z.string().nullable(), createdDateTime: time(), text: z.string() })),
  files: z.array(z.object({ id: z.string(), name: z.string(), size: z.number().int(), sha256: z.string() })),
}));

const schedule = z.union([
  z.object({ kind: z.literal("manual") }), z.object({ kind: z.literal("hours"), every: z.number() }),
  z.object({ kind: z.literal("daily"), at: z.string(), timeZone: z.string() }), z.object({ kind: z.literal("weekly"), day: z.number(), at: z.string(), timeZone: z.string() }),
]);
export const run = named("Run", z.object({
  id: id(), policyId: id(), policyName: z.string(), trigger: z.enum(["manual", "schedule"]), startedBy: z.string().nullable(), state: z.enum(["queued", "running", "complete", "partial", "failed", "cancelled"]),
  createdAt: time(), startedAt: time().nullable(), finishedAt: time().nullable(), problem: z.string().nullable(),
  plans: z.object({ total: z.number().int(), complete: z.number().int(), partial: z.number().int(), failed: z.number().int(), cancelled: z.number().int() }),
}));
export const runWithPlans = named("RunWithPlans", run.extend({
  cancelRequested: z.boolean(),
  items: z.array(z.object({
    planId: id(), title: z.string(), groupName: z.string(), state: run.shape.state, phase: z.string().nullable(), done: z.number().int(), total: z.number().int(), problem: z.string().nullable(),
    waiting: z.object({ reason: z.string(), until: z.string().nullable() }).nullable(), snapshotId: id().nullable(), gaps: z.number().int(), newBytes: z.number().int(),
    warning: z.enum(["suspiciously_empty", "unusual_loss"]).nullable(), startedAt: time().nullable(), finishedAt: time().nullable(),
  })),
}));
const keeps = Object.fromEntries(Object.keys(retentionInput.shape).map((name) => [name, z.number().int().nullable()])) as Record<keyof typeof retentionInput.shape, z.ZodNullable<z.ZodNumber>>;
export const policy = named("Policy", z.object({
  id: id(), name: z.string(), connectionId: id(), enabled: z.boolean(),
  selection: z.object({ groups: z.array(z.object({ groupId: id(), planIds: z.array(z.string()), includeNew: z.boolean() })) }),
  schedule, ...keeps, scheduleText: z.string(), nextRuns: z.array(time()), planCount: z.number().int(), groupCount: z.number().int(), lastRun: run.nullable(),
}));
export const policyBody = taken("PolicyInput", policyInput, {
  name: "Every night", connectionId: EXAMPLE, selection: { groups: [{ groupId: EXAMPLE, planIds: ["xqQg5FS2LkCp935s-FIFm2QAFkHM"], includeNew: true }] },
  schedule: { kind: "daily", at: "02:30", timeZone: "Europe/Berlin" }, keepCount: 30, keepDays: null,
});
export const enabledBody = taken("PolicySwitch", z.strictObject({ enabled: z.boolean("Say true or false.") }), { enabled: false });

const fieldChange = z.object({ field: z.string(), name: words("The field in Planner’s words."), from: z.string().nullable(), to: z.string().nullable() });
const item = named("ItemDrift", z.object({ kind: z.enum(["bucket", "task"]), id: z.string(), label: z.string(), change: z.enum(["added", "removed", "changed"]), bucketId: z.string().nullable(), bucketName: z.string().nullable(), fields: z.array(fieldChange) }));
const side = z.object({ id: words("Of a snapshot, or `live`."), at: time(), state: z.enum(["complete", "partial"]) });
export const comparison = named("Comparison", z.object({
  from: side, to: side,
  drift: z.object({ counts: z.object({ added: z.number().int(), removed: z.number().int(), changed: z.number().int() }), plan: z.array(fieldChange), buckets: z.array(item), tasks: z.array(item) }),
}));
export const compareQuery = z.object({ from: z.string("Say what to compare: the id of a snapshot.").describe("Id of a snapshot of this plan."), to: z.string("Say what to compare with: the id of a snapshot, or live.").describe("Id of another, or `live`: the plan as it is now.") });

export const hit = named("SearchHit", z.object({
  planId: id(), taskId: z.string(), title: z.string(), bucket: z.string().nullable(), planTitle: z.string(), groupName: z.string(),
  snapshotId: id().describe("The last snapshot that has it."), firstAt: time(), lastAt: time(), goneAt: time("When a backup first found it missing; null: it is there.").nullable(),
}));
export const searchQuery = z.object({
  q: z.string("Say what to search for.").min(1, "Say what to search for.").max(500).describe("Words; all must be found. The beginning of a word is enough."),
  planId: z.guid("This is not the id of a plan.").optional(), gone: z.enum(["true", "false"]).optional().describe("true: only tasks that are not in Microsoft 365 any more."),
});
export const runQuery = z.object({ policyId: z.guid("This is not the id of a policy.").optional() });
export const exportQuery = z.object({ format: z.enum(EXPORT_FORMATS).default("json"), tasks: z.string().optional().describe("Ids of tasks with commas between; all when left out.") });
export const fileQuery = z.object({ id: z.string("Say which file: the id that its task names.").min(1).max(200).describe("Of one of the `files` of a task.") });

const restoreState = z.enum(["planning", "planned", "blocked", "running", "waiting", "verifying", "verified", "different", "failed", "cancelled"]);
const inexact = z.object({ field: z.string(), items: z.number().int(), instead: z.string() });
export const restoreSummary = named("RestoreSummary", z.object({ id: id(), planTitle: z.string(), startedBy: z.string(), state: restoreState, createdAt: time(), undoOf: id().nullable(), isDrill: z.boolean() }));
const preview = named("RestorePreview", z.object({
  targetPlanTitle: z.string(), targetGroupName: z.string(), counts: z.record(z.string(), z.number().int()).describe("Operations by kind."),
  operations: z.array(z.object({ seq: z.number().int(), kind: z.string(), label: z.string(), source: z.string(), changes: z.array(z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() })) })),
  newMembers: z.array(z.object({ id: z.string(), name: z.string() })), droppedAssignments: z.array(z.object({ name: z.string(), tasks: z.number().int(), reason: z.string() })),
  inexact: z.array(inexact), warnings: z.array(z.string()), blockers: z.array(z.object({ id: z.string(), message: z.string() })).describe("Not empty: it cannot run."),
}));
const undone = z.array(z.object({ seq: z.number().int(), label: z.string(), reason: z.string() }));
const report = named("RestoreReport", z.object({
  verdict: z.enum(["exact", "different", "incomplete", "cancelled"]), finishedAt: time(), planId: z.string().nullable().describe("Planner’s id of the plan that was restored into."), itemsExact: z.number().int(),
  itemsDifferent: z.array(z.object({ label: z.string(), source: z.string(), fields: z.array(z.object({ field: z.string(), wanted: z.string().nullable(), found: z.string().nullable() })) })),
  failed: undone, skipped: undone,
  created: z.array(z.object({ kind: z.string(), source: z.string(), id: z.string(), label: z.string() })), changed: z.array(z.object({ kind: z.string(), id: z.string(), label: z.string() })), removed: z.array(z.object({ kind: z.string(), id: z.string(), label: z.string() })),
  inexact: z.array(inexact), uncertain: z.array(z.string()), requests: z.number().int(),
}));
export const restore = named("Restore", z.object({
  id: id(), snapshotId: id(), connectionId: id(), planTitle: z.string(), takenAt: time(), startedBy: z.string(), state: restoreState, phase: z.string().nullable(), done: z.number().int(), total: z.number().int(),
  waiting: z.object({ reason: z.string(), until: z.string().nullable() }).nullable(), problem: z.string().nullable(), request: object("As it was asked for."),
  preview: preview.nullable().describe("What it would do or has done; null while a worker is at it."),
  planHash: z.string().nullable().describe("Names exactly this preview; `POST /restores/{restoreId}/run` wants it."), report: report.nullable(),
  cancelRequested: z.boolean(), createdAt: time(), startedAt: time().nullable(), finishedAt: time().nullable(), undoOf: id().nullable(), beforeSnapshotId: id().nullable().describe("The target as it was before anything was written."),
  undo: z.object({ possible: z.boolean(), why: z.string().optional() }), resume: z.object({ possible: z.boolean(), why: z.string().optional() }),
}));
export const restoreBody = taken("RestoreInput", restoreInput.omit({ requestKey: true }), {
  snapshotId: EXAMPLE, connectionId: EXAMPLE, request: { tasks: "all", target: { kind: "new_plan", groupId: EXAMPLE, title: "Office move (restored)" }, addMembers: false, comments: "quoted" },
});
export const runRestoreBody = taken("RestoreConfirmation", z.strictObject({ planHash: z.string("Send the planHash of the preview that was reviewed.").min(1).max(128) }), { planHash: "the planHash of the restore" });
