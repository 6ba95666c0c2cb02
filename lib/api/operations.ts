/** Every operation of API v1, by name. Routes serve them (app/api/v1), the document lists them. */
import { z } from "zod";
import type { Permission } from "@/lib/workspaces/types";
import * as s from "./schemas";

export interface Operation<Q extends z.ZodObject = z.ZodObject, B extends z.ZodType | null = z.ZodType | null, A extends z.ZodType | "file" = z.ZodType | "file"> {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Below /api/v1, parameters in braces. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  /** The right that its function in lib/workspaces asks for; scopes follow from it. */
  permission: Permission;
  query: Q;
  body: B;
  status: 200 | 201 | 202;
  answer: A;
  /** Has the parameters of a list. */
  isPaged: boolean;
}

const none = z.object({});
type Facts = Pick<Operation, "path" | "tag" | "summary" | "description" | "permission">;

const get = <A extends z.ZodType | "file", Q extends z.ZodObject = typeof none>(facts: Facts & { answer: A; query?: Q }): Operation<Q, null, A> =>
  ({ method: "get", query: none as unknown as Q, body: null, status: 200, isPaged: false, ...facts });
const list = <A extends z.ZodType, Q extends z.ZodObject = typeof none>(facts: Facts & { answer: A; query?: Q }): Operation<Q, null, A> => ({ ...get(facts), isPaged: true });
const change = <A extends z.ZodType, B extends z.ZodType | null = null>(method: Operation["method"], status: 200 | 201 | 202, facts: Facts & { answer: A; body: B }): Operation<typeof none, B, A> =>
  ({ method, query: none, status, isPaged: false, ...facts });

export const PAGE = z.object({
  limit: z.coerce.number("Give a whole number from 1 to 200.").int("Give a whole number from 1 to 200.").min(1, "Give a whole number from 1 to 200.").max(200, "Give a whole number from 1 to 200.").default(50),
  cursor: z.string().max(1000).optional().describe("`next` of the page before, with the same other parameters."),
});

export const OPERATIONS = {
  getWorkspace: get({ path: "/workspace", tag: "Workspace", summary: "The workspace and the key", permission: "workspace.view", answer: s.workspace }),

  listConnections: list({ path: "/connections", tag: "Connections", summary: "Connection accounts with their requirements", permission: "workspace.view", answer: s.pageOf("ConnectionPage", s.connection) }),
  getConnection: get({ path: "/connections/{connectionId}", tag: "Connections", summary: "A connection account with its requirements", permission: "workspace.view", answer: s.connection }),
  checkConnection: change("post", 202, { path: "/connections/{connectionId}/check", tag: "Connections", summary: "Check the requirements again", description: "Done in the background: `checking` of the account is true until then.", permission: "connection.manage", body: null, answer: s.accepted }),
  listGroups: list({ path: "/connections/{connectionId}/groups", tag: "Connections", summary: "Groups and plans that the account sees", description: "What a policy can select, and what it cannot, with the reason. Empty until the first check is done.", permission: "content.view", answer: s.pageOf("GroupPage", s.group) }),

  listPlans: list({ path: "/plans", tag: "Plans", summary: "Plans that were or are protected", permission: "workspace.view", answer: s.pageOf("PlanPage", s.plan) }),
  getPlan: get({ path: "/plans/{planId}", tag: "Plans", summary: "A plan", permission: "workspace.view", answer: s.plan }),
  listSnapshots: list({ path: "/plans/{planId}/snapshots", tag: "Plans", summary: "Snapshots of a plan, newest first", permission: "workspace.view", answer: s.pageOf("SnapshotPage", s.snapshotSummary) }),
  comparePlan: get({ path: "/plans/{planId}/compare", tag: "Plans", summary: "What differs between two snapshots, or a snapshot and now", description: "From the older to the newer. With `to=live` the plan is read in Microsoft 365, which takes some seconds.", permission: "content.view", query: s.compareQuery, answer: s.comparison }),

  getSnapshot: get({ path: "/snapshots/{snapshotId}", tag: "Snapshots", summary: "A snapshot: buckets, people, gaps", permission: "content.view", answer: s.snapshot }),
  listTasks: list({ path: "/snapshots/{snapshotId}/tasks", tag: "Snapshots", summary: "Tasks of a snapshot with details, comments and files", permission: "content.view", answer: s.pageOf("TaskPage", s.task) }),
  exportSnapshot: get({ path: "/snapshots/{snapshotId}/export", tag: "Snapshots", summary: "A snapshot as a file", permission: "content.view", query: s.exportQuery, answer: "file" }),
  getFile: get({ path: "/snapshots/{snapshotId}/files", tag: "Snapshots", summary: "A file of a task", permission: "content.view", query: s.fileQuery, answer: "file" }),
  search: list({ path: "/search", tag: "Snapshots", summary: "Find tasks in everything that is kept", description: "In title, notes, checklist, comments, labels, people, bucket and plan. What changed last comes first; at most 1,000 hits, 25 on a page.", permission: "content.view", query: s.searchQuery, answer: s.pageOf("SearchPage", s.hit) }),

  listPolicies: list({ path: "/policies", tag: "Policies", summary: "Protection policies", permission: "workspace.view", answer: s.pageOf("PolicyPage", s.policy) }),
  createPolicy: change("post", 201, { path: "/policies", tag: "Policies", summary: "Make a policy", permission: "policy.manage", body: s.policyBody, answer: s.created }),
  getPolicy: get({ path: "/policies/{policyId}", tag: "Policies", summary: "A policy", permission: "workspace.view", answer: s.policy }),
  replacePolicy: change("put", 200, { path: "/policies/{policyId}", tag: "Policies", summary: "Change a policy", description: "Takes the whole policy. What is left out of the retention is not kept for that reason any more.", permission: "policy.manage", body: s.policyBody, answer: s.accepted }),
  switchPolicy: change("patch", 200, { path: "/policies/{policyId}", tag: "Policies", summary: "Pause a policy, or let it go on", permission: "policy.manage", body: s.enabledBody, answer: s.accepted }),
  removePolicy: change("delete", 200, { path: "/policies/{policyId}", tag: "Policies", summary: "Remove a policy", description: "Its snapshots stay.", permission: "policy.manage", body: null, answer: s.accepted }),

  startRun: change("post", 202, { path: "/policies/{policyId}/runs", tag: "Runs", summary: "Back up now", description: "Follow it with `GET /runs/{runId}`.", permission: "backup.run", body: null, answer: s.accepted }),
  listRuns: list({ path: "/runs", tag: "Runs", summary: "Runs, newest first", permission: "workspace.view", query: s.runQuery, answer: s.pageOf("RunPage", s.run) }),
  getRun: get({ path: "/runs/{runId}", tag: "Runs", summary: "A run with each of its plans", permission: "workspace.view", answer: s.runWithPlans }),
  cancelRun: change("post", 202, { path: "/runs/{runId}/cancel", tag: "Runs", summary: "Stop a run", description: "What is stored by then stays.", permission: "backup.run", body: null, answer: s.accepted }),

  listRestores: list({ path: "/restores", tag: "Restores", summary: "Restores, newest first", permission: "content.view", answer: s.pageOf("RestorePage", s.restoreSummary) }),
  createRestore: change("post", 201, { path: "/restores", tag: "Restores", summary: "Preview a restore (dry run)", description: "Nothing is written. Read it with `GET /restores/{restoreId}` until its state is `planned` or `blocked`, review `preview`, then run it.", permission: "restore.run", body: s.restoreBody, answer: s.created }),
  getRestore: get({ path: "/restores/{restoreId}", tag: "Restores", summary: "A restore: preview, progress, report", permission: "content.view", answer: s.restore }),
  runRestore: change("post", 202, { path: "/restores/{restoreId}/run", tag: "Restores", summary: "Run what was previewed", description: "What runs is the preview that `planHash` names. A preview that deletes tasks or buckets also needs the scope `restore:remove`.", permission: "restore.run", body: s.runRestoreBody, answer: s.accepted }),
  resumeRestore: change("post", 202, { path: "/restores/{restoreId}/resume", tag: "Restores", summary: "Let a restore go on", description: "One that was cancelled, failed in part or waits for a sign-in. What is done stays done.", permission: "restore.run", body: null, answer: s.accepted }),
  cancelRestore: change("post", 202, { path: "/restores/{restoreId}/cancel", tag: "Restores", summary: "Stop a restore, or drop a preview", description: "What it has written stays, and its report names it.", permission: "restore.run", body: null, answer: s.accepted }),
  undoRestore: change("post", 201, { path: "/restores/{restoreId}/undo", tag: "Restores", summary: "Preview the way back", description: "A new restore that takes this one back; run it like any other.", permission: "restore.run", body: null, answer: s.created }),
};
export type OperationId = keyof typeof OPERATIONS;

/** The parameters in the path of an operation. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
