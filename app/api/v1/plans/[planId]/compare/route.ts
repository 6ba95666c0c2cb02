import { OPERATIONS } from "@/lib/api/operations";
import { comparePlan } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const GET = serve(OPERATIONS.comparePlan, ({ actor, workspaceId, path, query }) => comparePlan(actor, workspaceId, path.planId!, query.from, query.to));
