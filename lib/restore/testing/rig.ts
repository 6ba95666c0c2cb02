/** Capture and restore against the simulator, in this process, with a clock that jumps instead of waiting. */
import { capturePlan } from "@/lib/backup";
import type { GraphApi } from "@/lib/graph";
import { startCloud, type SimulatedCloud } from "@/lib/graph/testing/simulator";
import type { SnapshotContent } from "@/lib/planner/types";
import { openRepository } from "@/lib/repository";
import { createMemoryStore, keysOf } from "@/lib/repository/testing";
import type { Repository } from "@/lib/repository/types";
import { CONTOSO, RESTORE_SCOPES } from "@/simulator/fixtures";
import {
  buildRestorePlan, type Execution, executeRestore, MemoryJournal, newJournalRows, readAccountFacts, readBack, readLiveTarget, type RestoreClock, type RestorePlan,
  type RestoreReport, type RestoreRequest,
} from "..";

export interface Rig {
  cloud: SimulatedCloud;
  graph: GraphApi;
  repository: Repository;
  clock: RestoreClock;
  capture(groupId: string, planId: string): Promise<SnapshotContent>;
  preview(snapshot: SnapshotContent, request: RestoreRequest, restoreId?: string): Promise<RestorePlan>;
  run(snapshot: SnapshotContent, request: RestoreRequest, plan: RestorePlan): Promise<{ execution: Execution; report: RestoreReport }>;
}

export async function startRig(): Promise<Rig> {
  const cloud = await startCloud();
  const graph = cloud.graph({ purpose: "restore" });
  const repository = openRepository({ store: createMemoryStore(), keys: keysOf("w") });
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
        graph: cloud.graph(), repository, groupId, planId, microsoftTenantId: CONTOSO.tenantId, snapshotId: `s${snapshots}`, takenAt: new Date(clock.now()).toISOString(), previousManifestId: null,
      });
      const open = gaps.filter(({ permanent }) => !permanent);
      if (open.length > 0) throw new Error(`gaps: ${JSON.stringify(open)}`);
      return (await repository.readSnapshot(manifestId)).content;
    },
    async preview(snapshot, request, restoreId = `restore-${snapshots}`) {
      const { live, people } = await readLiveTarget({ graph, snapshot, request, extras: false });
      return buildRestorePlan({ snapshot, live, people, request, account: await readAccountFacts(graph, [...RESTORE_SCOPES]), restoreId });
    },
    async run(snapshot, request, plan) {
      const rows = newJournalRows();
      const { id: accountId } = await graph.me();
      const execution = await executeRestore({ plan, journal: new MemoryJournal(rows, clock.now), graph, repository, accountId, clock });
      const report = await readBack({ graph, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request, clock, cancelled: false, requests: 0 });
      return { execution, report };
    },
  };
}
