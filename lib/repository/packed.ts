import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { PlannerTask, PlannerTaskDetails, SnapshotRecord, TaskBoardFormats, TaskRecord } from "@/lib/planner/types";

/** Records kept small while much of a plan is held: as objects, 9,000 tasks would take tens of times the room. */
export type Packed<T> = string & { readonly holds?: T };

/** For a few KiB at a time: zlib's defaults take some 300 KiB for each call. */
const SMALL = { level: 1, windowBits: 12, memLevel: 5, chunkSize: 2048 };

export function pack<T>(value: T): Packed<T> {
  return deflateRawSync(JSON.stringify(value), SMALL).toString("latin1");
}

export function unpack<T>(packed: Packed<T>): T {
  return JSON.parse(inflateRawSync(Buffer.from(packed, "latin1"), { windowBits: SMALL.windowBits, chunkSize: 2 * SMALL.chunkSize }).toString()) as T;
}

/** Under it an object holds the text of some of its properties: the same getters for all objects, so that V8 keeps them in few shapes. */
const HELD = Symbol("held");
type Held = Record<PropertyKey, string>;
/** Under it an altered task holds what it was and what makes it another one. */
const ALTERED = Symbol("altered");

const textOf = sameFor((key) => function (this: { [HELD]: Held }): unknown {
  return JSON.parse(this[HELD][key]!);
});

const packedOf = sameFor((key) => function (this: { [HELD]: Held }): unknown {
  return lately(this[HELD][key]!);
});

const alteredOf = sameFor((key) => function (this: { [ALTERED]: Altered }): unknown {
  const { was, changes } = this[ALTERED];
  return changes[key as keyof Changes] ? changes[key as keyof Changes]!(was) : was[key as keyof TaskRecord];
});

function sameFor(make: (key: PropertyKey) => () => unknown): (key: PropertyKey) => PropertyDescriptor {
  const known = new Map<PropertyKey, PropertyDescriptor>();
  return (key) => {
    const getter = known.get(key) ?? { enumerable: true, configurable: true, get: make(key) };
    known.set(key, getter);
    return getter;
  };
}

/** A new object, for V8 makes a dictionary, five times as large, of one whose properties become getters. */
function holding<T extends object>(object: T, texts: Held, packed: Held = {}): T {
  const held = Object.defineProperty({}, HELD, { value: { ...texts, ...packed } }) as T;
  for (const key of Object.keys(object) as (keyof T & string)[]) {
    if (key in texts) Object.defineProperty(held, key, textOf(key));
    else if (key in packed) Object.defineProperty(held, key, packedOf(key));
    else held[key] = object[key];
  }
  return held;
}

/**
 * Holds what lies under these keys as text, a third of what it takes as objects, or packed, and reads that each time it is asked for.
 * Do not spread such an object where many are held: that makes objects of it for good.
 */
export function holdText<T extends object>(object: T, keys: readonly (keyof T)[], toPack: readonly (keyof T)[] = []): T {
  const as = (write: (value: unknown) => string, some: readonly (keyof T)[]): Held => Object.fromEntries(some.map((key) => [key, write(object[key])]));
  return holding(object, as(JSON.stringify, keys), as(pack, toPack));
}

/** A task that is held as text likewise, its details (notes, checklist and attachments: most of it) packed. */
export function lean(record: TaskRecord): TaskRecord {
  const { task, formats, details } = record;
  return holding(record, { task: JSON.stringify(task), formats: JSON.stringify(formats) }, details ? { details: pack(details) } : {});
}

/** For snapshots of which much is held (Repository.readSnapshot). */
export const leanRecord = (record: SnapshotRecord): SnapshotRecord => (record.kind === "task" ? lean(record) : record);

/** What makes parts of a task of what it was. Methods where there are many: an arrow function that is given a name takes five times the room. */
export interface Changes {
  task?(was: TaskRecord): PlannerTask;
  details?(was: TaskRecord): PlannerTaskDetails | null;
  formats?(was: TaskRecord): TaskBoardFormats;
}

interface Altered { was: TaskRecord; changes: Changes }

/** The task with parts that are made each time they are asked for: nothing of them is held. */
export function altered(was: TaskRecord, changes: Changes, id = was.id): TaskRecord {
  const record = { kind: was.kind, id } as TaskRecord;
  Object.defineProperty(record, ALTERED, { value: { was, changes } });
  for (const key of ["task", "details", "formats"] as const) Object.defineProperty(record, key, alteredOf(key));
  return record;
}

const LATELY = 4;
const lastUnpacked: { packed: string; value: unknown }[] = [];

/** Details are asked for several times in a row, of two tasks that are compared. */
function lately(packed: string): unknown {
  const known = lastUnpacked.find((one) => one.packed === packed);
  if (known) return known.value;
  const value = unpack(packed);
  lastUnpacked.push({ packed, value });
  if (lastUnpacked.length > LATELY) lastUnpacked.shift();
  return value;
}
