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

/** Under it an object holds what makes some of its properties, text or function: the same getters for all objects, so that V8 keeps them in few shapes. */
const HELD = Symbol("held");
type Makers = Record<PropertyKey, string | (() => unknown)>;
/** Under it an altered task holds what it was and what makes it another one. */
const ALTERED = Symbol("altered");

const getterOf = sameFor((key) => function (this: { [HELD]: Makers }): unknown {
  const made = this[HELD][key]!;
  return typeof made === "function" ? made() : JSON.parse(made);
});

const alteredOf = sameFor((key) => function (this: { [ALTERED]: Altered }): unknown {
  const { was, changes } = this[ALTERED];
  const change = changes[key as keyof Changes];
  return change ? change(was) : was[key as keyof TaskRecord];
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
function holding<T extends object>(object: T, makers: Makers): T {
  const held = Object.defineProperty({}, HELD, { value: makers }) as T;
  for (const key of Object.keys(object) as (keyof T & string)[]) {
    if (key in makers) Object.defineProperty(held, key, getterOf(key));
    else held[key] = object[key];
  }
  return held;
}

/**
 * Holds what lies under these keys as text, a third of what it takes as objects, and reads that each time it is asked for. Do not
 * spread such an object where many are held: that makes objects of it for good.
 */
export function holdText<T extends object>(object: T, ...keys: (keyof T)[]): T {
  return holding(object, Object.fromEntries(keys.map((key) => [key, JSON.stringify(object[key])])));
}

/** A task that is held as text likewise, its details (notes, checklist and attachments: most of it) packed. */
export function lean(record: TaskRecord): TaskRecord {
  const { task, formats, details } = record;
  const packed = details && pack(details);
  return holding(record, { task: JSON.stringify(task), formats: JSON.stringify(formats), ...(packed === null ? {} : { details: () => lately(packed) }) });
}

/** For snapshots of which much is held (Repository.readSnapshot). */
export const leanRecord = (record: SnapshotRecord): SnapshotRecord => (record.kind === "task" ? lean(record) : record);

/** What makes parts of a task of what it was. */
export interface Changes {
  task?: (was: TaskRecord) => PlannerTask;
  details?: (was: TaskRecord) => PlannerTaskDetails | null;
  formats?: (was: TaskRecord) => TaskBoardFormats;
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
const lastUnpacked: { packed: Packed<PlannerTaskDetails>; details: PlannerTaskDetails }[] = [];

/** Details are asked for several times in a row, of two tasks that are compared. */
function lately(packed: Packed<PlannerTaskDetails>): PlannerTaskDetails {
  const known = lastUnpacked.find((one) => one.packed === packed);
  if (known) return known.details;
  const details = unpack(packed);
  lastUnpacked.push({ packed, details });
  if (lastUnpacked.length > LATELY) lastUnpacked.shift();
  return details;
}
