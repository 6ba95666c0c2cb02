import { OPERATIONS } from "@/lib/api/operations";
import { listConnections } from "@/lib/workspaces";
import { serve } from "../serve";
import { pageById } from "../pages";

export const GET = serve(OPERATIONS.listConnections, async ({ actor, workspaceId, ...page }) => pageById(await listConnections(actor, workspaceId), page));
