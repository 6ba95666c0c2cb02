import { OPERATIONS } from "@/lib/api/operations";
import { cancelRestore } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const POST = serve(OPERATIONS.cancelRestore, async ({ actor, workspaceId, path }) => {
  await cancelRestore(actor, workspaceId, path.restoreId!);
  return { id: path.restoreId! };
});
