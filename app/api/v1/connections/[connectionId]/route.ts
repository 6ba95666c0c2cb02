import { OPERATIONS } from "@/lib/api/operations";
import { getConnection } from "@/lib/workspaces";
import { serve } from "../../serve";

export const GET = serve(OPERATIONS.getConnection, ({ actor, workspaceId, path }) => getConnection(actor, workspaceId, path.connectionId!));
