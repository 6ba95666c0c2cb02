/**
 * For tests of rights: every public function of this room, and a workspace with one thing of each kind, all under one id.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { withWorkspace } from "@/lib/db";
import { record } from "./audit";
import * as api from "./index";
import { searchKey, sealJson } from "./keys";
import { sealPlanNames } from "./planNames";
import { PLACE, type RequirementFacts } from "./sealed";
import { blind, storedTerms } from "./searchTokens";
import type { Actor, Catalogue, Permission } from "./types";

export const person = (name: string): Actor => ({ tid: randomUUID(), oid: randomUUID(), name, username: `${name}@contoso.example`, sessionHash: randomBytes(32).toString("hex"), authenticatedAt: new Date() });

/** What `fill` names things, and under which ids. */
export interface Things { id: string; groupId: string; groupName: string; graphPlanId: string; planTitle: string; taskTitle: string }
export const things = (): Things => ({ id: randomUUID(), groupId: randomUUID(), groupName: "Design", graphPlanId: "graph-plan-1", planTitle: "Launch", taskTitle: "Paint the rocket" });

/**
 * A connection with a catalogue, a policy, a run, a plan with a snapshot, a loss, what the search knows, a restore, a
 * verification, an API key, a channel and a message, incidents and entries of the activity log about them.
 */
export async function fill(workspaceId: string, { id, groupId, groupName, graphPlanId, planTitle, taskTitle }: Things): Promise<void> {
  const catalogue: Catalogue = {
    readAt: new Date().toISOString(),
    groups: [
      { id: groupId, name: groupName, visibility: "Public", isMember: true, isOwner: false, unreachable: null, plans: [{ id: graphPlanId, title: planTitle, unreachable: null }, { id: `${graphPlanId}-2`, title: "Second", unreachable: null }] },
      { id: randomUUID(), name: "Board", visibility: "Private", isMember: false, isOwner: false, unreachable: { reason: "Not a member.", remedy: "Add it." }, plans: [] },
    ],
    unprotectable: [{ id: "premium", title: "Roadmap of the board", kind: "premium", reason: "Premium.", remedy: "None." }],
  };
  const w = { workspaceId };
  const at = new Date();
  const seal = (place: readonly string[], value: unknown) => sealJson(workspaceId, "content", place, value);
  const facts: RequirementFacts = { title: "Is a member", evidence: "1 of 2", remedy: null, stillWorks: null, items: [{ label: "Board", detail: "Add it" }] };
  const sealed = {
    catalogue: await seal(PLACE.catalogue(id), catalogue), names: await sealPlanNames(workspaceId, id, { title: planTitle, groupName }),
    request: await seal(PLACE.restoreRequest(id), { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" }),
    facts: await seal(PLACE.requirementFacts(id, "backup.membership"), facts), summary: await seal(PLACE.searchSummary(id, "t"), { title: taskTitle, bucket: null }),
    target: await sealJson(workspaceId, "token", PLACE.channelTarget(id), { kind: "webhook", url: "https://hooks.example/", secret: "s" }),
  };
  const tokens = blind(await searchKey(workspaceId), storedTerms([taskTitle]));
  const counts = { records: { task: 1 }, files: 0, fileBytes: 0 };
  await withWorkspace(workspaceId, async (tx) => {
    await tx.microsoftTenant.create({ data: { ...w, id, tid: randomUUID(), name: "Contoso" } });
    await tx.connection.create({ data: { ...w, id, microsoftTenantId: id, oid: randomUUID(), name: "Backup", username: "backup", backupState: "active", restoreState: "active", sealedCatalogue: sealed.catalogue, catalogueAt: at, checkedAt: at } });
    await tx.requirement.create({ data: { ...w, connectionId: id, id: "backup.membership", purpose: "backup", position: 0, state: "unmet", sealedFacts: sealed.facts } });
    await tx.policy.create({ data: { ...w, id, connectionId: id, name: `Policy of ${groupName}`, selection: { groups: [{ groupId, planIds: [graphPlanId], includeNew: false, known: [graphPlanId] }] }, schedule: { kind: "manual" }, enabled: true } });
    await tx.plan.create({ data: { ...w, id, microsoftTenantId: id, graphPlanId, groupId, sealedNames: sealed.names, searchNumbers: 1 } });
    await tx.run.create({ data: { ...w, id, policyId: id, trigger: "manual", state: "running" } });
    await tx.runPlan.create({ data: { ...w, runId: id, planId: id, state: "running" } });
    await tx.snapshot.create({ data: { ...w, id, planId: id, runId: id, state: "complete", manifestId: "m", takenAt: at, counts } });
    await tx.loss.create({ data: { ...w, id, planId: id, snapshotId: id, beforeId: id, removed: 12, foundAt: at } });
    await tx.searchEntry.create({ data: { ...w, planId: id, taskId: "t", firstAt: at, changedAt: at, lastSnapshotId: id, lastAt: at, sealedSummary: sealed.summary, number: 1 } });
    await tx.searchPosting.createMany({ data: tokens.map((token) => ({ ...w, planId: id, token, tasks: [1] })) });
    await tx.restore.create({ data: { ...w, id, snapshotId: id, connectionId: id, targetGroupId: groupId, startedBy: "x", state: "planned", planHash: "hash", sealedRequest: sealed.request } });
    await tx.verification.create({ data: { ...w, id, startedBy: "x", state: "running" } });
    await tx.apiKey.create({ data: { ...w, id, secretHash: new Uint8Array(randomBytes(32)), name: "Nightly", scopes: ["backup"], memberId: randomUUID(), tid: randomUUID(), oid: randomUUID(), madeBy: "x", expiresAt: new Date(at.getTime() + 86_400_000) } });
    await tx.channel.create({ data: { ...w, id, kind: "webhook", name: "Hook", sealedTarget: sealed.target, events: [] } });
    const loss = { removed: 12, usual: null, foundAt: at.toISOString(), lastAt: at.toISOString(), beforeId: id };
    for (const [event, about] of [["plan.loss", loss], ["backup.failed", { runId: id }], ["restore.finished", { state: "verified", finishedAt: at.toISOString() }]] as const) {
      await tx.incident.create({ data: { ...w, id: event === "plan.loss" ? id : randomUUID(), event, subjectId: id, facts: about, openedAt: at } });
    }
    await tx.delivery.create({ data: { ...w, id, channelId: id, incidentId: id, event: "plan.loss", change: "opened", state: "sent" } });
    for (const kind of ["plan", "snapshot", "restore"] as const) await record(tx, workspaceId, { name: "Somebody" }, { action: "snapshot.opened", target: { kind, id } });
  });
}

export const policyInput = ({ id, groupId, graphPlanId }: Things) => ({
  name: "Daily", connectionId: id, schedule: { kind: "daily", at: "02:00", timeZone: "UTC" }, keepCount: 10, keepDays: null,
  selection: { groups: [{ groupId, planIds: [graphPlanId], includeNew: false }] },
});
export const restoreInput = (snapshotId: string, connectionId = snapshotId) => ({ snapshotId, connectionId, requestKey: randomUUID(), request: { tasks: "all", target: { kind: "in_place" }, addMembers: false, comments: "none" } });

type Call = (actor: Actor, workspace: string, id: string) => Promise<unknown>;

/** Every public function that takes a workspace, called with a workspace and one id, and the right that it asks for. */
export const callsOn = (of: Things): [name: string, call: Call, permission: Permission][] => [
  ["authorise", (a, w) => api.authorise(a, w, "workspace.view"), "workspace.view"],
  ["getWorkspace", (a, w) => api.getWorkspace(a, w), "workspace.view"],
  ["renameWorkspace", (a, w) => api.renameWorkspace(a, w, "Stolen"), "member.manage"],
  ["listMembers", (a, w) => api.listMembers(a, w), "workspace.view"],
  ["changeRole", (a, w, id) => api.changeRole(a, w, id, "viewer"), "member.manage"],
  ["removeMember", (a, w, id) => api.removeMember(a, w, id), "workspace.view"],
  ["listGroups", (a, w) => api.listGroups(a, w), "member.manage"],
  ["changeGroups", (a, w, id) => api.changeGroups(a, w, id, [of.groupId]), "member.manage"],
  ["createInvitation", (a, w) => api.createInvitation(a, w, { role: "viewer" }), "member.manage"],
  ["listInvitations", (a, w) => api.listInvitations(a, w), "member.manage"],
  ["revokeInvitation", (a, w, id) => api.revokeInvitation(a, w, id), "member.manage"],
  ["listTenants", (a, w) => api.listTenants(a, w), "workspace.view"],
  ["listConsentLinks", (a, w) => api.listConsentLinks(a, w), "connection.manage"],
  ["createConsentLink", (a, w) => api.createConsentLink(a, w, "backup"), "connection.manage"],
  ["revokeConsentLink", (a, w, id) => api.revokeConsentLink(a, w, id), "connection.manage"],
  ["startConsent", (a, w) => api.startConsent(a, w, "backup"), "connection.manage"],
  ["startConnect", (a, w, id) => api.startConnect(a, w, { purpose: "backup", tid: a.tid, connectionId: id }), "connection.manage"],
  ["connectAppOnly", (a, w) => api.connectAppOnly(a, w, a.tid), "connection.manage"],
  ["listConnections", (a, w) => api.listConnections(a, w), "workspace.view"],
  ["getConnection", (a, w, id) => api.getConnection(a, w, id), "workspace.view"],
  ["recheckConnection", (a, w, id) => api.recheckConnection(a, w, id), "connection.manage"],
  ["setExtras", (a, w, id) => api.setExtras(a, w, id, true), "connection.manage"],
  ["removeConnection", (a, w, id) => api.removeConnection(a, w, id), "connection.manage"],
  ["removeWriteAccess", (a, w, id) => api.removeWriteAccess(a, w, id), "connection.manage"],
  ["readCatalogue", (a, w, id) => api.readCatalogue(a, w, id), "content.view"],
  ["listPolicies", (a, w) => api.listPolicies(a, w), "workspace.view"],
  ["getPolicy", (a, w, id) => api.getPolicy(a, w, id), "workspace.view"],
  ["savePolicy", (a, w, id) => api.savePolicy(a, w, policyInput(of), id), "policy.manage"],
  ["setPolicyEnabled", (a, w, id) => api.setPolicyEnabled(a, w, id, false), "policy.manage"],
  ["removePolicy", (a, w, id) => api.removePolicy(a, w, id), "policy.manage"],
  ["startRun", (a, w, id) => api.startRun(a, w, id, randomUUID()), "backup.run"],
  ["cancelRun", (a, w, id) => api.cancelRun(a, w, id), "backup.run"],
  ["getRun", (a, w, id) => api.getRun(a, w, id), "workspace.view"],
  ["listRuns", (a, w) => api.listRuns(a, w), "workspace.view"],
  ["listPlans", (a, w) => api.listPlans(a, w), "workspace.view"],
  ["getPlan", (a, w, id) => api.getPlan(a, w, id), "workspace.view"],
  ["listSnapshots", (a, w, id) => api.listSnapshots(a, w, id, { limit: 10 }), "workspace.view"],
  ["getChangesAround", (a, w, id) => api.getChangesAround(a, w, id), "content.view"],
  ["getHistory", (a, w, id) => api.getHistory(a, w, id, { at: id, taskId: "t" }), "content.view"],
  ["getTaskHistory", (a, w, id) => api.getTaskHistory(a, w, id, "t"), "content.view"],
  ["compareChoices", (a, w, id) => api.compareChoices(a, w, id), "content.view"],
  ["comparePlan", (a, w, id) => api.comparePlan(a, w, id, id, "live"), "content.view"],
  ["acceptEmpty", (a, w, id) => api.acceptEmpty(a, w, id), "backup.run"],
  ["getSnapshot", (a, w, id) => api.getSnapshot(a, w, id), "content.view"],
  ["getSnapshotOutline", (a, w, id) => api.getSnapshotOutline(a, w, id), "content.view"],
  ["getSnapshotTask", (a, w, id) => api.getSnapshotTask(a, w, id, "task"), "content.view"],
  ["exportSnapshot", (a, w, id) => api.exportSnapshot(a, w, id, { format: "csv", tasks: null }), "content.view"],
  ["openFile", (a, w, id) => api.openFile(a, w, id, "f"), "content.view"],
  ["search", (a, w) => api.search(a, w, { text: of.taskTitle, planId: null, goneOnly: false, page: 1 }), "content.view"],
  ["rebuildSearch", (a, w) => api.rebuildSearch(a, w), "storage.verify"],
  ["restoreTargets", (a, w, id) => api.restoreTargets(a, w, id), "restore.run"],
  ["createRestore", (a, w) => api.createRestore(a, w, restoreInput(of.id)), "restore.run"],
  ["getRestore", (a, w, id) => api.getRestore(a, w, id), "content.view"],
  ["followRestore", (a, w, id) => api.followRestore(a, w, id), "content.view"],
  ["listRestores", (a, w) => api.listRestores(a, w), "content.view"],
  ["exportReport", (a, w, id) => api.exportReport(a, w, id), "content.view"],
  ["runRestore", (a, w, id) => api.runRestore(a, w, id, "hash"), "restore.run"],
  ["cancelRestore", (a, w, id) => api.cancelRestore(a, w, id), "restore.run"],
  ["resumeRestore", (a, w, id) => api.resumeRestore(a, w, id), "restore.run"],
  ["getDrills", (a, w, id) => api.getDrills(a, w, id), "content.view"],
  ["saveDrills", (a, w, id) => api.saveDrills(a, w, id, { schedule: { kind: "manual" }, groupId: of.groupId, planId: null }), "restore.run"],
  ["startDrill", (a, w, id) => api.startDrill(a, w, id, randomUUID()), "restore.run"],
  ["retryRemoval", (a, w, id) => api.retryRemoval(a, w, id), "restore.run"],
  ["undoRestore", (a, w, id) => api.undoRestore(a, w, id, randomUUID()), "restore.run"],
  ["startVerification", (a, w) => api.startVerification(a, w), "storage.verify"],
  ["getVerification", (a, w, id) => api.getVerification(a, w, id), "workspace.view"],
  ["findInSnapshot", (a, w, id) => api.findInSnapshot(a, w, id, "word"), "content.view"],
  ["transferOwnership", (a, w, id) => api.transferOwnership(a, w, id), "owner.manage"],
  ["getKeys", (a, w) => api.getKeys(a, w), "workspace.view"],
  ["rotateKeys", (a, w) => api.rotateKeys(a, w), "key.rotate"],
  ["requestDeletion", (a, w) => api.requestDeletion(a, w, "Another"), "workspace.delete"],
  ["cancelDeletion", (a, w) => api.cancelDeletion(a, w), "workspace.delete"],
  ["listLosses", (a, w, id) => api.listLosses(a, w, id), "workspace.view"],
  ["releaseHold", (a, w, id) => api.releaseHold(a, w, id), "policy.manage"],
  ["listVerifications", (a, w) => api.listVerifications(a, w), "workspace.view"],
  ["cancelVerification", (a, w, id) => api.cancelVerification(a, w, id), "storage.verify"],
  ["previewRetention", (a, w, id) => api.previewRetention(a, w, id, { keepCount: 1, keepDays: null }), "policy.manage"],
  ["getPruning", (a, w) => api.getPruning(a, w), "workspace.view"],
  ["getStorage", (a, w) => api.getStorage(a, w), "workspace.view"],
  ["startMove", (a, w) => api.startMove(a, w, "files"), "storage.manage"],
  ["saveOwnStore", (a, w) => api.saveOwnStore(a, w, { driver: "s3", bucket: "planback", region: "eu-central-1", endpoint: "https://not-allowed.example", keyId: "k", secret: "s", lockDays: null }), "storage.manage"],
  ["removeOwnStore", (a, w, id) => api.removeOwnStore(a, w, id), "storage.manage"],
  ["cancelMove", (a, w, id) => api.cancelMove(a, w, id), "storage.manage"],
  ["removeOldCopies", (a, w, id) => api.removeOldCopies(a, w, id), "storage.manage"],
  ["getOnboarding", (a, w) => api.getOnboarding(a, w), "workspace.view"],
  ["getOverview", (a, w) => api.getOverview(a, w), "workspace.view"],
  ["getNotifications", (a, w) => api.getNotifications(a, w), "workspace.view"],
  ["saveChannel", (a, w, id) => api.saveChannel(a, w, { kind: "webhook", name: "n", url: "https://hooks.example/", events: [] }, id), "channel.manage"],
  ["removeChannel", (a, w, id) => api.removeChannel(a, w, id), "channel.manage"],
  ["testChannel", (a, w, id) => api.testChannel(a, w, id), "channel.manage"],
  ["getDelivery", (a, w, id) => api.getDelivery(a, w, id), "workspace.view"],
  ["setNamesInMessages", (a, w) => api.setNamesInMessages(a, w, true), "channel.manage"],
  ["createKey", (a, w) => api.createKey(a, w, { name: "CI", scopes: ["read:status"], days: 30 }), "key.manage"],
  ["listKeys", (a, w) => api.listKeys(a, w), "key.manage"],
  ["revokeKey", (a, w, id) => api.revokeKey(a, w, id), "key.manage"],
  ["once", (a, w) => api.once(a, w, { idempotencyKey: randomUUID(), method: "POST", path: "/", body: null }, () => Promise.resolve({ status: 201, body: {} })), "workspace.view"],
  ["listActivity", (a, w) => api.listActivity(a, w, { action: "snapshot.opened" }), "audit.view"],
  ["verifyActivity", (a, w) => api.verifyActivity(a, w), "audit.view"],
  ["exportActivity", (a, w) => api.exportActivity(a, w), "audit.view"],
];
/** Functions without a workspace, or without anybody signed in. */
export const OTHERS = ["listWorkspaces", "createWorkspace", "readInvitation", "acceptInvitation", "previewSchedule", "isReady", "poolState", "awaitSchema", "announceProcess", "isOperator", "getInstallation", "createSession", "readSession", "endSession", "startConsentFromLink", "finishConsent", "finishConnect", "readConsentLink", "listErasures", "canMailInvitations", "useKey", "NOTHING_LEFT"];
