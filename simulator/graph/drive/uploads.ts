import { randomBytes } from "node:crypto";
import type { GraphAnswer, GraphCall } from "../context";
import type { DriveStore, UploadSession } from "./store";

const LIFETIME_MS = 24 * 3_600_000;

/** https://learn.microsoft.com/graph/api/driveitem-createuploadsession */
export function startUpload(call: GraphCall, store: DriveStore, where: Pick<UploadSession, "drive" | "parent" | "name" | "conflict">): GraphAnswer {
  const id = randomBytes(18).toString("base64url");
  const session: UploadSession = { ...where, id, by: call.user?.id ?? null, received: [], next: 0, total: null, expiresAt: call.world.now() + LIFETIME_MS };
  store.sessions.set(id, session);
  const { drive, parent } = where;
  return {
    status: 200,
    body: {
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession",
      uploadUrl: `https://${drive.tenant.sharepointHost}${drive.sitePath}/_api/v2.0/drives/${drive.id}/items/${parent.id}/uploadSession?guid='${id}'&overwrite=True&rename=False&dc=0&tempauth=${randomBytes(12).toString("base64url")}`,
      expirationDateTime: new Date(session.expiresAt).toISOString(),
      nextExpectedRanges: ["0-"],
    },
  };
}
