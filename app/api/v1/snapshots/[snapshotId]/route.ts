import { OPERATIONS } from "@/lib/api/operations";
import { getSnapshot } from "@/lib/workspaces";
import { serve } from "../../serve";

export const GET = serve(OPERATIONS.getSnapshot, async ({ actor, workspaceId, path }) => {
  const { content, ...snapshot } = await getSnapshot(actor, workspaceId, path.snapshotId!);
  return { ...snapshot, buckets: content.buckets, people: content.people };
});
