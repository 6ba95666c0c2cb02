import { OPERATIONS } from "@/lib/api/operations";
import { openFile } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const GET = serve(OPERATIONS.getFile, ({ actor, workspaceId, path, query }) => openFile(actor, workspaceId, path.snapshotId!, query.id));
