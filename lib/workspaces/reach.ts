/**
 * Whose content a member sees: that of all groups, or of chosen ones. The database hides rows of the others
 * (prisma/migrations/0014_grants); here is the same for what is sealed into one value with them. Pure.
 */
import type { StoredSelection } from "./selection";
import type { Catalogue } from "./types";

/** Ids of groups; null: all, those to come too. */
export type Reach = readonly string[] | null;

export const EVERYWHERE: Reach = null;

export function reaches(groups: Reach, groupId: string): boolean {
  return groups === null || groups.includes(groupId.toLowerCase());
}

/** True when a policy with this selection protects something within reach. */
export function touches(groups: Reach, selection: StoredSelection): boolean {
  return groups === null || selection.groups.some((group) => reaches(groups, group.groupId));
}

/** The part of a selection within reach, and the rest. */
export function splitSelection(groups: Reach, selection: StoredSelection): { seen: StoredSelection; hidden: StoredSelection } {
  const isSeen = ({ groupId }: { groupId: string }) => reaches(groups, groupId);
  return { seen: { groups: selection.groups.filter(isSeen) }, hidden: { groups: selection.groups.filter((group) => !isSeen(group)) } };
}

/** Plans of no group are for those who see all. */
export function limitCatalogue(groups: Reach, catalogue: Catalogue): Catalogue {
  return groups === null ? catalogue : { readAt: catalogue.readAt, groups: catalogue.groups.filter((group) => reaches(groups, group.id)) };
}

/** As members and invitations keep it. */
interface ReachColumns { allGroups: boolean; groups: string[] }
export const reachOf = (row: ReachColumns): Reach => (row.allGroups ? EVERYWHERE : row.groups);
export const columnsOf = (groups: Reach): ReachColumns => ({ allGroups: groups === null, groups: [...(groups ?? [])] });

/** As the activity log has it. */
export const groupsDetail = (groups: Reach): { groups: "all" | string[] } => ({ groups: groups ? [...groups] : "all" });
