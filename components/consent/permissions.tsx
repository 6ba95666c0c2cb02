import type { PermissionExplanation } from "@/lib/workspaces/types";

/** Each permission in plain words: why, what it lets Planback do, what it does not. */
export function Permissions({ permissions, granted = [] }: { permissions: PermissionExplanation[]; granted?: string[] }) {
  return (
    <ul className="divide-y divide-line">
      {permissions.map((permission) => (
        <li key={permission.name} className="py-3 first:pt-0 last:pb-0">
          <p className="flex flex-wrap items-center gap-x-2">
            <code className="rounded bg-subtle px-1.5 py-0.5 font-mono text-[0.8125rem] font-medium">{permission.name}</code>
            {granted.includes(permission.name) ? <span className="text-[0.8125rem] text-ok">granted</span> : null}
          </p>
          <p className="mt-1.5">{permission.why}</p>
          <dl className="mt-1 grid gap-x-6 gap-y-1 text-[0.8125rem] text-muted sm:grid-cols-2">
            <div><dt className="inline font-medium text-ink">Allows: </dt><dd className="inline">{permission.allows}</dd></div>
            <div><dt className="inline font-medium text-ink">Does not: </dt><dd className="inline">{permission.doesNot}</dd></div>
          </dl>
        </li>
      ))}
    </ul>
  );
}

export const PURPOSE_NAMES = { backup: "Backup", restore: "Restore", app_only: "App-only backup" } as const;

/** https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent */
export const GRANTING_ROLES = "Global Administrator, Privileged Role Administrator, Cloud Application Administrator or Application Administrator";
/** Of them, those who can let an application read without anybody signed in. */
export const APP_GRANTING_ROLES = "Global Administrator or Privileged Role Administrator";
