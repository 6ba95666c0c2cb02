import { OPERATIONS } from "@/lib/api/operations";
import { runRestore } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const POST = serve(OPERATIONS.runRestore, async ({ actor, workspaceId, path, body }) => {
  await runRestore(actor, workspaceId, path.restoreId!, body.planHash);
  return { id: path.restoreId! };
});
