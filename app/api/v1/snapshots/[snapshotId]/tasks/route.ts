import { OPERATIONS } from "@/lib/api/operations";
import { getSnapshot } from "@/lib/workspaces";
import { serve } from "../../../serve";
import { pageById } from "../../../pages";

export const GET = serve(OPERATIONS.listTasks, async ({ actor, workspaceId, path, ...page }) => {
  const { content } = await getSnapshot(actor, workspaceId, path.snapshotId!);
  const [comments, files] = [Map.groupBy(content.comments, ({ taskId }) => taskId), Map.groupBy(content.attachments, ({ taskId }) => taskId)];
  const { items, next } = pageById(content.tasks, page);
  return { next, items: items.map(({ id, task, details }) => ({ id, title: task.title, bucketId: task.bucketId ?? null, task, details, comments: comments.get(id) ?? [], files: files.get(id) ?? [] })) };
});
