/** Capture and restore against the simulator, in this process, with a clock that jumps instead of waiting. */
import { capturePlan } from "@/lib/backup";
import type { GraphApi } from "@/lib/graph";
import { startCloud, type SimulatedCloud } from "@/lib/graph/testing/simulator";
import type { SnapshotContent } from "@/lib/planner/types";
import { openRepository } from "@/lib/repository";
import { createMemoryStore, keysOf } from "@/lib/repository/testing";
import type { Repository } from "@/lib/repository/types";
import { APPS, BACKUP_SCOPES, CONTOSO, PEOPLE, RESTORE_SCOPES } from "@/simulator/fixtures";
import {
  buildRestorePlan, type Execution, executeRestore, MemoryJournal, newJournalRows, readAccountFacts, readBack, readLiveTarget, type RestoreClock, type RestorePlan,
  type RestoreReport, type RestoreRequest, type UndoFacts, undoFactsOf,
} from "..";

export interface Rig {
  cloud: SimulatedCloud;
  graph: GraphApi;
  repository: Repository;
  clock: RestoreClock;
  capture(groupId: string, planId: string): Promise<SnapshotContent>;
  preview(snapshot: SnapshotContent, request: RestoreRequest, restoreId?: string, undo?: UndoFacts): Promise<RestorePlan>;
  /** The same restores by the connection account of another Microsoft tenant. */
  elsewhere(tenantId: string, userId: string): Rig;
  run(snapshot: SnapshotContent, request: RestoreRequest, plan: RestorePlan): Promise<{ execution: Execution; report: RestoreReport; undo: UndoFacts }>;
}

/** `extras`: with Microsoft's beta interface. */
export async function startRig({ extras = false } = {}): Promise<Rig> {
  const cloud = await startCloud();
  return rigOf(cloud, openRepository({ store: createMemoryStore(), keys: keysOf("w") }), extras, CONTOSO.tenantId, PEOPLE.backup.id);
}

function rigOf(cloud: SimulatedCloud, repository: Repository, extras: boolean, tenantId: string, userId: string): Rig {
  const graphFor = (purpose: "backup" | "restore") => cloud.graph({
    purpose, userId, tokens: () => cloud.simulator.token({ tenantId, userId, clientId: APPS[purpose].clientId, scopes: purpose === "backup" ? BACKUP_SCOPES : RESTORE_SCOPES }),
  });
  const graph = graphFor("restore");
  const clock: RestoreClock = {
    now: () => cloud.simulator.world.now(),
    sleep: async (ms) => cloud.simulator.world.moveClock(ms),
  };
  let snapshots = 0;
  return {
    cloud, graph, repository, clock,
    async capture(groupId, planId) {
      snapshots += 1;
      const { manifestId, gaps } = await capturePlan({
        graph: graphFor("backup"), repository, groupId, planId, extras, microsoftTenantId: tenantId, snapshotId: `s${snapshots}`, takenAt: new Date(clock.now()).toISOString(), previousManifestId: null,
      });
      const open = gaps.filter(({ permanent }) => !permanent);
      if (open.length > 0) throw new Error(`gaps: ${JSON.stringify(open)}`);
      return (await repository.readSnapshot(manifestId)).content;
    },
    elsewhere: (other, account) => rigOf(cloud, repository, extras, other, account),
    async preview(snapshot, request, restoreId = `restore-${snapshots}`, undo) {
      const { live, people } = await readLiveTarget({ graph, snapshot, request, extras });
      return buildRestorePlan({ snapshot, live, people, request, account: await readAccountFacts(graph, [...RESTORE_SCOPES]), restoreId, extras, undo });
    },
    async run(snapshot, request, plan) {
      const rows = newJournalRows();
      const { id: accountId } = await graph.me();
      const execution = await executeRestore({ plan, journal: new MemoryJournal(rows, clock.now), graph, repository, accountId, clock });
      const report = await readBack({ graph, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request, clock, cancelled: false, requests: 0 });
      return { execution, report, undo: undoFactsOf(plan, [...rows.intents.values()]) };
    },
  };
}
