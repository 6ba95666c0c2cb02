import { RestoreLive } from "@/components/restore/restore-live";
import { shownRestore } from "@/components/restore/view";
import { config } from "@/lib/config";
import { getRestore } from "@/lib/workspaces";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";
import { cancelRestoreAction, connectForRestoreAction, createRestoreAction, resumeRestoreAction, retryRemovalAction, runRestoreAction, undoRestoreAction } from "../actions";

export const metadata = { title: "Restore" };

export default async function RestorePage({ params }: { params: Promise<{ workspaceId: string; restoreId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { restoreId } = await params;
  const restore = await load(() => getRestore(actor, workspace.id, restoreId));
  return (
    <RestoreLive
      url={`/api/w/${workspace.id}/restores/${restore.id}/events`}
      initial={shownRestore(restore)}
      base={base}
      plannerOrigin={config().plannerOrigin}
      actions={may("restore.run") ? {
        run: restore.planHash ? runRestoreAction.bind(null, workspace.id, restore.id, restore.planHash) : null,
        cancel: cancelRestoreAction.bind(null, workspace.id, restore.id),
        resume: resumeRestoreAction.bind(null, workspace.id, restore.id),
        removePlan: retryRemovalAction.bind(null, workspace.id, restore.id),
        undo: undoRestoreAction.bind(null, workspace.id, restore.id),
        connect: connectForRestoreAction.bind(null, workspace.id, restore.connectionId, restore.tid),
        create: createRestoreAction.bind(null, workspace.id),
      } : null}
    />
  );
}
