"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { cancelDeletion, changeGroups, changeRole, createInvitation, removeMember, renameWorkspace, requestDeletion, revokeInvitation, transferOwnership } from "@/lib/workspaces";
import type { Role } from "@/lib/workspaces/types";
import { action } from "../../../action";
import { requireActor } from "../../../session";

export async function createInvitationAction(workspaceId: string, role: Role, email?: string, groups?: string[] | null) {
  return action(async () => {
    const invitation = await createInvitation(await requireActor(), workspaceId, { role, email: email || null, groups: groups ?? null });
    revalidatePath(`/w/${workspaceId}/members`);
    return invitation;
  });
}

export async function revokeInvitationAction(workspaceId: string, invitationId: string) {
  return action(async () => {
    await revokeInvitation(await requireActor(), workspaceId, invitationId);
    revalidatePath(`/w/${workspaceId}/members`);
  });
}

export async function changeRoleAction(workspaceId: string, memberId: string, role: Role) {
  return action(async () => {
    await changeRole(await requireActor(), workspaceId, memberId, role);
    revalidatePath(`/w/${workspaceId}`, "layout");
  });
}

/** `groups`: null for all. */
export async function changeGroupsAction(workspaceId: string, memberId: string, groups: string[] | null) {
  return action(async () => {
    await changeGroups(await requireActor(), workspaceId, memberId, groups);
    revalidatePath(`/w/${workspaceId}`, "layout");
  });
}

export async function transferOwnershipAction(workspaceId: string, memberId: string) {
  return action(async () => {
    await transferOwnership(await requireActor(), workspaceId, memberId);
    revalidatePath(`/w/${workspaceId}`, "layout");
  });
}

/** `leaving`: the person removes himself, and sees this workspace no more. */
export async function removeMemberAction(workspaceId: string, memberId: string, leaving: boolean) {
  return action(async () => {
    await removeMember(await requireActor(), workspaceId, memberId);
    if (leaving) redirect("/");
    revalidatePath(`/w/${workspaceId}`, "layout");
  });
}

export async function renameWorkspaceAction(workspaceId: string, name: string) {
  return action(async () => {
    await renameWorkspace(await requireActor(), workspaceId, name);
    revalidatePath(`/w/${workspaceId}`, "layout");
  });
}

export async function requestDeletionAction(workspaceId: string, typedName: string) {
  return action(async () => {
    await requestDeletion(await requireActor(), workspaceId, typedName);
    revalidatePath(`/w/${workspaceId}`, "layout");
  });
}

export async function cancelDeletionAction(workspaceId: string) {
  return action(async () => {
    await cancelDeletion(await requireActor(), workspaceId);
    revalidatePath(`/w/${workspaceId}`, "layout");
  });
}
