import { OPERATIONS } from "@/lib/api/operations";
import { listRuns } from "@/lib/workspaces";
import { serve } from "../serve";
import { pageOfRows } from "../pages";

export const GET = serve(OPERATIONS.listRuns, ({ actor, workspaceId, query, ...page }) => pageOfRows((rows) => listRuns(actor, workspaceId, { ...rows, policyId: query.policyId }), page));
