/** The pages of the help, in the order of their questions. */
export const TOPICS = [
  { path: "/help/account", title: "The connection account", question: "What must the account have that Planback signs in with?" },
  { path: "/help/app-only", title: "Account or app-only", question: "Read as one account, or the whole organization as an application?" },
  { path: "/help/permissions", title: "Permissions", question: "What is asked for, why, and what does it not allow?" },
  { path: "/help/approval", title: "“Need admin approval”", question: "Microsoft does not let me grant consent. What now?" },
  { path: "/help/restore", title: "What can be restored", question: "What comes back exactly, what as text, and what cannot?" },
  { path: "/help/api", title: "API", question: "How do programs use Planback, and what can they ask for?" },
  { path: "/help", title: "Questions and answers", question: "Everything else that people ask" },
] as const;
