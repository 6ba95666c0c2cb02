import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { PlannerTaskDetails, SnapshotRecord, TaskRecord } from "@/lib/planner/types";

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
const getters = new Map<PropertyKey, PropertyDescriptor>();

function getterOf(key: PropertyKey): PropertyDescriptor {
  const known = getters.get(key) ?? {
    enumerable: true, configurable: true,
    get(this: { [HELD]: Makers }): unknown {
      const made = this[HELD][key]!;
      return typeof made === "function" ? made() : JSON.parse(made);
    },
  };
  getters.set(key, known);
  return known;
}

function holding<T extends object>(object: T, makers: Makers): T {
  Object.defineProperty(object, HELD, { value: makers });
  for (const key of Object.keys(makers)) Object.defineProperty(object, key, getterOf(key));
  return object;
}

/**
 * Holds what lies under these keys as text, a third of what it takes as objects, and reads that each time it is asked for. Do not
 * spread such an object where many are held: that makes objects of it for good.
 */
export function holdText<T extends object>(object: T, ...keys: (keyof T)[]): T {
  return holding(object, Object.fromEntries(keys.map((key) => [key, JSON.stringify(object[key])])));
}

/** A task whose details (notes, checklist and attachments: most of it) are held packed, likewise. */
export function lean(record: TaskRecord): TaskRecord {
  if (record.details === null) return record;
  const packed = pack(record.details);
  return holding(record, { details: () => lately(packed) });
}

/** For snapshots of which much is held (Repository.readSnapshot). */
export const leanRecord = (record: SnapshotRecord): SnapshotRecord => (record.kind === "task" ? lean(record) : record);

/** The task with other properties, its details as they are or as `details` makes them each time they are asked for. */
export function altered(record: TaskRecord, changes: Partial<Omit<TaskRecord, "details">>, details = () => record.details): TaskRecord {
  const { kind, id, task, formats } = record;
  return holding({ kind, id, task, formats, details: null, ...changes }, { details });
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
