/** The archive of plans (beta): what is in it can only be read. https://learn.microsoft.com/graph/api/plannerplan-archive */
import type { LivePlan } from "../live";
import type { Planning } from "./context";
import type { Draft } from "./draft";

export const JUSTIFICATION = "Restored by Planback";

/** Before everything else: all operations that are added later wait for it. */
export function unarchive(draft: Draft, source: string, { content: { plan }, etags }: LivePlan): void {
  draft.first = draft.add("unarchive_plan", {
    source, label: `Take plan “${plan.title}” out of the archive`, liveId: plan.id, ifMatch: etags.plan, version: "beta",
    body: { justification: JUSTIFICATION }, changes: [{ field: "Archived", from: "Yes", to: null }],
  });
}

/** Whether the plan shall be in the archive when the restore is done; null: not known. */
function archivedAfterwards({ snapshot, choice, live }: Planning): boolean | null {
  return (choice.plan.has("archived") && snapshot.plan.isArchived !== undefined && (!live.plan || live.plan.content.plan.id === snapshot.plan.id) ? snapshot.plan.isArchived : live.plan?.content.plan.isArchived) ?? null;
}

export const changesArchive = (planning: Planning, live: LivePlan): boolean => archivedAfterwards(planning) !== (live.content.plan.isArchived ?? null);

/**
 * Last of all. A plan that was in the archive goes back whatever failed. One that was not goes there when all is done: what
 * failed could not be compared with the preview any more, because the archive changes every etag.
 */
export function archiveAgain(planning: Planning): void {
  const { draft, snapshot, live, extras } = planning;
  if (!extras || archivedAfterwards(planning) !== true) return;
  const plan = draft.operations.find(({ kind }) => kind === "create_plan");
  const standing = live.plan?.content.plan;
  if (standing?.isArchived === true && draft.operations.length === 0) return;
  draft.add("archive_plan", {
    source: snapshot.plan.id, label: "Put the plan into the archive", version: "beta",
    ...(plan ? { on: { $ref: plan.seq, field: "id" } } : { liveId: standing?.id }),
    ...(standing && standing.isArchived !== true ? { after: leaves(draft) } : { after: [plan?.seq], afterSettled: leaves(draft) }),
    body: { justification: (standing ?? snapshot.plan).archivalInfo?.justification ?? JUSTIFICATION }, changes: [{ field: "Archived", from: null, to: "Yes" }],
  });
}

/** When these have ended, everything has, also what is made up for when an upload or a membership comes late. */
function leaves({ operations }: Draft): number[] {
  const waited = new Set(operations.flatMap(({ after }) => after));
  return operations.flatMap(({ seq }) => (waited.has(seq) ? [] : [seq]));
}
