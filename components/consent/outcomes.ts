interface Outcome { tone: "ok" | "warn" | "danger"; title: string; text: string; next: string }

/** Every way a visit to Microsoft's consent page can end, each with what to do next. */
export const CONSENT_OUTCOMES = {
  granted: { tone: "ok", title: "Consent is granted", text: "Planback proved it with a token of your Microsoft tenant. It is needed only once.", next: "You can close this page if somebody else asked you: their page goes on by itself. Recommended: limit who may sign in under Enterprise applications, Planback, Properties, Assignment required." },
  declined: { tone: "warn", title: "Consent was declined", text: "Nothing was granted and nothing was changed.", next: "If that was a mistake, start again. If the permissions are the question, the page that asked lists each with its reason." },
  cancelled: { tone: "warn", title: "The visit to Microsoft was cancelled", text: "Nothing was granted and nothing was changed.", next: "Start again when you are ready." },
  wrong_tenant: { tone: "danger", title: "Consent was given in another Microsoft tenant", text: "You signed in to another directory than the one that was asked for. It was not counted.", next: "Start again and choose an administrator of the right directory; a private browser window helps when several accounts are signed in." },
  replayed: { tone: "danger", title: "This answer was used already", text: "Each visit to Microsoft counts once, so that nobody can send an old answer again. What was granted before stays as it is.", next: "Open the consent page: it shows the state now." },
  expired: { tone: "warn", title: "The visit took too long", text: "A visit to Microsoft is valid for ten minutes. It was not counted.", next: "Start again." },
  foreign_browser: { tone: "danger", title: "This answer belongs to another browser", text: "Consent must end in the browser where it began. It was not counted.", next: "Start again in this browser." },
  missing_scopes: { tone: "danger", title: "Some permissions are missing", text: "Microsoft granted less than was asked for, so backups would be incomplete. It was not counted.", next: "Start again and accept all permissions; or an administrator grants them in the Microsoft Entra admin center." },
  not_admin: { tone: "warn", title: "This account may not grant consent", text: "Microsoft lets only certain administrators allow an application for the whole organization. Nothing was granted.", next: "Send a link to an administrator: on the consent page choose “Make a link for an administrator”. It works for them without an account." },
  error: { tone: "danger", title: "Microsoft did not complete the consent", text: "Nothing was counted as granted. Existing snapshots are not affected.", next: "Try again in a few minutes. If it happens again, tell the operator of this installation when it happened." },
  failed: { tone: "danger", title: "Something went wrong on our side", text: "Microsoft’s answer came, and Planback could not finish with it. Existing snapshots are not affected.", next: "Look on the page where you began whether it was done; if not, start again in a few minutes." },
} as const satisfies Record<string, Outcome>;

export type ConsentOutcome = keyof typeof CONSENT_OUTCOMES;

export function consentOutcome(value: unknown): Outcome & { name: ConsentOutcome } {
  const name = typeof value === "string" && Object.hasOwn(CONSENT_OUTCOMES, value) ? (value as ConsentOutcome) : "error";
  return { name, ...CONSENT_OUTCOMES[name] };
}
