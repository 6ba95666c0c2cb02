/** For tests of captures: a simulated Microsoft 365, a repository in memory, and what the simulator itself holds as the truth. */
import type { GraphApi } from "@/lib/graph";
import { startCloud, type SimulatedCloud } from "@/lib/graph/testing/simulator";
import type { SnapshotRecord } from "@/lib/planner/types";
import { openRepository } from "@/lib/repository";
import { createMemoryStore, keysOf } from "@/lib/repository/testing";
import type { Repository } from "@/lib/repository/types";
import { CONTOSO, GROUPS, PEOPLE } from "@/simulator/fixtures";
import { webUrlOf } from "@/simulator/graph/drive/render";
import type { PlanRecord, TaskRecord, TaskSpec } from "@/simulator/planner";
import * as render from "@/simulator/planner/render";
export type { GraphVersion } from "@/simulator/planner/render";
import type { Simulator } from "@/simulator/server";
import { withoutAnnotations } from "../annotations";
import { capturePlan, type CaptureInput } from "../capture";
import type { CaptureResult } from "../types";

export const me = { userId: PEOPLE.alice.id, appId: null };

export class Stage {
  repository: Repository = openRepository({ store: createMemoryStore(), keys: keysOf("w") });
  private serial = 0;

  private constructor(readonly cloud: SimulatedCloud) {}

  static async open(): Promise<Stage> {
    return new Stage(await startCloud());
  }

  /** Back to the seed, and an empty repository. */
  async reset(): Promise<void> {
    await this.cloud.simulator.reset();
    this.repository = openRepository({ store: createMemoryStore(), keys: keysOf("w") });
  }

  get simulator(): Simulator {
    return this.cloud.simulator;
  }

  get stores(): Simulator["stores"] {
    return this.simulator.stores;
  }

  get contoso() {
    return this.simulator.world.tenants.get(CONTOSO.tenantId)!;
  }

  capture(plan: PlanRecord, more: Partial<CaptureInput> = {}): Promise<CaptureResult> {
    return capturePlan({
      graph: this.cloud.graph(), repository: this.repository, groupId: plan.groupId, planId: plan.id, microsoftTenantId: CONTOSO.tenantId,
      snapshotId: `s${++this.serial}`, takenAt: "2026-11-23T12:00:00Z", previousManifestId: null, ...more,
    });
  }

  /** Captures, and counts the HTTP requests that left. */
  async counted(plan: PlanRecord, more: Partial<CaptureInput> = {}): Promise<{ result: CaptureResult; requests: number }> {
    this.simulator.requestLog.clear();
    const result = await this.capture(plan, more);
    return { result, requests: this.simulator.requestLog.entries().filter((entry) => entry.inBatch === null).length };
  }

  async recordsOf(manifestId: string): Promise<SnapshotRecord[]> {
    return (await this.repository.readSnapshotParts(manifestId)).records;
  }

  /** A plan in the marketing group with one bucket and a task for each of the specs. */
  plan(tasks: Omit<TaskSpec, "planId" | "createdBy">[]): { plan: PlanRecord; tasks: TaskRecord[] } {
    const { planner } = this.stores;
    const plan = planner.addPlan({ tenantId: CONTOSO.tenantId, groupId: GROUPS.marketing, title: "Test plan", createdBy: me });
    const bucket = planner.addBucket({ planId: plan.id, name: "To do" });
    return { plan, tasks: tasks.map((task) => planner.addTask({ bucketId: bucket.id, ...task, planId: plan.id, createdBy: me })) };
  }

  smallPlan(): { plan: PlanRecord; tasks: TaskRecord[] } {
    return this.plan(["one", "two", "three"].map((title) => ({ title, description: `about ${title}` })));
  }

  /** Stores a file in the marketing group's library; returns its address. */
  addFile(name: string, content: Buffer, malware = false): string {
    const drive = this.stores.drives.ofGroup(this.contoso, this.contoso.groups.get(GROUPS.marketing)!);
    const item = this.stores.drives.putFile(drive.root, name, content, { size: content.length, by: PEOPLE.alice.id });
    item.malware = malware;
    return webUrlOf(item);
  }

  /** A client that does something each time before a request with this text in address and body leaves. */
  interfering(match: RegExp, act: (nth: number) => void, options: Parameters<SimulatedCloud["graph"]>[0] = {}): GraphApi {
    let nth = 0;
    return this.cloud.graph({
      ...options,
      fetch: async (input, init) => {
        if (match.test(`${String(input)} ${typeof init?.body === "string" ? init.body : ""}`)) act(++nth);
        return fetch(input, init);
      },
    });
  }
}

export function ofKind<K extends SnapshotRecord["kind"]>(records: SnapshotRecord[], kind: K) {
  return records.filter((record): record is Extract<SnapshotRecord, { kind: K }> => record.kind === kind);
}

/** What the simulator itself would answer for the task. */
export function taskTruth(task: TaskRecord, version: render.GraphVersion = "v1.0") {
  return withoutAnnotations({
    task: render.renderTask(task, version),
    details: render.renderTaskDetails(task, version),
    formats: { assignedTo: render.renderAssignedToFormat(task), bucket: render.renderBucketFormat(task), progress: render.renderProgressFormat(task) },
  });
}

/** Tasks of a snapshot by id, in the shape of {@link taskTruth}. */
export function tasksOf(records: SnapshotRecord[]) {
  return new Map(ofKind(records, "task").map(({ id, task, details, formats }) => [id, { task, details, formats }]));
}

/** All tasks that the simulator holds of a plan, in the same shape. */
export function tasksTruth(plan: PlanRecord, version: render.GraphVersion = "v1.0") {
  return new Map([...plan.tasks.values()].map((task) => [task.id, taskTruth(task, version)]));
}
