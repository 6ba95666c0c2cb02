/** What a person may ask of a restore, and what of it cannot be. */
import { z } from "zod";
import { PlanbackError } from "@/lib/errors";
import { FIELD_KEYS, type FieldKey } from "@/lib/planner";
import type { RestoreRequest } from "@/lib/restore/types";
import { nameOf } from "./input";
import { reaches, type Reach } from "./reach";
import type { Catalogue } from "./types";

const graphId = z.string().min(1).max(128);
const group = z.guid("Choose the group that the plan is restored to.");
const title = nameOf("new plan", 240, "title");
const fieldKey = z.enum(FIELD_KEYS as [FieldKey, ...FieldKey[]], "A chosen field is not one of a task's. Choose the fields again.");

const person = z.union([z.guid(), z.string().trim().max(320).regex(/^[^\s@]+@[^\s@]+$/)], "Give the user name (name@company.com) of a person of the target's directory, or nobody.");

const target = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("new_plan"), groupId: group, title }),
  z.strictObject({ kind: z.literal("in_place"), added: z.enum(["keep", "remove"]).optional() }),
  z.strictObject({ kind: z.literal("existing_plan"), planId: z.string().min(1, "Choose the plan that is restored into.").max(128), groupId: group }),
  z.strictObject({
    kind: z.literal("new_group"), title,
    name: nameOf("new group", 256),
    // https://learn.microsoft.com/graph/api/group-post-groups: ASCII without the characters @ () \ [] " ; : <> , and blank.
    mailNickname: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "The mail name of the group may have up to 64 letters, digits, dots, hyphens and underscores."),
    visibility: z.enum(["Private", "Public"], "Choose whether the new group is private or public."),
  }),
], "Choose where to restore to.");

const request: z.ZodType<RestoreRequest> = z.strictObject({
  tasks: z.union([z.literal("all"), z.array(graphId).max(20_000)]),
  buckets: z.array(graphId).max(1_000).optional(),
  fields: z.record(graphId, z.array(fieldKey).min(1, "Choose at least one field of each task, or the whole task.")).optional(),
  target,
  people: z.record(graphId, person.nullable()).optional(),
  unmatched: z.enum(["drop", "text"]).optional(),
  addMembers: z.boolean(),
  comments: z.enum(["quoted", "summary", "notes", "none"], "Choose what becomes of the comments."),
}).superRefine((wanted, context) => {
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  const inPlace = wanted.target.kind === "in_place";
  if (wanted.tasks !== "all" && wanted.tasks.length === 0 && !wanted.buckets?.length) refuse("Nothing is selected. Choose at least one task or bucket, or the whole plan.");
  if (wanted.fields && !inPlace) refuse("Single fields can only be set back in place. Choose the plan itself as the target, or restore whole tasks.");
  if (wanted.target.kind === "in_place" && wanted.target.added === "remove" && wanted.tasks !== "all") {
    refuse("What was added can only be removed when the whole plan is restored. Choose the whole plan, or keep what was added.");
  }
});

export const requestKey = z.string().min(8).max(100);

export const restoreInput = z.strictObject({
  snapshotId: z.guid(), connectionId: z.guid("Choose a connection account."), request, requestKey,
  /** A preview that this one takes the place of. */
  insteadOf: z.guid().optional(),
});

/** The group that is restored into; null: one that does not exist yet. */
export function targetGroupOf({ target }: RestoreRequest, sourceGroupId: string): string | null {
  return target.kind === "in_place" ? sourceGroupId : target.kind === "new_group" ? null : target.groupId;
}

/** Throws `invalid_input` when the target is not one that this connection account can restore to, or that the member sees. */
export function checkTarget({ target }: RestoreRequest, connection: { tid: string; catalogue: Catalogue | null }, snapshot: { tid: string; graphPlanId: string }, groups: Reach): void {
  if (target.kind === "in_place" && connection.tid !== snapshot.tid) {
    throw refused("A restore in place needs a connection account of the Microsoft tenant that the plan is in. Choose another account, or restore to a new plan.");
  }
  if (target.kind === "new_group" && groups) throw refused("You see the plans of some groups only, so a new group would be out of your sight. Choose one of your groups, or ask a person who sees all groups.");
  if (target.kind === "new_plan" && !reaches(groups, target.groupId)) throw refused("The chosen group is not among the groups that you see. Choose one of them. Nothing was changed.");
  if (target.kind !== "existing_plan") return;
  if (target.planId === snapshot.graphPlanId) throw refused("That is the plan that the snapshot was taken of. Choose to restore in place, or another plan.");
  const plan = connection.catalogue?.groups.find(({ id }) => id === target.groupId)?.plans.find(({ id }) => id === target.planId);
  if (!plan) throw refused("The chosen plan is not among those that the connection account sees in that group. Check the account again, then choose anew.");
  if (plan.unreachable) throw refused(`The chosen plan cannot be restored into: ${plan.unreachable.reason} ${plan.unreachable.remedy}`);
}

const refused = (message: string): PlanbackError => new PlanbackError("invalid_input", message);

/** Throws when the account may not write at the moment, with what to do. */
export function refuseWithoutWriteAccess({ kind, restoreState }: { kind: string; restoreState: string }): void {
  if (kind === "app_only") throw refused("An app-only connection only reads, and Microsoft lets no application write comments. Choose a connection account of this Microsoft tenant; if there is none, connect one on the Connections page. Nothing was changed.");
  switch (restoreState) {
    case "active":
      return;
    case "consent_missing":
      throw new PlanbackError("consent_missing", "The consent for restores is missing or was removed. Open Consent and have an admin grant it. Nothing was changed.");
    case "needs_sign_in":
      throw new PlanbackError("needs_sign_in", "The connection account must sign in again before it can restore. Open Connections and allow restore again. Nothing was changed.");
    default:
      throw new PlanbackError("needs_sign_in", "The connection account has no write access. Open Connections and allow restore for it; it is taken away again afterwards. Nothing was changed.");
  }
}
