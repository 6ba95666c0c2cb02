/** Which of the plans that the accounts can reach are protected. Pure. */
import { selects, type StoredSelection } from "./selection";
import type { Catalogue } from "./types";

interface Account { id: string; microsoftTenantId: string }
interface Protection { connectionId: string; enabled: boolean; selection: StoredSelection }

/** A plan that several accounts see, or several policies take, counts once. A paused policy protects nothing. */
export function coverageOf(accounts: readonly Account[], catalogues: ReadonlyMap<string, Catalogue>, policies: readonly Protection[]): { reachable: number; protected: number } {
  const tenantOf = new Map(accounts.map(({ id, microsoftTenantId }) => [id, microsoftTenantId]));
  const active = policies.filter(({ enabled }) => enabled);
  const reachable = new Set<string>();
  const covered = new Set<string>();
  for (const { id, microsoftTenantId } of accounts) {
    const selections = active.filter(({ connectionId }) => tenantOf.get(connectionId) === microsoftTenantId).map(({ selection }) => selection);
    for (const group of catalogues.get(id)?.groups ?? []) {
      if (group.unreachable) continue;
      for (const plan of group.plans) {
        if (plan.unreachable) continue;
        const key = `${microsoftTenantId} ${plan.id}`;
        reachable.add(key);
        if (selections.some((selection) => selects(selection, group.id, plan.id))) covered.add(key);
      }
    }
  }
  return { reachable: reachable.size, protected: covered.size };
}
