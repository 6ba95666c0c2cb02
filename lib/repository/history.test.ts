/** Long histories of snapshots that share pages and segments: each stays what it was, whatever came after it and was lost. */
import { describe, expect, it } from "vitest";
import type { SnapshotRecord } from "@/lib/planner/types";
import { openRepository } from "./index";
import { canonicalJson, compareRecords } from "./records";
import { createMemoryStore, keysOf, plannerId, randomFrom, snapshotOf } from "./testing";

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const HISTORIES = process.env.PLANBACK_LONG === "1" ? 30 : 2;
const STEPS = 30;

/** Enough of it that lists need several pages; some records alone are longer than a segment. */
class Plan {
  readonly #comments = new Map<string, string>();
  constructor(private readonly random: (below: number) => number) {
    for (let index = 0; index < 300; index++) this.#add();
  }

  step(): void {
    const work = this.random(10) === 0 ? 200 : this.random(12);
    for (let index = 0; index < work; index++) {
      const ids = [...this.#comments.keys()];
      const id = ids[this.random(ids.length)];
      const what = this.random(this.#comments.size < 250 ? 3 : 4);
      if (id === undefined || what === 0) this.#add();
      else if (what === 3) this.#comments.delete(id);
      else this.#comments.set(id, this.#text());
    }
    if (this.random(15) === 0) for (const id of [...this.#comments.keys()].slice(0, this.random(this.#comments.size + 1))) this.#comments.delete(id);
  }

  records(): SnapshotRecord[] {
    return [
      { kind: "plan", id: "p", plan: { id: "p", title: "P" } },
      ...[...this.#comments].map(([id, text]): SnapshotRecord => ({ kind: "comment", id, comment: { id, taskId: "t", threadId: "", authorName: null, authorAddress: null, createdDateTime: "", text, original: { contentType: "text", content: "" } } })),
    ];
  }

  #add(): void {
    this.#comments.set(plannerId(`comment ${this.random(2 ** 31)}`), this.#text());
  }

  #text(): string {
    return "x".repeat(this.random(this.random(30) === 0 ? 20_000 : 3000)) + this.random(2 ** 31);
  }
}

const asText = (records: SnapshotRecord[]) => records.toSorted(compareRecords).map((record) => canonicalJson(record));

describe("a history", () => {
  it(`reads back as it was written, also after pages and manifests were lost (SEED=${SEED})`, async () => {
    let [pagesSeen, lost] = [0, 0];
    for (let history = 0; history < HISTORIES; history++) {
      const random = randomFrom(SEED + history);
      const store = createMemoryStore();
      const keys = keysOf("w");
      const repository = openRepository({ store, keys });
      const plan = new Plan(random);
      const written: { manifestId: string; texts: string[]; records: SnapshotRecord[] }[] = [];
      for (let step = 0; step < STEPS; step++) {
        plan.step();
        const records = plan.records();
        const before = new Map(store.objects);
        const previous = written.at(-1)?.manifestId ?? null;
        const { manifestId } = await repository.writeSnapshot(snapshotOf(`s${step}`, previous), records);
        written.push({ manifestId, texts: asText(records), records });
        pagesSeen = Math.max(pagesSeen, (await repository.readManifest(manifestId)).pages.length);

        // The same backup where a page of the snapshot before, or its manifest, is gone: the new snapshot is whole all the same.
        const victims = [...before.keys()].filter((key) => key.includes("/page/") || key.endsWith(previous ?? "?"));
        const victim = victims[random(victims.length)];
        if (!victim) continue;
        lost++;
        before.delete(victim);
        const without = openRepository({ store: createMemoryStore(before), keys });
        const again = await without.writeSnapshot(snapshotOf(`s${step}`, previous), records);
        expect((await without.verify([again.manifestId])).damaged, `SEED=${SEED}, history ${history}, step ${step}`).toEqual([]);
        expect(asText((await without.readSnapshotParts(again.manifestId)).records)).toEqual(written.at(-1)!.texts);
      }
      for (const [step, { manifestId, texts }] of written.entries()) {
        expect(asText((await repository.readSnapshotParts(manifestId)).records), `SEED=${SEED}, history ${history}, step ${step}`).toEqual(texts);
      }
      expect(await repository.verify(written.map(({ manifestId }) => manifestId))).toMatchObject({ objects: store.objects.size, damaged: [], damagedManifests: [] });

      for (let pair = 0; pair < 20; pair++) {
        const [a, b] = [written[random(STEPS)]!, written[random(STEPS)]!];
        const { added, removed, changed } = await repository.diffSnapshots(a.manifestId, b.manifestId);
        const [inA, inB] = [new Set(a.texts), new Set(b.texts)];
        const [idsA, idsB] = [new Set(a.records.map(({ id }) => id)), new Set(b.records.map(({ id }) => id))];
        const expected = {
          added: asText(b.records.filter(({ id }) => !idsA.has(id))), removed: asText(a.records.filter(({ id }) => !idsB.has(id))),
          before: asText(a.records.filter((record) => idsB.has(record.id) && !inB.has(canonicalJson(record)))), after: asText(b.records.filter((record) => idsA.has(record.id) && !inA.has(canonicalJson(record)))),
        };
        expect({ added: asText(added), removed: asText(removed), before: asText(changed.map((one) => one.before)), after: asText(changed.map((one) => one.after)) }, `SEED=${SEED}, history ${history}`).toEqual(expected);
      }
    }
    expect(pagesSeen).toBeGreaterThan(1);
    expect(lost).toBeGreaterThan(HISTORIES * 10);
  }, 120_000);
});
