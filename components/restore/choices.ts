/**
 * Everything that a person chooses in the restore form. It lives in the address (what differs from the defaults), so that
 * a reload keeps it and a link shows it to somebody else; and it becomes the request. Pure.
 */
import { FIELD_KEYS, type FieldKey } from "@/lib/planner/diff";
import type { RestoreRequest } from "@/lib/restore/types";
import { damageSelection, deletedSelection, NOTHING, sameSelection, within, type RestoreItems, type Selection } from "./items";
import { addressOfTasks, decodePicked } from "./picked";

export type Where = RestoreRequest["target"]["kind"];

export interface Choices {
  what: "all" | "chosen";
  selection: Selection;
  connectionId: string;
  where: Where;
  /** In place: what is new since the snapshot. */
  added: "keep" | "remove";
  /** Of the group of a new plan, or of the existing plan. */
  groupId: string;
  planId: string;
  title: string;
  groupName: string;
  mailNickname: string;
  visibility: "Private" | "Public";
  people: Readonly<Record<string, string | null>>;
  unmatched: "drop" | "text";
  addMembers: boolean;
  comments: RestoreRequest["comments"];
}

/** Servers refuse long addresses: many tasks are put more shortly (picked.ts), longer lists of fields and people are left out. */
const LONGEST = 4_000;
const WHERE: readonly Where[] = ["new_plan", "in_place", "existing_plan", "new_group"];
const COMMENTS: readonly Choices["comments"][] = ["none", "quoted", "summary", "notes"];

const oneOf = <T extends string>(value: string | null, allowed: readonly T[], otherwise: T): T => allowed.find((each) => each === value) ?? otherwise;
const list = (value: string | null): string[] => (value ?? "").split(",").filter(Boolean);

/** Reads the address; what it does not say, or says wrongly, is as in `defaults`. */
export function choicesOf(params: URLSearchParams, defaults: Choices, items: RestoreItems): Choices {
  const selection = params.has("damage") ? damageSelection(items) : params.has("deleted") ? deletedSelection(items) : within(items, {
    tasks: pickedTasks(params, items), buckets: new Set(list(params.get("buckets"))), fields: new Map(list(params.get("fields")).map(fieldsOf)),
  });
  const text = (name: string, otherwise: string) => params.get(name) ?? otherwise;
  return {
    what: params.has("damage") || params.has("deleted") || params.has("chosen") || selection.tasks.size + selection.buckets.size > 0 ? "chosen" : defaults.what,
    selection,
    connectionId: text("account", defaults.connectionId),
    where: oneOf(params.get("where"), WHERE, defaults.where),
    added: oneOf(params.get("added"), ["keep", "remove"], defaults.added),
    groupId: text("group", defaults.groupId),
    planId: text("plan", defaults.planId),
    title: text("title", defaults.title),
    groupName: text("name", defaults.groupName),
    mailNickname: text("nickname", defaults.mailNickname),
    visibility: oneOf(params.get("visibility"), ["Private", "Public"], defaults.visibility),
    people: { ...defaults.people, ...Object.fromEntries(list(params.get("people")).map(personOf)) },
    unmatched: oneOf(params.get("unmatched"), ["drop", "text"], defaults.unmatched),
    addMembers: params.has("members") ? params.get("members") === "add" : defaults.addMembers,
    comments: oneOf(params.get("comments"), COMMENTS, defaults.comments),
  };
}

/** The address of the choices: only what differs from `defaults`. */
export function paramsOf(choices: Choices, defaults: Choices, items: RestoreItems): URLSearchParams {
  const params = new URLSearchParams();
  const { selection } = choices;
  if (choices.what === "chosen") {
    const whole = new Set(items.buckets.filter(({ id }) => selection.buckets.has(id)).flatMap(({ tasks }) => tasks.map(({ id }) => id)));
    const tasks = new Set([...selection.tasks].filter((id) => !whole.has(id)));
    const parts = {
      ...Object.fromEntries(new URLSearchParams(addressOfTasks(taskIds(items), tasks))),
      buckets: [...selection.buckets].join(","),
      fields: [...selection.fields].map(([id, keys]) => [id, ...keys].join(".")).join(","),
    };
    params.set("chosen", "");
    if (selection.tasks.size > 0 && sameSelection(selection, damageSelection(items))) params.set("damage", "");
    else if (selection.tasks.size > 0 && sameSelection(selection, deletedSelection(items))) params.set("deleted", "");
    else if (Object.values(parts).join().length <= LONGEST) for (const [name, value] of Object.entries(parts)) if (value) params.set(name, value);
  }
  const texts: [name: string, key: "connectionId" | "where" | "added" | "groupId" | "planId" | "title" | "groupName" | "mailNickname" | "visibility" | "unmatched" | "comments"][] = [
    ["account", "connectionId"], ["where", "where"], ["added", "added"], ["group", "groupId"], ["plan", "planId"], ["title", "title"],
    ["name", "groupName"], ["nickname", "mailNickname"], ["visibility", "visibility"], ["unmatched", "unmatched"], ["comments", "comments"],
  ];
  for (const [name, key] of texts) if (choices[key] !== defaults[key]) params.set(name, choices[key]);
  if (choices.addMembers !== defaults.addMembers) params.set("members", choices.addMembers ? "add" : "no");
  const people = Object.entries(choices.people).map(([from, to]) => `${from}:${to ?? ""}`).join(",");
  if (people && people.length <= LONGEST) params.set("people", people);
  return params;
}

const taskIds = ({ buckets }: RestoreItems): string[] => buckets.flatMap(({ tasks }) => tasks.map(({ id }) => id));

function pickedTasks(params: URLSearchParams, items: RestoreItems): Set<string> {
  const picked = params.get("picked");
  return (picked === null ? null : decodePicked(taskIds(items), picked)) ?? new Set(list(params.get("tasks")));
}

function fieldsOf(entry: string): [string, Set<FieldKey>] {
  const [id = "", ...keys] = entry.split(".");
  return [id, new Set(FIELD_KEYS.filter((key) => keys.includes(key)))];
}

function personOf(entry: string): [string, string | null] {
  const at = entry.indexOf(":");
  return [entry.slice(0, at), entry.slice(at + 1) || null];
}

/** What is asked of the engine. */
export function requestOf(choices: Choices, items: RestoreItems): RestoreRequest {
  const { selection, where, people } = choices;
  const chosen = choices.what === "chosen";
  const whole = items.buckets.filter(({ id }) => selection.buckets.has(id));
  const inWhole = new Set(whole.flatMap(({ tasks }) => tasks.map(({ id }) => id)));
  const fields = where === "in_place" && chosen ? [...selection.fields].filter(([id]) => selection.tasks.has(id)) : [];
  return {
    tasks: chosen ? [...selection.tasks].filter((id) => !inWhole.has(id)) : "all",
    ...(chosen && whole.length > 0 ? { buckets: whole.map(({ id }) => id) } : {}),
    ...(fields.length > 0 ? { fields: Object.fromEntries(fields.map(([id, keys]) => [id, [...keys]])) } : {}),
    target: targetOf(choices),
    ...(Object.keys(people).length > 0 ? { people: { ...people } } : {}),
    unmatched: choices.unmatched,
    addMembers: choices.addMembers,
    comments: choices.comments,
  };
}

function targetOf({ what, where, added, groupId, planId, title, groupName, mailNickname, visibility }: Choices): RestoreRequest["target"] {
  switch (where) {
    case "in_place":
      return { kind: "in_place", added: what === "all" ? added : "keep" };
    case "existing_plan":
      return { kind: "existing_plan", groupId, planId };
    case "new_group":
      return { kind: "new_group", name: groupName, mailNickname, visibility, title };
    case "new_plan":
      return { kind: "new_plan", groupId, title };
  }
}

/** The choices of an earlier restore of the same snapshot, to change them or to run it again. */
export function choicesOfRequest(request: RestoreRequest, connectionId: string, defaults: Choices, items: RestoreItems): Choices {
  const { target } = request;
  const selection = request.tasks === "all" ? NOTHING : within(items, {
    tasks: new Set(request.tasks), buckets: new Set(request.buckets ?? []),
    fields: new Map(Object.entries(request.fields ?? {}).map(([id, keys]) => [id, new Set(keys)])),
  });
  return {
    ...defaults,
    what: request.tasks === "all" ? "all" : "chosen", selection, connectionId,
    where: target.kind,
    ...(target.kind === "in_place" ? { added: target.added ?? "keep" } : {}),
    ...(target.kind === "new_plan" ? { groupId: target.groupId, title: target.title } : {}),
    ...(target.kind === "existing_plan" ? { groupId: target.groupId, planId: target.planId } : {}),
    ...(target.kind === "new_group" ? { groupName: target.name, mailNickname: target.mailNickname, visibility: target.visibility, title: target.title } : {}),
    people: request.people ?? {}, unmatched: request.unmatched ?? "drop", addMembers: request.addMembers, comments: request.comments,
  };
}

/** "12 tasks", "2 buckets and 3 tasks", "the whole plan". */
export function chosenText(request: Pick<RestoreRequest, "tasks" | "buckets">): string {
  if (request.tasks === "all") return "the whole plan";
  const count = (number: number, word: string) => (number === 0 ? [] : [`${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`]);
  return [...count(request.buckets?.length ?? 0, "bucket"), ...count(request.tasks.length, "task")].join(" and ");
}
