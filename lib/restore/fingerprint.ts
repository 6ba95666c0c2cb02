/** Knowing again what we created without knowing its id: by content, author, time and place. Pure. */
import { appliedLabels, assigneesOf, canonicalDate, decodeReferenceKey, liesInGap } from "@/lib/planner";
import type { GraphObject, PlannerTask } from "@/lib/planner/types";
import type { OperationKind } from "./types";

/** Difference of clocks, Microsoft's and ours, that is allowed for (ms). */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** Something that may exist: what was sent. */
export interface Sought { seq: number; body: GraphObject }
/** Something that does exist. */
export interface Candidate { id: string; etag: string; object: GraphObject }

const creator = (object: GraphObject): string | null => (object.createdBy as { user?: { id?: string | null } } | undefined)?.user?.id ?? null;

/** Made by our account since the restore began. Objects that do not say (buckets) are left to the other signs. */
export function madeByUs(object: GraphObject, accountId: string, startedAt: number): boolean {
  const by = creator(object);
  if (by !== null && by !== accountId) return false;
  const at = typeof object.createdDateTime === "string" ? Date.parse(object.createdDateTime) : Number.NaN;
  return Number.isNaN(at) || at >= startedAt - CLOCK_SKEW_MS;
}

export function taskFingerprint(task: GraphObject): string {
  const like = task as unknown as PlannerTask;
  return JSON.stringify([
    like.title, like.bucketId ?? null, like.percentComplete ?? 0, like.priority ?? 5, canonicalDate(like.startDateTime), canonicalDate(like.dueDateTime),
    appliedLabels(like.appliedCategories), assigneesOf(like).sort(),
  ]);
}

export const bucketFingerprint = (bucket: GraphObject): string => JSON.stringify([bucket.name]);
export const planFingerprint = (plan: GraphObject): string => JSON.stringify([plan.title]);

/**
 * Pairs what is sought with what is there, each candidate at most once. Equal fingerprints are told apart by the gap that
 * each order hint asked for, where that can be; otherwise they are interchangeable.
 */
export function match(sought: readonly Sought[], candidates: readonly Candidate[], fingerprint: (object: GraphObject) => string): Map<number, Candidate> {
  const pairs = new Map<number, Candidate>();
  const free = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = fingerprint(candidate.object);
    free.set(key, [...(free.get(key) ?? []), candidate]);
  }
  const take = (one: Sought, accept: (candidate: Candidate) => boolean) => {
    const list = free.get(fingerprint(one.body)) ?? [];
    const index = list.findIndex(accept);
    const [found] = index < 0 ? [] : list.splice(index, 1);
    if (found) pairs.set(one.seq, found);
  };
  const inGap = (one: Sought) => (candidate: Candidate) => liesInGap(String(one.body.orderHint ?? ""), String(candidate.object.orderHint ?? ""));
  for (const one of sought) take(one, inGap(one));
  for (const one of sought) if (!pairs.has(one.seq)) take(one, () => true);
  return pairs;
}

/** True when an object already has everything a PATCH body asks for; order hints are not looked at. */
export function satisfies(live: GraphObject, body: GraphObject): boolean {
  return Object.entries(body).every(([key, wanted]) => {
    if (key === "orderHint" || key === "previewPriority" || key === "@odata.type") return true;
    const is = live[key];
    if (key.endsWith("DateTime")) return canonicalDate(is as string | null) === canonicalDate(wanted as string | null);
    if (wanted === null || wanted === false) return is === null || is === undefined || is === false;
    if (typeof wanted === "object") return typeof is === "object" && is !== null && satisfies(is as GraphObject, wanted as GraphObject);
    return is === wanted;
  });
}

/** True while what `was` names is neither more nor less than that; order hints are not looked at. */
export function isStill(live: GraphObject, was: GraphObject): boolean {
  return satisfies(live, was) && satisfies(was, Object.fromEntries(Object.keys(was).map((key) => [key, live[key] ?? null])));
}

/** True while what a restore made is as its creation left it, where it is to be filled in: details as a whole, else what `body` sets. */
export function asCreated(kind: OperationKind, live: GraphObject, body: GraphObject): boolean {
  if (kind !== "update_task_details") return isUnset(live, body);
  return notesOf(live) === "" && (live.previewType ?? "automatic") === "automatic" && [live.description, live.checklist, live.references, live.completionRequirements].every(isEmpty);
}

function isUnset(live: GraphObject, body: GraphObject): boolean {
  return Object.entries(body).every(([key, wanted]) => {
    const is = live[key];
    if (key.startsWith("@odata.") || isEmpty(is) || is === wanted) return true;
    return typeof is === "object" && typeof wanted === "object" && wanted !== null && isUnset(is as GraphObject, wanted as GraphObject);
  });
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === null || value === undefined || value === "" || value === false;
  return Object.entries(value).every(([key, one]) => key.startsWith("@odata.") || isEmpty(one));
}

/**
 * True when an earlier PATCH with `body` was applied, even if people went on from there: a request is applied whole or not at
 * all, so any part of it tells. Microsoft may write texts and keys in its own way.
 */
export function isWritten(live: GraphObject, body: GraphObject): boolean {
  const keysOf = (object: GraphObject, part: string) => Object.keys((object[part] ?? {}) as GraphObject).map(decodeReferenceKey);
  const shares = (part: string) => keysOf(body, part).some((key) => keysOf(live, part).includes(key));
  const reads = (textOf: (object: GraphObject) => string) => textOf(body) !== "" && textOf(live) === textOf(body);
  return satisfies(live, body) || shares("checklist") || shares("references") || reads(notesOf) || reads(({ description }) => bare(description));
}

const bare = (text: unknown): string => (typeof text === "string" ? text.replace(/<[^>]*>|&nbsp;|\s/g, "") : "");
const notesOf = ({ notes }: GraphObject): string => bare((notes as GraphObject | null | undefined)?.content);
