/** Why each requirement of a connection account is there, and what it takes to meet it. By the name after the purpose in its id. */
export interface RequirementHelp { name: string; title: string; purposes: ("backup" | "restore")[]; why: string; how: string; without: string }

export const REQUIREMENT_HELP: readonly RequirementHelp[] = [
  {
    name: "consent", title: "Consent is present", purposes: ["backup", "restore"],
    why: "Microsoft lets no application read an organization’s plans before an administrator of that organization has agreed. It is asked for once for each purpose, not for each account.",
    how: "An administrator grants it on the Consent page, or through a link that you send. Planback proves it with a token from Microsoft and believes nothing that an address says.",
    without: "What is backed up already can be looked at, searched and exported.",
  },
  {
    name: "scopes", title: "All permissions are granted", purposes: ["backup", "restore"],
    why: "Each permission opens one kind of content. When one was left out or taken back, that kind would be missing from every snapshot.",
    how: "Grant consent again. It always asks for everything that is needed, so nothing that was granted before is lost.",
    without: "What the other permissions open goes on being backed up; the rest is named as a gap.",
  },
  {
    name: "account", title: "The account is enabled", purposes: ["backup", "restore"],
    why: "Microsoft gives no token to an account whose sign-in is blocked.",
    how: "In the Microsoft Entra admin center: Users, the account, Edit properties, Account enabled. A service account of its own, which no person needs, lasts longer than the account of a colleague.",
    without: "Stored snapshots stay readable. Nothing new is backed up.",
  },
  {
    name: "token", title: "The sign-in is alive", purposes: ["backup", "restore"],
    why: "A changed password, a revoked session or a new rule for sign-ins ends it. For a restore it is kept for eight hours, on purpose, or for as long as restore drills run on a schedule.",
    how: "Choose “Connect account again” on the page of the connection, and sign in as the same account.",
    without: "Stored snapshots stay readable. Policies wait, and say so.",
  },
  {
    name: "groups", title: "Reaches the Microsoft 365 groups", purposes: ["backup", "restore"],
    why: "Plans belong to groups. Planback has to see the groups to show what is protected and what is not.",
    how: "Nothing, as a rule. When it is not met, the directory shows no group to this account: ask an administrator about restrictions.",
    without: "No plan can be chosen.",
  },
  {
    name: "plans", title: "Reaches the plans", purposes: ["backup", "restore"],
    why: "The plans of a group are shown to its members only.",
    how: "Add the account as a member to a group that has plans. A new membership can take some minutes to count.",
    without: "Plans of other groups can be backed up and restored.",
  },
  {
    name: "users", title: "Reaches the users", purposes: ["backup", "restore"],
    why: "Tasks name people by a number. A snapshot that shows who was assigned needs their names, also after they have left.",
    how: "Nothing, as a rule. When it is not met, an administrator has restricted who may read the directory.",
    without: "Tasks are backed up with numbers in the place of names.",
  },
  {
    name: "membership", title: "Is a member of the groups", purposes: ["backup", "restore"],
    why: "Microsoft opens a plan to members of its group and to nobody else; being an administrator, or an owner who is not a member, is not enough. For a restore, member or owner will do.",
    how: "An owner of the group, or an administrator, adds the account: Microsoft 365 admin center, Teams & groups, the group, Membership. The page of the connection lists each group with what is missing. Only groups that you want backed up need it.",
    without: "Every group in which the account is a member can be protected.",
  },
  {
    name: "ownership", title: "Is member and owner of private groups", purposes: ["restore"],
    why: "An assignee has to be in the group of the plan. Only an owner can put somebody back into a private group.",
    how: "Add the account as owner too, in the groups that should be restored into.",
    without: "Everything comes back but the assignments of people who are not members any more; each is named.",
  },
  {
    name: "exchange", title: "Has an Exchange Online licence", purposes: ["restore"],
    why: "Comments of tasks are messages in the group’s mailbox. To post them again takes an account with a mailbox of its own.",
    how: "Microsoft 365 admin center: Users, the account, Licenses and apps. Any licence with Exchange Online will do.",
    without: "Everything but comments comes back. They can be written into the notes of the tasks instead. Backups read comments without this licence.",
  },
];
