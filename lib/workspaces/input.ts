import { z } from "zod";
import { PlanbackError } from "@/lib/errors";
import { withoutUnseen } from "@/lib/unseen";

/** What a consent or a sign-in is for; anything else would be taken for a restore by whoever asks "is it backup?". */
export const purposeInput = z.enum(["backup", "restore"], { error: "Choose Backup or Restore. Nothing was changed." });

/** What a consent is for. */
export const grantInput = z.enum(["backup", "restore", "app_only"], { error: "Choose Backup, Restore or App-only backup. Nothing was changed." });

/** Parses what a person sent. Throws PlanbackError `invalid_input` with the first thing to mend, in words. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new PlanbackError("invalid_input", issue?.message ?? "The input is not usable. Nothing was changed.", {
    facts: { field: issue?.path.join(".") ?? "" },
  });
}

/** A name that others read, also in messages and on pages for strangers. */
export const nameOf = (what: string, max: number, word = "name") =>
  z.string().overwrite((text) => withoutUnseen(text).trim())
    .min(1, `Give the ${what} a ${word}.`).max(max, `The ${word} may have at most ${max} characters.`);
