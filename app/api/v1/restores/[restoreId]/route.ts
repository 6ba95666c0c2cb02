import { OPERATIONS } from "@/lib/api/operations";
import { followRestore } from "@/lib/workspaces";
import { serve } from "../../serve";

export const GET = serve(OPERATIONS.getRestore, async ({ actor, workspaceId, path }) => {
  const { plan: preview, ...restore } = await followRestore(actor, workspaceId, path.restoreId!);
  return { ...restore, preview };
});
