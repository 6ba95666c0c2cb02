import { OPERATIONS } from "@/lib/api/operations";
import { getWorkspace } from "@/lib/workspaces";
import { serve } from "../serve";

export const GET = serve(OPERATIONS.getWorkspace, async ({ actor, workspaceId, expiresAt }) => {
  const { id, name, scopes } = actor.key!;
  return { ...(await getWorkspace(actor, workspaceId)), key: { id, name, scopes: [...scopes], expiresAt } };
});
