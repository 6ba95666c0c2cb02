import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atOnce } from "@/lib/planner";
import type { SnapshotContent } from "@/lib/planner/types";
import { type Deeds, deedSteps, differenceSteps } from "./difference";
import { buildRestorePlan } from "./plan/build";
import type { RestorePlanInput } from "./plan/context";
import { arbitraryContent } from "./testing/arbitrary";
import { GROUP, inputs, livePlan, PEOPLE } from "./testing/inputs";
import type { RestorePlan } from "./types";

const deedsOf = (plan: RestorePlan) => atOnce(deedSteps(plan));
const differenceOf = (before: Deeds, now: RestorePlan) => atOnce(differenceSteps(before, now));

const [snapshot] = fc.sample(arbitraryContent({ groupId: GROUP, people: PEOPLE, maxTasks: 8 }).filter(({ tasks, buckets }) => tasks.length > 5 && buckets.length > 1), { numRuns: 1, seed: 11 }) as [SnapshotContent];

/** The preview of a restore in place, when the plan has come to this. */
function preview(change: (live: SnapshotContent) => void, etag = ""): ReturnType<typeof buildRestorePlan> {
  const content = structuredClone(snapshot);
  change(content);
  const plan = livePlan(content);
  if (etag !== "") plan.etags.tasks = Object.fromEntries(Object.keys(plan.etags.tasks).map((id) => [id, etag]));
  const input: RestorePlanInput = {
    snapshot, restoreId: "r1", people: PEOPLE.map((id) => ({ id })), account: { id: "a", hasExchangeLicence: true, scopes: ["Group.ReadWrite.All"] },
    request: { tasks: "all", target: { kind: "in_place" }, addMembers: true, comments: "none" },
    live: { group: { id: GROUP, displayName: "Marketing", visibility: "Public", memberIds: PEOPLE, accountIsMember: true, accountIsOwner: true }, planIds: [snapshot.plan.id], plan, missingFiles: [] },
  };
  return buildRestorePlan(input);
}
const retitle = (at: number, title: string) => (live: SnapshotContent) => void (live.tasks[at]!.task.title = title);
const both = (...changes: ((live: SnapshotContent) => void)[]) => (live: SnapshotContent) => changes.forEach((change) => change(live));

describe("the difference between two previews", () => {
  it("of the same target is none, in every mode", () => {
    fc.assert(fc.property(inputs, (input) => {
      expect(differenceOf(deedsOf(buildRestorePlan(input)), buildRestorePlan(structuredClone(input)))).toBeNull();
    }));
  });

  it("is none when only etags moved, or something that the restore does not touch", () => {
    const reviewed = deedsOf(preview(retitle(0, "Spoilt")));
    expect(differenceOf(reviewed, preview(retitle(0, "Spoilt"), "newer"))).toBeNull();
    const more = (live: SnapshotContent) => void live.tasks.push({ ...structuredClone(live.tasks[1]!), id: "new", task: { ...structuredClone(live.tasks[1]!.task), id: "new", orderHint: "zz" } });
    expect(differenceOf(reviewed, preview(both(retitle(0, "Spoilt"), more)))).toBeNull();
  });

  it("names what came, what went, and what is another change now, with its values", () => {
    const reviewed = deedsOf(preview(retitle(0, "Spoilt")));
    expect(differenceOf(reviewed, preview(both(retitle(0, "Spoilt"), retitle(2, "Spoilt too"))))).toEqual({ added: ["Revert task “Spoilt too”"], removed: [], changed: [] });
    expect(differenceOf(reviewed, preview(() => undefined))).toEqual({ added: [], removed: ["Revert task “Spoilt”"], changed: [] });
    expect(differenceOf(reviewed, preview(retitle(0, "Spoilt again")))).toEqual({
      added: [], removed: [], changed: [{ label: "Revert task “Spoilt again”", changes: [{ field: "Title", from: "Spoilt again", to: snapshot.tasks[0]!.task.title }] }],
    });
    const gone = differenceOf(reviewed, preview((live) => void live.tasks.splice(0, 1)));
    expect(gone?.added.join()).toContain(`Create task “${snapshot.tasks[0]!.task.title}”`);
    expect(gone?.removed).toContain("Revert task “Spoilt”");
  });
});
