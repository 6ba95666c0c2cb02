import { OPERATIONS } from "@/lib/api/operations";
import { listSnapshots } from "@/lib/workspaces";
import { serve } from "../../../serve";
import { pageOfRows } from "../../../pages";

export const GET = serve(OPERATIONS.listSnapshots, ({ actor, workspaceId, path, ...page }) => pageOfRows((rows) => listSnapshots(actor, workspaceId, path.planId!, rows), page));
