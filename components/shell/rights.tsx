import { Check } from "lucide-react";
import { ROLE_PERMISSIONS, roleMay } from "@/lib/workspaces/roles";
import type { Permission, Role } from "@/lib/workspaces/types";
import { PERMISSION_WORDS, ROLE_NAMES } from "./roles";

const ROLES = Object.keys(ROLE_PERMISSIONS) as Role[];

/** The table by which every request is checked. */
export function RightsTable() {
  return (
    <div tabIndex={0} role="region" aria-labelledby="roles-title" className="relative overflow-x-auto">
      <table className="w-full min-w-[22rem] text-left">
        <thead>
          <tr className="border-b border-line text-[0.8125rem] text-muted">
            <th scope="col" className="py-2 pr-3 font-medium">May</th>
            {ROLES.map((role) => <th key={role} scope="col" className="px-1 py-2 text-center font-medium">{ROLE_NAMES[role]}</th>)}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {(Object.keys(PERMISSION_WORDS) as Permission[]).map((permission) => (
            <tr key={permission}>
              <th scope="row" className="py-2 pr-3 font-normal">{PERMISSION_WORDS[permission]}</th>
              {ROLES.map((role) => (
                <td key={role} className="px-1 py-2 text-center">
                  {roleMay(role, permission) ? <><Check aria-hidden className="mx-auto size-4 text-ok" /><span className="sr-only">yes</span></> : <><span aria-hidden className="text-muted">–</span><span className="sr-only">no</span></>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
