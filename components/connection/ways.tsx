import { APP_GRANTING_ROLES, GRANTING_ROLES } from "@/components/consent/permissions";

/** The two kinds of connections, said of the same things in the same order. */
export const WAYS = {
  account: {
    title: "An account",
    sentence: "Planback signs in as one ordinary account and sees what this account sees.",
    facts: [
      ["Sees", "The plans of the groups that the account is a member of, and no others."],
      ["Needs", "An account that is a member of each group; for restores of comments an Exchange Online licence."],
      ["Consent", `By a ${GRANTING_ROLES}. Who connects the account needs no role.`],
      ["Restores", "Yes, with write access for some hours. Comments too."],
      ["Keeps", "Everything Planner shows to that account, the chat of tasks too (with the beta interface)."],
      ["When it breaks", "A changed password, a new rule for sign-ins or a lost membership stops it, until somebody signs in again."],
    ],
  },
  app_only: {
    title: "The whole tenant (app-only)",
    sentence: "Planback reads as an application. Nobody signs in, and no membership is needed.",
    facts: [
      ["Sees", "Every plan of every group of the Microsoft tenant, also of private groups."],
      ["Needs", "No account and no licence. The installation proves itself to Microsoft by a certificate."],
      ["Consent", `By a ${APP_GRANTING_ROLES}, who signs in for this workspace.`],
      ["Restores", "No: it only reads. A restore is written by an account that is connected besides it, which can be done when it is wanted. Comments are read; Microsoft lets only an account write them."],
      ["Keeps", "Everything but the chat of tasks, which Microsoft shows to signed-in accounts only."],
      ["When it breaks", "When an administrator takes the consent back, or the certificate ends."],
    ],
  },
} as const;

/** What one way means, fact by fact. */
export function WayFacts({ way }: { way: keyof typeof WAYS }) {
  return (
    <dl className="space-y-2">
      {WAYS[way].facts.map(([name, text]) => (
        <div key={name} className="grid gap-x-4 sm:grid-cols-[7rem_1fr]"><dt className="text-muted">{name}</dt><dd>{text}</dd></div>
      ))}
    </dl>
  );
}
