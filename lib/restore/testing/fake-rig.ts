/** A restore of any kind against the Planner in memory: preview, run, read-back. */
import type { GroupFacts, Person, SnapshotContent } from "@/lib/planner/types";
import {
  buildRestorePlan, executeRestore, type JournalRows, MemoryJournal, newJournalRows, readAccountFacts, readBack, readLiveTarget, type RestorePlan, type RestoreReport, type RestoreRequest, type UndoFacts, undoFactsOf,
} from "..";
import { type FakeOptions, FakePlanner, VirtualClock, zeros } from "./fake-graph";

export const ACCOUNT = "00000000-0000-4000-8000-00000000acc0";
const SCOPES = ["Group.ReadWrite.All", "Sites.ReadWrite.All", "Tasks.ReadWrite"];

export interface FakeRig {
  fake: FakePlanner;
  /** What a capture would read. */
  capture(planId: string): SnapshotContent;
  preview(snapshot: SnapshotContent, request: RestoreRequest, more?: { restoreId?: string; undo?: UndoFacts }): Promise<RestorePlan>;
  /** `meanwhile`: what happens between the run and the read-back. `stopAfter`: a person cancels when so many operations are over. */
  run(snapshot: SnapshotContent, request: RestoreRequest, plan: RestorePlan, meanwhile?: () => unknown, stopAfter?: number): Promise<{ report: RestoreReport; rows: JournalRows; undo: UndoFacts }>;
}

/** `people` are in the snapshot; `options.directory`, if there is one, is the target's. */
export function fakeRig(options: Pick<FakeOptions, "groupId" | "memberIds" | "directory">, { extras = true, people = [], group = null }: { extras?: boolean; people?: Person[]; group?: GroupFacts | null } = {}): FakeRig {
  const clock = new VirtualClock();
  const fake = new FakePlanner({ accountId: ACCOUNT, clock, ...options });
  const graph = fake.api;
  const repository = { readFile: () => zeros(1) };
  return {
    fake,
    capture: (planId) => structuredClone({ ...fake.content(planId, extras), people, group }),
    async preview(snapshot, request, { restoreId = "r1", undo } = {}) {
      const { live, people: found } = await readLiveTarget({ graph, snapshot, request, extras });
      return buildRestorePlan({ snapshot, live, people: found, request, account: await readAccountFacts(graph, SCOPES), restoreId, extras, undo });
    },
    async run(snapshot, request, plan, meanwhile, stopAfter = Infinity) {
      const rows = newJournalRows();
      const stop = new AbortController();
      const { state } = await executeRestore({
        plan, journal: new MemoryJournal(rows, clock.now), graph, repository, accountId: ACCOUNT, clock, signal: stop.signal, ...(stopAfter < Infinity ? { concurrency: 1 } : {}),
        onProgress: ({ done }) => (done >= stopAfter ? stop.abort() : undefined),
      });
      await meanwhile?.();
      const report = await readBack({ graph, repository, plan, journal: new MemoryJournal(rows, clock.now), snapshot, request, clock, cancelled: state === "cancelled", requests: 0 });
      return { report, rows, undo: undoFactsOf(plan, [...rows.intents.values()]) };
    },
  };
}
