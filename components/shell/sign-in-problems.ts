interface SignInProblem { title: string; text: string }

const PROBLEMS: Record<string, SignInProblem> = {
  personal_account: { title: "Personal accounts cannot be used", text: "Planner belongs to a work or school account. Sign in with the account of your organization." },
  guest_account: { title: "Guest accounts cannot be used", text: "You signed in as a guest of this Microsoft tenant. Sign in to your own organization, or ask for an account in this one." },
  session_expired: { title: "Your session ended", text: "Sign in again. Running backups and restores go on without you." },
  OAuthCallback: { title: "Microsoft did not complete the sign-in", text: "It was cancelled, or took longer than ten minutes. Nothing was changed; try again." },
  AccessDenied: { title: "This account may not sign in", text: "Microsoft signed you in, but this account is not accepted here. Use a work or school account that is not a guest." },
  Configuration: { title: "Sign-in is not set up", text: "The operator of this installation must check the app registration of the backup app: client id, secret and redirect address." },
  AADSTS50105: { title: "You are not assigned to this application", text: "Your administrator limits who may sign in to Planback. Ask them to assign you under Enterprise applications, Planback, Users and groups (AADSTS50105)." },
  AADSTS65001: { title: "Consent is missing", text: "Your organization has not allowed this application yet. Ask an administrator to grant consent (AADSTS65001)." },
  AADSTS90094: { title: "Need admin approval", text: "Your organization lets only administrators allow applications. Ask one of them to approve Planback in the Microsoft Entra admin center (AADSTS90094)." },
  AADSTS50034: { title: "This account does not exist", text: "Microsoft knows no such account in this directory. Check the address and try again (AADSTS50034)." },
  AADSTS50057: { title: "This account is disabled", text: "An administrator of your organization must enable it again (AADSTS50057)." },
  AADSTS50020: { title: "This account belongs to another directory", text: "Choose an account of your own organization (AADSTS50020)." },
  AADSTS53003: { title: "A conditional access policy stopped the sign-in", text: "Your organization does not allow this sign-in from here. Ask your administrator which device or place is allowed (AADSTS53003)." },
};

const ALIASES: Record<string, string> = { Callback: "OAuthCallback", OAuthSignin: "Configuration", SessionRequired: "session_expired", guest: "guest_account", personal: "personal_account" };

/** What the sign-in page says for an error code of next-auth, of ours, or of Microsoft (AADSTS...). */
export function signInProblem(code: string): SignInProblem {
  const known = PROBLEMS[code] ?? PROBLEMS[ALIASES[code] ?? ""];
  if (known) return known;
  const aadsts = /^AADSTS\d{3,7}$/.test(code) ? ` Microsoft's code is ${code}.` : "";
  return { title: "The sign-in did not succeed", text: `Nothing was changed. Try again; if it happens again, tell the operator of this installation.${aadsts}` };
}
