import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { config } from "@/lib/config";
import { PlanbackError } from "@/lib/errors";

/** Where the next page begins, for the client to send back. `list` names workspace, operation and filters: it is good for nothing else. */
export function sealCursor(list: string, position: string): string {
  return Buffer.concat([signature(list, position), Buffer.from(position)]).toString("base64url");
}

/** Throws `invalid_input` for what we did not give out for this list. */
export function openCursor(list: string, cursor: string): string {
  const bytes = Buffer.from(cursor, "base64url");
  const position = bytes.subarray(SIZE).toString();
  if (bytes.length > SIZE && timingSafeEqual(bytes.subarray(0, SIZE), signature(list, position))) return position;
  throw new PlanbackError("invalid_input", "This cursor is not of this list, or the other parameters were changed. Begin with the first page.", { facts: { parameter: "cursor" } });
}

const SIZE = 16;

function signature(list: string, position: string): Buffer {
  const key = Buffer.from(hkdfSync("sha256", config().sessionSecret, "", "planback/cursor/1", 32));
  return createHmac("sha256", key).update(list).update("\0").update(position).digest().subarray(0, SIZE);
}
