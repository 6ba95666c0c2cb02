interface Outcome { tone: "ok" | "warn" | "danger"; title: string; text: string }

const OUTCOMES: Record<string, Outcome> = {
  connected: { tone: "ok", title: "The account is connected", text: "Its requirements are checked now; each is shown below with its evidence." },
  tenant_connected: { tone: "ok", title: "The whole tenant is connected", text: "What Planback can read of it is checked now; each requirement is shown below with its evidence." },
  declined: { tone: "warn", title: "The sign-in was declined", text: "No account was connected. Start again when you are ready." },
  cancelled: { tone: "warn", title: "The sign-in was cancelled", text: "No account was connected. Start again when you are ready." },
  wrong_tenant: { tone: "danger", title: "This account belongs to another Microsoft tenant", text: "It was not connected. Choose an account of the tenant that consent was granted for." },
  wrong_account: { tone: "danger", title: "This is another account", text: "Nothing was changed. Sign in as the account of this connection." },
  replayed: { tone: "warn", title: "This answer was used already", text: "Each sign-in counts once. Look below whether the account is connected; if not, start again." },
  expired: { tone: "warn", title: "The sign-in took too long", text: "It is valid for ten minutes. Start again." },
  foreign_browser: { tone: "danger", title: "This answer belongs to another browser", text: "The sign-in must end in the browser where it began. Start again here." },
  missing_scopes: { tone: "danger", title: "Some permissions are missing", text: "The account was not connected, because backups would be incomplete. An administrator must grant consent again." },
  consent_missing: { tone: "danger", title: "Consent is missing", text: "An administrator must grant consent before an account can be connected." },
  not_admin: { tone: "danger", title: "Consent is missing", text: "Microsoft asks for an administrator’s approval. Open the consent page to send one a link." },
  error: { tone: "danger", title: "Microsoft did not complete the sign-in", text: "No account was connected. Try again in a few minutes." },
};

/** What the page says after the visit to Microsoft; null when there was none. */
export function connectOutcome(value: unknown): Outcome | null {
  if (typeof value !== "string" || value === "") return null;
  return (Object.hasOwn(OUTCOMES, value) ? OUTCOMES[value] : OUTCOMES["error"]) ?? null;
}
