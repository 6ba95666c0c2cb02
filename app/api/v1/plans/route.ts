import { OPERATIONS } from "@/lib/api/operations";
import { listPlans } from "@/lib/workspaces";
import { serve } from "../serve";
import { pageOfRows } from "../pages";

export const GET = serve(OPERATIONS.listPlans, ({ actor, workspaceId, ...page }) => pageOfRows((rows) => listPlans(actor, workspaceId, rows), page));
