/** Everything the web may ask for. Each function takes who asks first and checks it inside. */
export { authorise } from "./authorise";
export { createInvitation, listInvitations, revokeInvitation, readInvitation, acceptInvitation } from "./invitations";
export { listMembers, changeRole, removeMember } from "./members";
export { listWorkspaces, createWorkspace, getWorkspace, renameWorkspace } from "./workspaces";
