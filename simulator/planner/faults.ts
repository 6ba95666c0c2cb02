import { GraphFault } from "../graph/context";

/**
 * Planner's own refusals. Most carry an empty code; the text is what tells them apart.
 * https://learn.microsoft.com/graph/api/resources/planner-overview (common error conditions)
 */
export const notFound = (): GraphFault => new GraphFault(404, "", "The requested item is not found.");

export const forbidden = (): GraphFault => new GraphFault(403, "", "You do not have the required permissions to access this item.");

export const archived = (): GraphFault => new GraphFault(403, "", "The item is archived and cannot be changed.");

export const invalidField = (field: string, entity: string, reason: string): GraphFault =>
  new GraphFault(400, "", `Schema validation has failed. Validation for field '${field}', on entity '${entity}' has failed: ${reason}`);

export const invalidRequest = (detail: string): GraphFault => new GraphFault(400, "", `The request is invalid:\n${detail}`);

export const missingIfMatch = (): GraphFault => new GraphFault(412, "", "The If-Match header must be specified for this kind of request.");

export const invalidIfMatch = (): GraphFault => new GraphFault(412, "", "The If-Match header contains an invalid value.");

export const staleIfMatch = (): GraphFault => new GraphFault(412, "", "The If-Match header does not match any known version of this item.");

export const conflict = (): GraphFault => new GraphFault(409, "", "The item was changed since it was last read, and the changes cannot be merged.");

/** 403 with the limit's name as the code. */
export const limitExceeded = (code: LimitCode): GraphFault => new GraphFault(403, code, "The request exceeds a limit of the service.");

export type LimitCode =
  | "MaximumProjectsOwnedByUser"
  | "MaximumTasksCreatedByUser"
  | "MaximumTasksAssignedToUser"
  | "MaximumTasksInProject"
  | "MaximumActiveTasksInProject"
  | "MaximumBucketsInProject"
  | "MaximumUsersSharedWithProject"
  | "MaximumReferencesOnTask"
  | "MaximumChecklistItemsOnTask"
  | "MaximumAssigneesInTasks";
