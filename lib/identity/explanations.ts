import { scopesToAsk, type Grant } from "./scopes";
import type { CloudConfig } from "@/lib/config";

/** One permission in words for the admin who is asked to grant it. */
export interface PermissionExplanation {
  name: string;
  why: string;
  allows: string;
  doesNot: string;
}

/** Same order as scopesOf(); every scope that Planback asks for has an entry (held by a test). */
const EXPLANATIONS: readonly PermissionExplanation[] = [
  {
    name: "Group.Read.All",
    why: "Plans, their tasks and comments belong to Microsoft 365 groups. So do the files attached to tasks.",
    allows: "Read the groups, plans, tasks, comments and attached files that the connection account can open itself.",
    doesNot: "Change or delete anything, or open groups that the connection account is not in.",
  },
  {
    name: "User.ReadBasic.All",
    why: "Tasks name their assignees by id only. A backup that shows people needs their names.",
    allows: "Read the name, e-mail address and user name of people in the organization.",
    doesNot: "Read full profiles, mail, calendars or files of people.",
  },
  {
    name: "Directory.Read.All",
    why: "Planback shows which groups the connection account is in and which not, and whether it has the licence that comments need.",
    allows: "Read memberships, the organization's name and the connection account's licences.",
    doesNot: "Change the directory, or read mail and documents.",
  },
  {
    name: "Tasks.Read",
    why: "The chat of a task, and plans that belong to no group, are shown with this permission only.",
    allows: "Read the tasks and task lists that the connection account can open itself.",
    doesNot: "Change anything, or read tasks of people who share nothing with the connection account.",
  },
  {
    name: "Group.ReadWrite.All",
    why: "A restore creates plans, buckets, tasks and comments in a group, and adds assignees to it as members if you agree.",
    allows: "Create and change plans, tasks, comments and members in groups where the connection account may do so itself.",
    doesNot: "Run on its own: a restore starts only when a person starts it, and the sign-in for it is erased after eight hours, unless somebody puts restore drills on a schedule.",
  },
  {
    name: "Sites.ReadWrite.All",
    why: "Files attached to tasks live in the group's SharePoint site. A restore puts missing ones back there.",
    allows: "Upload files to the sites of groups that the connection account can write to.",
    doesNot: "Delete sites or files, or reach sites that the connection account cannot reach.",
  },
  {
    name: "Tasks.ReadWrite",
    why: "An archived plan must be taken out of the archive to restore into it, and a restored one can be archived again.",
    allows: "Create and change tasks and plans where the connection account may do so itself.",
    doesNot: "Run on its own: a restore starts only when a person starts it, and the sign-in for it is erased after eight hours, unless somebody puts restore drills on a schedule.",
  },
];

/** Application permissions: the same names mean more, as nobody's own access narrows them. */
const OF_THE_APPLICATION: readonly PermissionExplanation[] = [
  {
    name: "Tasks.Read.All",
    why: "Planner shows its plans to an application with this permission only.",
    allows: "Read every plan and task of the organization, also in private groups, at any time, without anybody signing in.",
    doesNot: "Create, change or delete anything, or read the chat of a task.",
  },
  {
    name: "Group.Read.All",
    why: "Plans belong to Microsoft 365 groups. So do the comments on tasks and the files attached to them.",
    allows: "Read every group: its members, conversations and calendar, and the files in its library. Planback reads the conversations and files that tasks name, and no calendar.",
    doesNot: "Change a group, or open OneDrive files and mailboxes of people.",
  },
  {
    name: "User.ReadBasic.All",
    why: "Tasks name their assignees by id only. A backup that shows people needs their names.",
    allows: "Read the name, e-mail address and user name of people in the organization.",
    doesNot: "Read full profiles, mail, calendars or files of people.",
  },
  {
    name: "Member.Read.Hidden",
    why: "Without it a group with hidden membership seems to have no members, and a backup of it would say so.",
    allows: "Read who is in groups that hide their members.",
    doesNot: "Change memberships.",
  },
];

/** The permissions that a consent asks for, explained. */
export function explainPermissions(config: Pick<CloudConfig, "apps">, purpose: Grant): PermissionExplanation[] {
  return scopesToAsk(config, purpose).map((name) => {
    const found = (purpose === "app_only" ? OF_THE_APPLICATION : EXPLANATIONS).find((each) => each.name === name);
    if (!found) throw new Error(`The permission ${name} has no explanation.`);
    return found;
  });
}

/** Roles that can grant delegated permissions for the whole organization. */
export const GRANTING_ROLES: readonly string[] = ["Global Administrator", "Privileged Role Administrator", "Cloud Application Administrator", "Application Administrator"];

/**
 * Roles that can grant application permissions of Microsoft Graph, by template id.
 * https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
 */
export const APP_GRANTING_ROLES: Readonly<Record<string, string>> = {
  "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
  "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
};
