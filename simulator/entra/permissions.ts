/**
 * Microsoft Graph permissions that the simulator knows, with the words that Microsoft's consent screens use.
 * From https://learn.microsoft.com/graph/permissions-reference.
 */
export interface GraphPermission {
  name: string;
  /** Shown to an admin. */
  title: string;
  /** Shown to a user who consents for himself. */
  userTitle: string;
  text: string;
  /** Who may grant the delegated permission; null: exists only as an application permission. */
  delegated: "user" | "admin" | null;
  application: boolean;
}

const rows: [name: string, title: string, userTitle: string, text: string, delegated: "user" | "admin" | null, application: boolean][] = [
  ["Tasks.Read", "Read user's tasks and task lists", "Read your tasks and task lists", "Allows the app to read the signed-in user's tasks and task lists, including any shared with the user. Doesn't include permission to create, delete, or update anything.", "user", true],
  ["Tasks.ReadWrite", "Create, read, update, and delete user's tasks and task lists", "Create, read, update, and delete your tasks and task lists", "Allows the app to create, read, update, and delete the signed-in user's tasks and task lists, including any shared with the user.", "user", true],
  ["Tasks.Read.Shared", "Read user and shared tasks", "Read your and shared tasks", "Allows the app to read tasks a user has permissions to access, including their own and shared tasks.", "user", false],
  ["Tasks.ReadWrite.Shared", "Read and write user and shared tasks", "Read and write to your and shared tasks", "Allows the app to create, read, update, and delete tasks a user has permissions to, including their own and shared tasks.", "user", false],
  ["Tasks.Read.All", "Read all users' tasks and tasklist", "Read all users' tasks and tasklist", "Allows the app to read all users' tasks and task lists in your organization, without a signed-in user.", null, true],
  ["Tasks.ReadWrite.All", "Read and write all users' tasks and tasklists", "Read and write all users' tasks and tasklists", "Allows the app to create, read, update and delete all users' tasks and task lists in your organization, without a signed-in user", null, true],
  ["Group.Read.All", "Read all groups", "Read all groups", "Allows the app to list groups, and to read their properties and all group memberships on behalf of the signed-in user.  Also allows the app to read calendar, conversations, files, and other group content for all groups the signed-in user can access. ", "admin", true],
  ["Group.ReadWrite.All", "Read and write all groups", "Read and write all groups", "Allows the app to create groups and read all group properties and memberships on behalf of the signed-in user.  Additionally allows group owners to manage their groups and allows group members to update group content.", "admin", true],
  ["Group-Conversation.Read.All", "Read group conversations", "Read group conversations", "Allows the app to read group conversations that the signed-in user has access to.", "admin", true],
  ["Group-Conversation.ReadWrite.All", "Read and write group conversations", "Read and write group conversations", "Allows the app to read and write group conversations that the signed-in user has access to.", "admin", true],
  ["GroupMember.Read.All", "Read group memberships", "Read group memberships", "Allows the app to list groups, read basic group properties and read membership of all groups the signed-in user has access to.", "admin", true],
  ["GroupMember.ReadWrite.All", "Read and write group memberships", "Read and write group memberships", "Allows the app to list groups, read basic properties, read and update the membership of the groups the signed-in user has access to. Group properties and owners cannot be updated and groups cannot be deleted.", "admin", true],
  ["Member.Read.Hidden", "Read hidden memberships", "Read hidden memberships", "Allows the app to read the memberships of hidden groups and administrative units on behalf of the signed-in user, for those hidden groups and administrative units that the signed-in user has access to.", "admin", true],
  ["Group.Create", "Create groups", "Create groups", "Allows the app to create groups without a signed-in user.", null, true],
  ["Directory.Read.All", "Read directory data", "Read directory data", "Allows the app to read data in your organization's directory, such as users, groups and apps.", "admin", true],
  ["Directory.ReadWrite.All", "Read and write directory data", "Read and write directory data", "Allows the app to read and write data in your organization's directory, such as users, and groups.  It does not allow the app to delete users or groups, or reset user passwords but it does allow modification of recovery properties that may lead to account takeover.", "admin", true],
  ["User.Read", "Sign in and read user profile", "Sign you in and read your profile", "Allows users to sign-in to the app, and allows the app to read the profile of signed-in users. It also allows the app to read basic company information of signed-in users.", "user", false],
  ["User.ReadBasic.All", "Read all users' basic profiles", "Read all users' basic profiles", "Allows the app to read a basic set of profile properties of other users in your organization on behalf of the signed-in user. This includes display name, first and last name, email address, photo, id and security identifier. Also allows the app to read the full profile of the signed-in user.", "user", true],
  ["User.Read.All", "Read all users' full profiles and company properties", "Read all users' full profiles and company properties", "Allows the app to read the full set of user properties of all users in the organization and read company properties, on behalf of the signed-in user.", "admin", true],
  ["Files.Read", "Read user files", "Read your files", "Allows the app to read the signed-in user's files.", "user", false],
  ["Files.Read.All", "Read all files that user can access", "Read all files that you have access to", "Allows the app to read all files the signed-in user can access.", "user", true],
  ["Files.ReadWrite", "Have full access to user files", "Have full access to your files", "Allows the app to read, create, update and delete the signed-in user's files.", "user", false],
  ["Files.ReadWrite.All", "Have full access to all files user can access", "Have full access to all files you have access to", "Allows the app to read, create, update and delete all files the signed-in user can access.", "user", true],
  ["Sites.Read.All", "Read items in all site collections", "Read items in all site collections", "Allows the application to read documents and list  items in all site collections on behalf of the signed-in user", "user", true],
  ["Sites.ReadWrite.All", "Edit or delete items in all site collections", "Edit or delete items in all site collections", "Allows the application to edit or delete documents and list items in all site collections on behalf of the signed-in user.", "user", true],
  ["Sites.Selected", "Access selected Sites, on behalf of the signed-in user", "Access selected Sites, on behalf of the signed-in user", "Allow the application to access a subset of site collections on behalf of the signed-in user.  The specific site collections and the permissions granted will be configured in SharePoint Online.", "user", true],
  ["Organization.Read.All", "Read organization information", "Read organization information", "Allows the app to read the organization and related resources, on behalf of the signed-in user. Related resources include things like subscribed skus and tenant branding information.", "admin", true],
  ["LicenseAssignment.Read.All", "Read all license assignments.", "Read all license assignments.", "Allows an app to read license assignments for users and groups, on behalf of the signed-in user.", "user", true],
  ["DelegatedPermissionGrant.ReadWrite.All", "Manage all delegated permission grants", "Manage all delegated permission grants", "Allows the app to manage permission grants for delegated permissions exposed by any API (including Microsoft Graph), on behalf of the signed in user.", "admin", true],
  ["Application.Read.All", "Read applications", "Read applications", "Allows the app to read applications and service principals on behalf of the signed-in user.", "admin", true],
  ["Channel.ReadBasic.All", "Read the names and descriptions of channels", "Read the names and descriptions of channels", "Read channel names and channel descriptions, on behalf of the signed-in user.", "user", true],
  ["Team.ReadBasic.All", "Read the names and descriptions of teams", "Read the names and descriptions of teams", "Read the names and  descriptions of teams, on behalf of the signed-in user.", "user", true],
  ["TeamMember.Read.All", "Read the members of teams", "Read the members of teams", "Read the members of teams, on behalf of the signed-in user.", "admin", true],
  ["ChannelMessage.Read.All", "Read user channel messages", "Read your channel messages", "Allows an app to read a channel's messages in Microsoft Teams, on behalf of the signed-in user.", "admin", true],
  ["Mail.Send", "Send mail as a user ", "Send mail as you ", "Allows the app to send mail as users in the organization. ", "user", true],
  ["Files.ReadWrite.AppFolder", "Have full access to the application's folder (preview)", "Have full access to the application's folder", "(Preview) Allows the app to read, create, update and delete files in the application's folder.", "user", true],
  ["Files.SelectedOperations.Selected", "Access selected Files, on behalf of the signed-in user", "Access selected Files, on behalf of the signed-in user", "Allow the application to access files explicitly permissioned to the application on behalf of the signed in user.  The specific files and the permissions granted will be configured in SharePoint Online or OneDrive.", "user", true],
];

export const GRAPH_PERMISSIONS: ReadonlyMap<string, GraphPermission> = new Map(
  rows.map(([name, title, userTitle, text, delegated, application]) => [name, { name, title, userTitle, text, delegated, application }]),
);

/** OpenID Connect scopes: any user may grant them, and they never appear in `scp`. */
export const OIDC_SCOPES: ReadonlyMap<string, { title: string; text: string }> = new Map([
  ["openid", { title: "Sign you in", text: "Lets you sign in to the app with your work account." }],
  ["profile", { title: "View your basic profile", text: "Allows the app to see your basic profile (name, picture, user name)." }],
  ["email", { title: "View your email address", text: "Allows the app to read your primary email address." }],
  ["offline_access", { title: "Maintain access to data you have given it access to", text: "Allows the app to keep access to the data, even when you are not using it." }],
]);
