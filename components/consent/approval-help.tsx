import Link from "next/link";
import { GRANTING_ROLES } from "./permissions";

/** What to do when Microsoft answers "Need admin approval". */
export function ApprovalHelp({ clientIds }: { clientIds?: string[] }) {
  return (
    <details className="rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <summary className="rounded font-semibold">Microsoft says “Need admin approval”?</summary>
      <div className="mt-3 space-y-3 text-muted">
        <p>Your account may not grant consent for the whole organization. One of these roles can: {GRANTING_ROLES}. There are three ways on:</p>
        <ol className="list-decimal space-y-2 pl-5">
          <li><strong className="text-ink">Make a link</strong> above and send it to an administrator. This page goes on by itself when consent is granted.</li>
          <li>If Microsoft’s page offers <strong className="text-ink">Request approval</strong>, write a short reason there. Reviewers get an e-mail.</li>
          <li>
            <strong className="text-ink">In the Microsoft Entra admin center</strong> (entra.microsoft.com), an administrator opens Enterprise applications, All applications, looks for Planback
            {clientIds && clientIds.length > 0 ? <> or its application id (<code className="font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{clientIds.join(", ")}</code>)</> : null}, then Security, Permissions, <em>Grant admin consent</em>. Afterwards choose Grant consent here, so that Planback can prove it.
          </li>
        </ol>
        <p><Link href="/help/approval" className="inline-block rounded py-1 underline decoration-line-strong underline-offset-2">Help: what the administrator sees, and who can grant it</Link></p>
      </div>
    </details>
  );
}
