import { config } from "@/lib/config";
import { withWorkspace } from "@/lib/db";
import { createFileStore, openRepository } from "@/lib/repository";
import type { ObjectStore, Repository, VerifyReport } from "@/lib/repository/types";
import { measuredStore } from "@/lib/telemetry/store";
import { condemnedOf } from "./condemned";
import { openJson, repositoryKeys } from "./keys";
import { keepKit } from "./kit";
import { PLACE } from "./sealed";

/** The storage of the installation. */
export function installationStore(): ObjectStore {
  return measuredStore(createFileStore(config().storageDir));
}

/** Where what belongs to a workspace is stored. */
export async function storeOf(_workspaceId: string): Promise<ObjectStore> {
  return installationStore();
}

/** The repository of one workspace, in the configured storage. */
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
