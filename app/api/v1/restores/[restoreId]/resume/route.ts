import { OPERATIONS } from "@/lib/api/operations";
import { resumeRestore } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const POST = serve(OPERATIONS.resumeRestore, async ({ actor, workspaceId, path }) => {
  await resumeRestore(actor, workspaceId, path.restoreId!);
  return { id: path.restoreId! };
});
