import { OPERATIONS } from "@/lib/api/operations";
import { listPolicies, savePolicy } from "@/lib/workspaces";
import { serve } from "../serve";
import { pageById } from "../pages";

export const GET = serve(OPERATIONS.listPolicies, async ({ actor, workspaceId, ...page }) => pageById(await listPolicies(actor, workspaceId), page));

export const POST = serve(OPERATIONS.createPolicy, ({ actor, workspaceId, body, once }) => savePolicy(actor, workspaceId, body, undefined, once));
