import { OPERATIONS } from "@/lib/api/operations";
import { getPlan } from "@/lib/workspaces";
import { serve } from "../../serve";

export const GET = serve(OPERATIONS.getPlan, async ({ actor, workspaceId, path }) => (await getPlan(actor, workspaceId, path.planId!)).plan);
