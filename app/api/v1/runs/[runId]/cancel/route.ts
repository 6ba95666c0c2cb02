import { OPERATIONS } from "@/lib/api/operations";
import { cancelRun } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const POST = serve(OPERATIONS.cancelRun, async ({ actor, workspaceId, path }) => {
  await cancelRun(actor, workspaceId, path.runId!);
  return { id: path.runId! };
});
