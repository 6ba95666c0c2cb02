/** A plan as it is in Microsoft 365 at this moment: asked of the worker, which alone talks to Microsoft 365. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { SnapshotCounts } from "@/lib/repository/types";
import { recordReading } from "./audit";
import { asMember, inWorkspace } from "./authorise";
import { openJson } from "./keys";
import { findPlan, VISIBLE } from "./plans";
import { PLACE, type LiveContent } from "./sealed";
import type { Actor } from "./types";

/** Above this, reading may take longer than somebody waits. */
const MOST_TASKS = 2_400;
const PATIENCE_MS = 60_000;
const LOOK_MS = 250;
/** Readings that nobody fetched. */
const FORGOTTEN_MS = 10 * 60_000;

/**
 * Planner's own parts of the plan: no comments, no files, no people. Throws `conflict` when the plan is too large to wait
 * for or cannot be read, with the reason in words.
 */
export async function readLive(actor: Actor, workspaceId: string, planId: string): Promise<LiveContent> {
  const id = randomUUID();
  const me = await inWorkspace(actor, workspaceId, "content.view", async (tx, me) => {
    await findPlan(tx, me.workspaceId, planId);
    const newest = await tx.snapshot.findFirst({ where: { workspaceId: me.workspaceId, planId, ...VISIBLE }, orderBy: { takenAt: "desc" }, select: { counts: true } });
    const tasks = (newest?.counts as unknown as SnapshotCounts | null)?.records?.task ?? 0;
    if (tasks > MOST_TASKS) throw new PlanbackError("conflict", `With ${tasks.toLocaleString("en")} tasks this plan takes minutes to read as it is now. Back it up now and compare with that backup instead. Nothing was changed.`);
    await tx.liveReading.deleteMany({ where: { workspaceId: me.workspaceId, createdAt: { lt: new Date(Date.now() - FORGOTTEN_MS) } } });
    await tx.liveReading.create({ data: { workspaceId: me.workspaceId, id, planId, state: "waiting" } });
    await send("read-plan", { workspaceId: me.workspaceId, readingId: id }, { tx });
    await recordReading(tx, me.workspaceId, actor, { action: "plan.read_live", target: { kind: "plan", id: planId } });
    return me;
  });
  const ws = me.workspaceId;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(LOOK_MS)) {
    const row = await asMember(me, (tx) => tx.liveReading.findUnique({ where: { workspaceId_id: { workspaceId: ws, id } } }));
    if (row?.state === "waiting") continue;
    await asMember(me, (tx) => tx.liveReading.deleteMany({ where: { workspaceId: ws, id } }));
    if (row?.sealedContent) return openJson<LiveContent>(ws, "content", PLACE.liveContent(id), row.sealedContent);
    throw new PlanbackError("conflict", row?.problem ?? "The reading was interrupted. Try again. Nothing was changed.");
  }
  throw new PlanbackError("conflict", "The plan was not read within a minute: Microsoft 365 is slow, or no worker is running. Try again later, or compare two snapshots. Nothing was changed.");
}
