/**
 * Which permissions each call accepts: any one is enough. From the Graph permissions reference
 * (https://learn.microsoft.com/graph/permissions-reference); permissions of no use to this product are left out.
 */
interface Permissions {
  delegated: string[];
  application: string[];
}

const both = (...permissions: string[]): Permissions => ({ delegated: permissions, application: permissions });

const DIRECTORY_READ = ["Directory.Read.All", "Directory.ReadWrite.All"];
const USERS = [...DIRECTORY_READ, "User.Read.All", "User.ReadWrite.All"];
const FILES_READ_APP = ["Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All"];
const FILES_WRITE_APP = ["Files.ReadWrite.All", "Sites.ReadWrite.All"];
const files = (application: string[], ...mine: string[]): Permissions => ({ delegated: [...application, ...mine], application });

export const PERMISSIONS = {
  me: { delegated: [...USERS, "User.Read", "User.ReadBasic.All", "User.ReadWrite"], application: [] },
  users: both(...USERS, "User.ReadBasic.All"),
  user: { delegated: [...USERS, "User.ReadBasic.All", "User.Read"], application: [...USERS, "User.ReadBasic.All"] },
  myMemberOf: { delegated: [...DIRECTORY_READ, "Group.Read.All", "Group.ReadBasic.All", "GroupMember.Read.All", "GroupMember.ReadBasic.All", "User.Read", "User.Read.All"], application: [] },
  userMemberOf: {
    delegated: [...DIRECTORY_READ, "Group.Read.All", "Group.ReadBasic.All", "GroupMember.Read.All", "GroupMember.ReadBasic.All", "User.Read"],
    application: [...DIRECTORY_READ, "Group.ReadBasic.All", "GroupMember.ReadBasic.All"],
  },
  myOwnedObjects: { delegated: [...USERS, "User.Read", "Group.Read.All"], application: [] },
  myLicences: { delegated: [...USERS, "LicenseAssignment.Read.All", "User.Read"], application: [] },
  userLicences: { delegated: [...USERS, "LicenseAssignment.Read.All", "User.Read"], application: [...USERS, "LicenseAssignment.Read.All"] },
  organization: { delegated: [...DIRECTORY_READ, "Organization.Read.All", "User.Read", "User.Read.All"], application: [...DIRECTORY_READ, "Organization.Read.All", "User.Read.All"] },
  subscribedSkus: both(...DIRECTORY_READ, "Organization.Read.All", "LicenseAssignment.Read.All"),
  permissionGrants: both(...DIRECTORY_READ, "DelegatedPermissionGrant.ReadWrite.All"),
  servicePrincipals: both(...DIRECTORY_READ, "Application.Read.All"),
  groupsRead: both(...DIRECTORY_READ, "Group.Read.All", "Group.ReadBasic.All", "Group.ReadWrite.All", "GroupMember.Read.All"),
  groupCreate: { delegated: ["Directory.ReadWrite.All", "Group.ReadWrite.All"], application: ["Directory.ReadWrite.All", "Group.Create", "Group.ReadWrite.All"] },
  groupUpdate: both("Directory.ReadWrite.All", "Group.ReadWrite.All"),
  groupDelete: both("Group.ReadWrite.All"),
  membersRead: both("Directory.Read.All", "Group.Read.All", "Group.ReadBasic.All", "Group.ReadWrite.All", "GroupMember.Read.All", "GroupMember.ReadBasic.All", "GroupMember.ReadWrite.All"),
  ownersRead: both("Directory.Read.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All", "GroupMember.ReadWrite.All"),
  membersWrite: both("Directory.ReadWrite.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All"),
  ownersWrite: both("Directory.ReadWrite.All", "Group.ReadWrite.All"),
  threadsRead: both("Group-Conversation.Read.All", "Group-Conversation.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All"),
  /** Delegated only: https://learn.microsoft.com/graph/api/group-post-threads */
  threadsWrite: { delegated: ["Group-Conversation.ReadWrite.All", "Group.ReadWrite.All"], application: [] },
  threadsDelete: both("Group-Conversation.ReadWrite.All", "Group.ReadWrite.All"),
  drive: files(FILES_READ_APP, "Files.Read", "Files.ReadWrite"),
  /** Items of a group's drive are also readable with the group permissions; the drive and its contents are not. */
  driveItem: files([...FILES_READ_APP, "Group.Read.All", "Group.ReadWrite.All"], "Files.Read", "Files.ReadWrite"),
  driveContent: files(FILES_READ_APP, "Files.Read", "Files.ReadWrite"),
  driveWrite: files(FILES_WRITE_APP, "Files.ReadWrite"),
  uploadSession: { delegated: ["Files.ReadWrite", ...FILES_WRITE_APP], application: ["Sites.ReadWrite.All"] },
  shares: files(FILES_WRITE_APP, "Files.ReadWrite"),
} satisfies Record<string, Permissions>;
