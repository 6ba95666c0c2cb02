import { OPERATIONS } from "@/lib/api/operations";
import { createRestore, listRestores } from "@/lib/workspaces";
import { serve } from "../serve";
import { pageOfRows } from "../pages";

export const GET = serve(OPERATIONS.listRestores, ({ actor, workspaceId, ...page }) => pageOfRows((rows) => listRestores(actor, workspaceId, rows), page));

export const POST = serve(OPERATIONS.createRestore, async ({ actor, workspaceId, body, once }) => ({ id: (await createRestore(actor, workspaceId, { ...body, requestKey: once })).restoreId }));
