import { OPERATIONS } from "@/lib/api/operations";
import { getPolicy, removePolicy, savePolicy, setPolicyEnabled } from "@/lib/workspaces";
import { serve } from "../../serve";

export const GET = serve(OPERATIONS.getPolicy, ({ actor, workspaceId, path }) => getPolicy(actor, workspaceId, path.policyId!));

export const PUT = serve(OPERATIONS.replacePolicy, ({ actor, workspaceId, path, body }) => savePolicy(actor, workspaceId, body, path.policyId!));

export const PATCH = serve(OPERATIONS.switchPolicy, async ({ actor, workspaceId, path, body }) => {
  await setPolicyEnabled(actor, workspaceId, path.policyId!, body.enabled);
  return { id: path.policyId! };
});

export const DELETE = serve(OPERATIONS.removePolicy, async ({ actor, workspaceId, path }) => {
  await removePolicy(actor, workspaceId, path.policyId!);
  return { id: path.policyId! };
});
