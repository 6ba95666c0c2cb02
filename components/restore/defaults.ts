import { cutTo } from "@/lib/planner/cut";
import type { SnapshotContent } from "@/lib/planner/types";
import type { RestoreTargets } from "@/lib/workspaces/types";
import type { Choices } from "./choices";
import { NOTHING } from "./items";

interface Facts { content: Pick<SnapshotContent, "group">; planTitle: string; tid: string; targets: RestoreTargets; /** 2027-03-01 */ today: string }

/** What the form says before anybody chose: a new plan beside what exists, in the same group, touching nothing. Pure. */
export function defaultChoices({ content: { group }, planTitle, tid, targets, today }: Facts): Choices {
  const { connections } = targets;
  const accounts = connections.filter(({ kind }) => kind === "account");
  const account = accounts.find((each) => each.tid === tid && each.restoreState === "active") ?? accounts.find((each) => each.tid === tid)
    ?? accounts.find((each) => each.restoreState === "active") ?? connections[0];
  const restored = (text: string) => `${cutTo(200, text)} (restored ${today})`;
  const groupGone = !targets.groups.some(({ id }) => id === targets.sourceGroupId);
  const nickname = (group?.mailNickname ?? "").replace(/[^A-Za-z0-9._-]/g, "") || "restored-plan";
  return {
    what: "all", selection: NOTHING, connectionId: account?.id ?? "", where: "new_plan", added: "keep", groupId: targets.sourceGroupId, planId: "",
    title: restored(planTitle),
    groupName: groupGone && group ? group.displayName : restored(group?.displayName ?? planTitle),
    mailNickname: groupGone ? nickname : `${nickname.slice(0, 54)}-restored`,
    visibility: group?.visibility === "Public" ? "Public" : "Private",
    people: {}, unmatched: "drop", addMembers: false, comments: "none",
  };
}
