/** A restore that ended in part and goes on: what was refused at first is made up for, and the archive of plans is no obstacle. */
import { describe, expect, it } from "vitest";
import { PlanbackError } from "@/lib/errors";
import { encodeReferenceKey } from "@/lib/planner";
import type { WriteOutcome } from "@/lib/graph/types";
import type { SnapshotContent } from "@/lib/planner/types";
import type { RestoreReport, RestoreRequest } from ".";
import { reopen } from "./journal";
import type { FakePlanner } from "./testing/fake-graph";
import { referenceContent } from "./testing/reference";
import { carryThrough, expectWhole, GROUP, IN_PLACE, NEW_GROUP, NEW_PLAN, PEOPLE, remark, report, start, type World, world } from "./testing/survival";
import { TestWorker } from "./testing/worker";

const THREE = PEOPLE.slice(0, 3);
const EVE = PEOPLE[2]!;
/** Eve is not a member of the group. */
const content = (plan: { isArchived?: boolean } = {}): SnapshotContent => {
  const made = referenceContent(GROUP, THREE, { tasks: 9, buckets: 2 });
  return { ...made, plan: { ...made.plan, isArchived: false, ...plan } };
};
const KEEP: RestoreRequest = { ...IN_PLACE, target: { kind: "in_place" } };

/** In place: tasks are gone, another one lost Eve, and no file is where it was. */
const inPlace = (snapshot = content(), live: { isArchived: boolean } = { isArchived: false }) => world(snapshot, KEEP, {}, (fake) => {
  fake.load({ ...snapshot, plan: { ...snapshot.plan, ...live } });
  const [first, , third] = [...fake.tasks.values()];
  for (const task of fake.tasks.values()) if (task !== first) task.assignments = {};
  fake.tasks.delete(third!.id);
});

const WAYS: [string, () => Promise<World>][] = [
  ["a new plan", () => world(content(), NEW_PLAN)],
  ["a new plan that goes into the archive", () => world(content({ isArchived: true }), NEW_PLAN)],
  ["a new group", () => world(content({ isArchived: true }), NEW_GROUP)],
  ["in place", () => inPlace()],
  ["in place, in the archive", () => inPlace(content({ isArchived: true }), { isArchived: true })],
  ["in place, into the archive", () => inPlace(content({ isArchived: true }))],
];

type Refusable = "upload" | "addMember" | "patch" | "setArchived";
const forbidden = () => new PlanbackError("graph_forbidden", "The policy of the organisation forbids it.");

/** Until the returned function is called, these writes are refused. */
function refuse(fake: FakePlanner, names: readonly Refusable[], isMeant: (...args: unknown[]) => boolean = () => true): () => void {
  const api = fake.api as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const before = { ...api };
  for (const name of names) {
    const real = api[name]!;
    const refused: WriteOutcome<never> = { kind: "not_applied", error: forbidden() };
    api[name] = (...args) => (isMeant(...args) ? Promise.resolve(refused) : real(...args));
  }
  return () => void Object.assign(api, before);
}

async function run(one: World): Promise<RestoreReport> {
  expect(await start(one, new TestWorker())).toBe("finished");
  return report(one);
}

const EVES = (...args: unknown[]) => args[1] === EVE || typeof args[1] === "string" && args[1].startsWith("Planback/");
const urlsOf = ({ fake }: World) => [...fake.details.values()].filter(({ id }) => fake.tasks.has(id)).flatMap(({ references }) => Object.keys(references ?? {}));

describe.each(WAYS)("what was refused at first, %s", (name, begin) => {
  it("is named by the report; then it goes on: files are where their references point, and who could not join is assigned", async () => {
    const one = await begin();
    const allow = refuse(one.fake, ["upload", "addMember"], EVES);
    const first = await run(one);
    expect(first.verdict).toBe("incomplete");
    expect(first.failed.map(({ reason }) => reason)).toEqual(first.failed.map(() => forbidden().message));
    expect(first.failed.map(({ label }) => label).join()).toMatch(/Add .* as a member/);
    expect(first.failed.map(({ label }) => label).join()).toMatch(/Upload file/);
    expect(JSON.stringify([...one.fake.tasks.values()].map(({ assignments }) => assignments))).not.toContain(EVE);
    allow();
    reopen(one.rows);
    const second = await run(one);
    expect([second.itemsDifferent, second.failed, second.skipped, second.verdict]).toEqual([[], [], [], "exact"]);
    const keys = urlsOf(one);
    expect(keys.length).toBe(2);
    for (const key of keys) expect(key).toContain(encodeReferenceKey("https://contoso.sharepoint.com/Planback/"));
    await expectWhole(one, name);
  });

  it.each(["die", "fail"] as const)("whatever befalls the worker that goes on (%s)", { timeout: 60_000 }, async (kind) => {
    const prepared = async () => {
      const one = await begin();
      const allow = refuse(one.fake, ["upload", "addMember"], EVES);
      await run(one);
      allow();
      reopen(one.rows);
      return one;
    };
    const worker = new TestWorker();
    await start(await prepared(), worker);
    for (let at = 1; at <= worker.steps; at += 1) {
      const one = await prepared();
      await carryThrough(one, [{ at, mishap: kind === "die" ? "die" : at % 2 === 1 ? "fail-before" : "fail-after" }]);
      await expectWhole(one, remark(name, { at, kind }));
    }
  });

  it("also when the worker dies at any step before, while all that is refused", { timeout: 60_000 }, async () => {
    const worker = new TestWorker();
    const undisturbed = await begin();
    refuse(undisturbed.fake, ["upload", "addMember"], EVES);
    await start(undisturbed, worker);
    for (let at = 1; at <= worker.steps; at += 1) {
      const one = await begin();
      const allow = refuse(one.fake, ["upload", "addMember"], EVES);
      await start(one, new TestWorker(at, "die"));
      one.clock.at += 20_000;
      allow();
      reopen(one.rows);
      await carryThrough(one, []);
      await expectWhole(one, remark(name, { at }));
    }
  });
});

describe("a plan that is in the archive when its restore goes on", () => {
  const archive = ({ fake }: World, archived: boolean) => {
    const plan = [...fake.plans.values()][0]!;
    return fake.api.setArchived(plan.id, plan["@odata.etag"], archived, "Done");
  };
  /** Stopped by a person in the middle. */
  async function cancelled(snapshot: SnapshotContent): Promise<World> {
    const one = await world(snapshot, NEW_PLAN);
    const cancel = new AbortController();
    const worker = new TestWorker(Infinity, "die", (step) => (step === 60 ? cancel.abort() : undefined));
    expect(await start(one, worker, cancel.signal)).toBe("cancelled");
    reopen(one.rows);
    return one;
  }
  /** Every write from now on. */
  const counted = ({ fake }: World) => {
    const before = fake.writes;
    return () => fake.writes - before;
  };

  it("is taken out, and put back, when it belongs there", async () => {
    const one = await cancelled(content({ isArchived: true }));
    await archive(one, true);
    expect((await run(one)).verdict).toBe("exact");
    await expectWhole(one, "archived by a person");
  });

  it("is left there, and nothing is written, when only a person can have put it there", async () => {
    const one = await cancelled(content());
    await archive(one, true);
    const writes = counted(one);
    await expect(start(one, new TestWorker())).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/archive.*Nothing more was written.*Take it out/s) });
    expect(writes()).toBe(0);
    await archive(one, false);
    expect((await run(one)).verdict).toBe("exact");
  });

  it("and cannot be taken out: nothing is written, and the words say why", async () => {
    const one = await cancelled(content({ isArchived: true }));
    await archive(one, true);
    const allow = refuse(one.fake, ["setArchived"]);
    const writes = counted(one);
    await expect(start(one, new TestWorker())).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/archive.*policy of the organisation.*Nothing more was written/s) });
    expect(writes()).toBe(0);
    allow();
    expect((await run(one)).verdict).toBe("exact");
    await expectWhole(one, "allowed later");
  });

  it("only goes into the archive when all is done, if it was not in it before: what is left can still be compared with the preview", async () => {
    const one = await inPlace(content({ isArchived: true }));
    const isThis = (path: unknown) => typeof path === "string" && path.endsWith("/details");
    const allow = refuse(one.fake, ["patch"], isThis);
    const first = await run(one);
    expect([first.verdict, [...one.fake.plans.values()][0]!.isArchived]).toEqual(["incomplete", false]);
    expect(first.skipped.map(({ label }) => label)).toContain("Put the plan into the archive");
    allow();
    reopen(one.rows);
    await run(one);
    await expectWhole(one, "into the archive");
  });
});
