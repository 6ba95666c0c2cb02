/**
 * Which permissions open which route, from the Graph permissions reference
 * (https://learn.microsoft.com/graph/permissions-reference). Any one is enough. For app-only callers the Group.*
 * permissions open nothing in Planner.
 */
export interface RoutePermissions {
  delegated: string[];
  application: string[];
}

export const READ: RoutePermissions = {
  delegated: ["Tasks.Read", "Tasks.ReadWrite", "Group.Read.All", "Group.ReadWrite.All"],
  application: ["Tasks.Read.All", "Tasks.ReadWrite.All"],
};

export const WRITE: RoutePermissions = {
  delegated: ["Tasks.ReadWrite", "Group.ReadWrite.All"],
  application: ["Tasks.ReadWrite.All"],
};

/** The Group.* permissions do not archive. https://learn.microsoft.com/graph/api/plannerplan-archive?view=graph-rest-beta */
export const ARCHIVE: RoutePermissions = { delegated: ["Tasks.ReadWrite"], application: WRITE.application };

/** The Group.* permissions do not open rosters. https://learn.microsoft.com/graph/api/planneruser-list-rosterplans?view=graph-rest-beta */
export const ROSTERS: RoutePermissions = { delegated: ["Tasks.Read", "Tasks.ReadWrite"], application: READ.application };

/** No application and no Group.* permission opens a task's chat. https://learn.microsoft.com/graph/api/plannertask-list-messages?view=graph-rest-beta */
export const CHAT_READ: RoutePermissions = { delegated: ["Tasks.Read", "Tasks.ReadWrite"], application: [] };
export const CHAT_WRITE: RoutePermissions = { delegated: ["Tasks.ReadWrite"], application: [] };

/** A user's plans can only be read for a signed-in user. */
export const READ_DELEGATED_ONLY: RoutePermissions = { delegated: READ.delegated, application: [] };
