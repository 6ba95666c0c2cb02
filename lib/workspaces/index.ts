/** Everything the web may ask for. Each function takes who asks first and checks it inside. */
export { authorise } from "./authorise";
export { listConnections, getConnection, recheckConnection, removeConnection, removeWriteAccess, readCatalogue } from "./connections";
export { createInvitation, listInvitations, revokeInvitation, readInvitation, acceptInvitation, type InvitationState } from "./invitations";
export { listMembers, changeRole, removeMember } from "./members";
export { getOverview } from "./overview";
export { listPlans, getPlan } from "./plans";
export { listPolicies, getPolicy, savePolicy, setPolicyEnabled, removePolicy } from "./policies";
export { restoreTargets, createRestore, getRestore, listRestores, runRestore, cancelRestore } from "./restores";
export { startRun, cancelRun, getRun, listRuns } from "./runs";
export { previewSchedule } from "./schedule";
export { getSnapshot, openFile, type OpenedFile } from "./snapshots";
export { startVerification, getVerification, listVerifications, cancelVerification } from "./verifications";
export { listWorkspaces, createWorkspace, getWorkspace, renameWorkspace } from "./workspaces";
export { isDatabaseReady as isReady } from "@/lib/db";
