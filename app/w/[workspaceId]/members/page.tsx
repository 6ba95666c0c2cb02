import { DeleteWorkspace } from "@/components/shell/deletion";
import { InviteForm } from "@/components/shell/invite-form";
import { MemberRow } from "@/components/shell/member-row";
import { RenameForm } from "@/components/shell/rename-form";
import { RightsTable } from "@/components/shell/rights";
import { ROLE_NAMES } from "@/components/shell/roles";
import { ActionButton } from "@/components/ui/action-button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { canMailInvitations, listGroups, listInvitations, listMembers } from "@/lib/workspaces";
import type { Role } from "@/lib/workspaces/types";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { changeGroupsAction, changeRoleAction, createInvitationAction, removeMemberAction, renameWorkspaceAction, requestDeletionAction, revokeInvitationAction, transferOwnershipAction } from "./actions";

export const metadata = { title: "Members" };

const MAIL = { queued: "e-mail on its way", sent: "sent by e-mail", failed: "its e-mail could not be delivered: withdraw it and make a new one" };

export default async function MembersPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, may, stepUp: stepUpOf } = await pageContext(params);
  const manage = may("member.manage");
  // Who sees some groups only cannot choose them for others.
  const choose = manage && !workspace.isLimited;
  const [members, invitations, groups] = await load(() => Promise.all([listMembers(actor, workspace.id), manage ? listInvitations(actor, workspace.id) : [], choose ? listGroups(actor, workspace.id) : []]));
  const stepUp = await stepUpOf();
  const roles = (Object.keys(ROLE_NAMES) as Role[]).filter((role) => role !== "owner" || workspace.role === "owner");
  return (
    <>
      <PageHeader title="Members">Being in the same Microsoft tenant gives no access: people join by an invitation link.</PageHeader>
      <div className="space-y-6">
        <Card aria-labelledby="members-title">
          <CardHeader id="members-title" title={plural(members.length, "member")} />
          <ul className="divide-y divide-line">
            {members.map((member) => (
              <MemberRow key={member.id} member={member} groups={choose && member.role !== "owner" ? groups : null} stepUp={stepUp} changeGroups={changeGroupsAction.bind(null, workspace.id, member.id)} roles={manage && (member.role !== "owner" || workspace.role === "owner") ? roles : null} changeRole={changeRoleAction.bind(null, workspace.id, member.id)} remove={removeMemberAction.bind(null, workspace.id, member.id, member.isYou)} transfer={workspace.role === "owner" && !member.isYou && member.role !== "owner" ? transferOwnershipAction.bind(null, workspace.id, member.id) : null} />
            ))}
          </ul>
        </Card>
        {manage ? (
          <Card aria-labelledby="invite-title">
            <CardHeader id="invite-title" title="Invite">A link for one person. It works once, for seven days.</CardHeader>
            <CardBody><InviteForm roles={roles} groups={choose ? groups : null} canMail={canMailInvitations()} create={createInvitationAction.bind(null, workspace.id)} /></CardBody>
            {invitations.length > 0 ? (
              <ul aria-label="Open invitations" className="divide-y divide-line border-t border-line">
                {invitations.map((invitation) => (
                  <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-5">
                    <span className="min-w-0 flex-1 basis-56">Invitation as {ROLE_NAMES[invitation.role]}{invitation.isLimited ? `, ${invitation.groups.length > 0 ? plural(invitation.groups.length, "group") : "your groups"}` : ""}<span className="block text-[0.8125rem] text-muted">Made <Time value={invitation.createdAt} relative />, valid until <Time value={invitation.expiresAt} />{invitation.mail ? `, ${MAIL[invitation.mail]}` : ""}</span></span>
                    <ActionButton size="small" action={revokeInvitationAction.bind(null, workspace.id, invitation.id)}>Withdraw</ActionButton>
                  </li>
                ))}
              </ul>
            ) : null}
          </Card>
        ) : null}
        <Card aria-labelledby="roles-title">
          <CardHeader id="roles-title" title="What each role may do" />
          <CardBody>
            <RightsTable />
            <p className="mt-3 text-muted">Whose content: that of all groups, or of groups that an owner or admin has chosen for the member. Owners see all.</p>
          </CardBody>
        </Card>
        {manage ? <Card aria-labelledby="name-title"><CardHeader id="name-title" title="Workspace" /><CardBody><RenameForm name={workspace.name} rename={renameWorkspaceAction.bind(null, workspace.id)} /></CardBody></Card> : null}
        {may("workspace.delete") && !workspace.deletion ? <DeleteWorkspace name={workspace.name} remove={requestDeletionAction.bind(null, workspace.id)} /> : null}
      </div>
    </>
  );
}
