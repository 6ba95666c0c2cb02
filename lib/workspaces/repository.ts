import { withWorkspace } from "@/lib/db";
import { openRepository } from "@/lib/repository";
import type { Repository, VerifyReport } from "@/lib/repository/types";
import { condemnedOf } from "./condemned";
import { openJson, repositoryKeys } from "./keys";
import { keepKit } from "./kit";
import { storeOf } from "./places";
import { PLACE } from "./sealed";

/** The repository of one workspace, where it is kept. */
export async function repositoryOf(workspaceId: string): Promise<Repository> {
  return openRepository({ store: await storeOf(workspaceId), keys: await repositoryKeys(workspaceId) });
}

/**
 * The same for whoever stores: objects that the last verification found damaged are stored again when they come by, and
 * what is about to be removed stays when it is needed after all. To be opened when the backup is under way, as its row says.
 */
export async function storingRepositoryOf(workspaceId: string): Promise<Repository> {
  await keepKit(workspaceId);
  const last = await withWorkspace(workspaceId, (tx) =>
    tx.verification.findFirst({ where: { workspaceId, state: { in: ["clean", "damaged"] } }, orderBy: [{ createdAt: "desc" }, { id: "desc" }] }));
  const report = last?.state === "damaged" && last.sealedReport ? await openJson<VerifyReport>(workspaceId, "content", PLACE.verifyReport(last.id), last.sealedReport) : null;
  const suspects = new Set(report?.damaged.map((damage) => damage.objectId));
  return openRepository({ store: await storeOf(workspaceId), keys: await repositoryKeys(workspaceId), suspects, condemned: await condemnedOf(workspaceId) });
}
