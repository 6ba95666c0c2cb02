/** New keys for a workspace, while everything goes on: what is sealed from now on is sealed with them, and old ones still open. docs/keys.md */
import { send } from "@/lib/db/queue";
import { record } from "./audit";
import { inWorkspace, requireFresh } from "./authorise";
import { addKey, forgetKeys } from "./keys";
import { lockKit, writeKit } from "./kit";
import type { Actor, KeysView } from "./types";

/** Two presses are one rotation. */
const PRESS_MS = 60_000;
/** The index key is not rotated: it seals nothing, and another one would store everything anew. */
const ROTATED = ["content", "token"] as const;

/** How old the keys of a workspace are, and when its rows were last copied into its storage. */
export function getKeys(actor: Actor, workspaceId: string): Promise<KeysView> {
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const rows = await tx.workspaceKey.findMany({ where: { workspaceId: me.workspaceId, purpose: { in: [...ROTATED] } }, orderBy: { version: "desc" }, select: { version: true, purpose: true, createdAt: true, resealedAt: true } });
    const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: me.workspaceId }, select: { copiedAt: true, createdAt: true } });
    const current = ROTATED.flatMap((purpose) => rows.find((row) => row.purpose === purpose) ?? []);
    return {
      version: current[0]?.version ?? 0, since: (current[0]?.createdAt ?? workspace.createdAt).toISOString(),
      isResealing: current.some(({ version, resealedAt }) => version > 1 && resealedAt === null), copiedAt: workspace.copiedAt?.toISOString() ?? null,
    };
  });
}

/** Makes new keys for content and tokens, and lays them beside the snapshots before anything is sealed with them. */
export async function rotateKeys(actor: Actor, workspaceId: string): Promise<void> {
  const id = await inWorkspace(actor, workspaceId, "key.rotate", async (tx, me) => {
    requireFresh(actor);
    await lockKit(tx, me.workspaceId);
    const rows = await tx.workspaceKey.findMany({ where: { workspaceId: me.workspaceId }, select: { purpose: true, version: true, createdAt: true } });
    const newestOf = (purpose: string) => Math.max(...rows.filter((row) => row.purpose === purpose).map(({ version }) => version));
    if (rows.some(({ version, createdAt }) => version > 1 && Date.now() - createdAt.getTime() < PRESS_MS)) return me.workspaceId;
    const version = newestOf("content") + 1;
    await addKey(tx, me.workspaceId, "content", version);
    await addKey(tx, me.workspaceId, "token", newestOf("token") + 1);
    await writeKit(tx, me.workspaceId);
    await send("key-care", { workspaceId: me.workspaceId }, { tx });
    await record(tx, me.workspaceId, actor, { action: "workspace.keys_rotated", detail: { version } });
    return me.workspaceId;
  });
  forgetKeys(id);
}
