"use client";

import { useState } from "react";
import type { ActionResult } from "@/components/action-result";
import { initials } from "@/components/board/initials";
import { ActionButton } from "@/components/ui/action-button";
import { Select } from "@/components/ui/field";
import { Time } from "@/components/ui/time";
import type { GroupView, MemberView, Role } from "@/lib/workspaces/types";
import { GroupsButton } from "./groups-button";
import { ROLE_NAMES } from "./roles";

interface MemberRowProps {
  member: MemberView;
  /** Roles that may be given; null: only shown. */
  roles: Role[] | null;
  /** Groups that may be chosen for the member; null: not by this person. */
  groups: GroupView[] | null;
  /** Where the person signs in once more before choosing groups. */
  stepUp: string | null;
  changeGroups: (groups: string[] | null) => Promise<ActionResult>;
  changeRole: (role: Role) => Promise<ActionResult>;
  remove: () => Promise<ActionResult>;
  /** Makes the member an owner in one's own place; null where that cannot be. */
  transfer: (() => Promise<ActionResult>) | null;
}

export function MemberRow({ member, roles, groups, stepUp, changeGroups, changeRole, remove, transfer }: MemberRowProps) {
  const [chosen, setChosen] = useState<Role | null>(null);
  const role = chosen ?? member.role;
  const change = async () => {
    const result = await changeRole(role);
    if (result.ok) setChosen(null);
    return result;
  };
  return (
    <li className="px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span aria-hidden className="flex size-8 items-center justify-center rounded-full bg-subtle text-xs font-semibold text-muted">{initials(member.name)}</span>
        <span className="min-w-0 flex-1 basis-48">
          <span className="block truncate font-medium">{member.name}{member.isYou ? " (you)" : ""}</span>
          <span className="block text-[0.8125rem] text-muted [overflow-wrap:anywhere]">{member.username}, since <Time value={member.joinedAt} dateOnly /></span>
        </span>
        {groups ? <GroupsButton stepUp={stepUp} whose={member.name} known={groups} value={member.isLimited ? member.groups ?? [] : null} apply={changeGroups} /> : member.isLimited ? <span className="text-muted">Some groups</span> : null}
        {roles ? (
          <>
            <Select aria-label={`Role of ${member.name}`} value={role} onChange={(event) => setChosen(event.target.value as Role)}>{roles.map((each) => <option key={each} value={each}>{ROLE_NAMES[each]}</option>)}</Select>
            {role === member.role ? null : <ActionButton action={change} aria-label={`Change the role of ${member.name}`}>Change role</ActionButton>}
            {transfer ? <ActionButton variant="ghost" action={transfer} aria-label={`Hand over to ${member.name}`} question={{ title: `Hand the workspace over to ${member.name}?`, text: "They become its owner, and you an admin. Only they can make you owner again.", confirm: "Hand over", keep: "Stay owner" }}>Hand over…</ActionButton> : null}
            <ActionButton variant="ghost" action={remove} aria-label={member.isYou ? "Leave the workspace" : `Remove ${member.name}`} question={{ title: member.isYou ? "Leave this workspace?" : `Remove ${member.name}?`, text: "Access ends at once. Backups and policies stay.", confirm: member.isYou ? "Leave workspace" : "Remove member" }}>{member.isYou ? "Leave…" : "Remove…"}</ActionButton>
          </>
        ) : <span className="text-muted">{ROLE_NAMES[member.role]}</span>}
      </div>
    </li>
  );
}
