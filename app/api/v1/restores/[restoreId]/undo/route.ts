import { OPERATIONS } from "@/lib/api/operations";
import { undoRestore } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const POST = serve(OPERATIONS.undoRestore, async ({ actor, workspaceId, path, once }) => ({ id: (await undoRestore(actor, workspaceId, path.restoreId!, once)).restoreId }));
