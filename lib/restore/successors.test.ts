import { describe, expect, it } from "vitest";
import type { SnapshotContent } from "@/lib/planner/types";
import { creationsOf, followSuccessors, successorsAmong } from "./successors";
import type { Operation, RestoreRequest } from "./types";

const made = (source: string, id: string, kind: Operation["kind"] = "create_task") => ({
  operations: [{ seq: 0, kind, after: [], source, label: "", changes: [], body: {} }] satisfies Operation[], remoteIds: new Map([[0, id]]),
});

describe("what stands for a task that is gone", () => {
  it("is the newest creation that lives, also a creation for a creation", () => {
    const creations = creationsOf([made("a", "b"), made("b", "c"), made("a", "d"), made("x", "y"), made("bucket", "bucket2", "create_bucket"), made("a", "no task", "post_comment")]);
    const among = (...live: string[]) => successorsAmong(creations, new Set(live));
    expect(among("a", "b", "c", "d")).toEqual({});
    expect(among("b", "d")).toEqual({ a: "d" });
    expect(among("b", "no task")).toEqual({ a: "b" });
    expect(among("c", "bucket2")).toEqual({ a: "c", b: "c", bucket: "bucket2" });
    expect(among("q")).toEqual({});
  });

  it("takes its place in the snapshot and in everything that was chosen", () => {
    const task = { id: "t", task: { id: "t", planId: "p", bucketId: "b", title: "T" }, details: null } as unknown as SnapshotContent["tasks"][number];
    const snapshot = {
      plan: { id: "p", title: "P" }, planDetails: null, buckets: [{ id: "b", name: "B", planId: "p", orderHint: "" }], tasks: [task], comments: [], attachments: [], people: [], group: null,
    } as unknown as SnapshotContent;
    const request: RestoreRequest = { tasks: ["t"], buckets: ["b"], fields: { t: ["title"], other: ["description"] }, target: { kind: "in_place" }, addMembers: false, comments: "none" };
    const followed = followSuccessors(snapshot, request, { t: "t2", b: "b2", p: "p2" });
    expect(followed.request).toEqual({ ...request, tasks: ["t2"], buckets: ["b2"], fields: { t2: ["title"], other: ["description"] } });
    expect(followed.snapshot.tasks[0]).toMatchObject({ id: "t2", task: { id: "t2", bucketId: "b2", planId: "p2" } });
    expect(followed.snapshot.buckets[0]).toMatchObject({ id: "b2", planId: "p2" });
    expect(followSuccessors(snapshot, { ...request, tasks: "all" }, { t: "t2" }).request.tasks).toBe("all");
  });
});
