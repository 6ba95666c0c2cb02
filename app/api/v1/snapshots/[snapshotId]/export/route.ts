import { OPERATIONS } from "@/lib/api/operations";
import { exportSnapshot } from "@/lib/workspaces";
import { serve } from "../../../serve";

export const GET = serve(OPERATIONS.exportSnapshot, ({ actor, workspaceId, path, query }) =>
  exportSnapshot(actor, workspaceId, path.snapshotId!, { format: query.format, tasks: query.tasks?.split(",") ?? null }));
