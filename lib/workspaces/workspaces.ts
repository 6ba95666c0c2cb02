import { randomUUID } from "node:crypto";
import { config } from "@/lib/config";
import { withIdentity, withWorkspace, type Tx } from "@/lib/db";
import { schedule } from "@/lib/db/queue";
import type { Workspace } from "@/lib/generated/prisma/client";
import { record } from "./audit";
import { inWorkspace } from "./authorise";
import { nameOf, parseInput } from "./input";
import { createKeys } from "./keys";
import { ROLE_PERMISSIONS } from "./roles";
import type { Actor, Role, WorkspaceView } from "./types";

const nameInput = nameOf("workspace", 120);

/** The workspaces that the actor is a member of, by name. */
export async function listWorkspaces(actor: Actor): Promise<WorkspaceView[]> {
  return withIdentity(actor.tid, actor.oid, async (tx) => {
    const members = await tx.member.findMany({ where: { tid: actor.tid, oid: actor.oid } });
    const workspaces = await tx.workspace.findMany({ where: { id: { in: members.map((m) => m.workspaceId) } }, orderBy: [{ name: "asc" }, { id: "asc" }] });
    const mine = new Map(members.map((m) => [m.workspaceId, m]));
    return workspaces.map((row) => view(row, (mine.get(row.id)?.role ?? "viewer") as Role, !mine.get(row.id)?.allGroups));
  });
}

/** Makes a workspace with its keys; the actor becomes its owner. */
export async function createWorkspace(actor: Actor, input: { name: string }): Promise<WorkspaceView> {
  const name = parseInput(nameInput, input.name);
  const id = randomUUID();
  return withWorkspace(id, async (tx) => {
    const row = await tx.workspace.create({ data: { id, name, place: config().storage.main } });
    await createKeys(tx, id);
    await tx.member.create({
      data: { workspaceId: id, id: randomUUID(), tid: actor.tid, oid: actor.oid, name: actor.name, username: actor.username, role: "owner" },
    });
    await scheduleWatch(tx, id);
    await record(tx, id, actor, { action: "workspace.created", detail: { name } });
    return view(row, "owner", false);
  });
}

export async function getWorkspace(actor: Actor, workspaceId: string): Promise<WorkspaceView> {
  return inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    return view(await tx.workspace.findUniqueOrThrow({ where: { id: me.workspaceId } }), me.role, me.groups !== null);
  });
}

export async function renameWorkspace(actor: Actor, workspaceId: string, newName: string): Promise<void> {
  await inWorkspace(actor, workspaceId, "member.manage", async (tx, me) => {
    const name = parseInput(nameInput, newName);
    await tx.workspace.update({ where: { id: me.workspaceId }, data: { name } });
    await record(tx, me.workspaceId, actor, { action: "workspace.renamed", detail: { name } });
  });
}

/** Every five minutes, and not all workspaces in the same one. */
export function scheduleWatch(tx: Tx, workspaceId: string): Promise<void> {
  return schedule("watch", workspaceId, `${parseInt(workspaceId.slice(0, 4), 16) % 5}-59/5 * * * *`, { workspaceId }, tx);
}

function view({ id, name, deleteAt, deleteAskedBy }: Workspace, role: Role, isLimited: boolean): WorkspaceView {
  return { id, name, role, permissions: [...ROLE_PERMISSIONS[role]], isLimited, deletion: deleteAt && { at: deleteAt.toISOString(), askedBy: deleteAskedBy ?? "" } };
}
