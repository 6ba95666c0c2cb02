import { OPERATIONS } from "@/lib/api/operations";
import { startRun } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const POST = serve(OPERATIONS.startRun, async ({ actor, workspaceId, path, once }) => ({ id: (await startRun(actor, workspaceId, path.policyId!, once)).runId }));
