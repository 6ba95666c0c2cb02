import { RunLive } from "@/components/run/run-live";
import { getRun } from "@/lib/workspaces";
import { load } from "../../../../load";
import { pageContext } from "../../../../page-context";
import { cancelRunAction } from "../actions";

export const metadata = { title: "Run" };

export default async function RunPage({ params }: { params: Promise<{ workspaceId: string; runId: string }> }) {
  const { actor, workspace, base, may } = await pageContext(params);
  const { runId } = await params;
  const run = await load(() => getRun(actor, workspace.id, runId));
  return <RunLive url={`/api/w/${workspace.id}/runs/${run.id}/events`} initial={run} base={base} cancel={may("backup.run") ? cancelRunAction.bind(null, workspace.id, run.id) : null} />;
}
