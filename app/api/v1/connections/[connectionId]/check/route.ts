import { OPERATIONS } from "@/lib/api/operations";
import { recheckConnection } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const POST = serve(OPERATIONS.checkConnection, async ({ actor, workspaceId, path }) => {
  await recheckConnection(actor, workspaceId, path.connectionId!);
  return { id: path.connectionId! };
});
