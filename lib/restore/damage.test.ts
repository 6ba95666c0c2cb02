import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SnapshotContent } from "@/lib/planner/types";
import { damageOf } from "./damage";
import { arbitraryContent } from "./testing/arbitrary";

const contents = arbitraryContent({ groupId: "g", people: ["u1", "u2"], maxTasks: 6, comments: true });
const ids = (items: { id: string }[]) => items.map(({ id }) => id).sort();

describe("the damage since a snapshot", () => {
  it("of an unchanged plan is none, however many comments came", () => {
    fc.assert(fc.property(contents, (snapshot) => {
      expect(Object.values(damageOf(snapshot, { ...structuredClone(snapshot), comments: [] })).flat()).toEqual([]);
    }));
  });

  it("names exactly what was deleted, changed and added", () => {
    fc.assert(fc.property(contents.filter(({ tasks, buckets }) => tasks.length > 2 && buckets.length > 1), fc.nat(), fc.nat(), (snapshot, a, b) => {
      const live: SnapshotContent = structuredClone(snapshot);
      const [gone] = live.tasks.splice(a % live.tasks.length, 1);
      const edited = live.tasks[b % live.tasks.length]!;
      edited.task.title += "!";
      const [lost] = live.buckets.splice(a % live.buckets.length, 1);
      const renamed = live.buckets[b % live.buckets.length]!;
      renamed.name += "!";
      live.tasks.push({ ...structuredClone(edited), id: "new", task: { ...structuredClone(edited.task), id: "new" } });
      const damage = damageOf(snapshot, live);
      expect(ids(damage.deletedTasks)).toEqual([gone!.id]);
      expect(damage.changedTasks.map(({ id, fields }) => [id, fields.map(({ field }) => field)])).toEqual([[edited.id, ["title"]]]);
      expect(damage.changedTasks[0]?.fields[0]).toMatchObject({ to: edited.task.title });
      expect(ids(damage.addedTasks)).toEqual(["new"]);
      expect([ids(damage.deletedBuckets), ids(damage.changedBuckets), ids(damage.addedBuckets)]).toEqual([[lost!.id], [renamed.id], []]);
    }));
  });
});
