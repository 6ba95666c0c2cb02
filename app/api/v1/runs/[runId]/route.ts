import { OPERATIONS } from "@/lib/api/operations";
import { getRun } from "@/lib/workspaces";
import { serve } from "../../serve";

export const GET = serve(OPERATIONS.getRun, ({ actor, workspaceId, path }) => getRun(actor, workspaceId, path.runId!));
