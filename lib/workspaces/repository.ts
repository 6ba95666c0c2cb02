import { config } from "@/lib/config";
import { createFileStore, openRepository } from "@/lib/repository";
import type { Repository } from "@/lib/repository/types";
import { repositoryKeys } from "./keys";

/** The repository of one workspace, in the configured storage. */
export async function repositoryOf(workspaceId: string): Promise<Repository> {
  return openRepository({ store: createFileStore(config().storageDir), keys: await repositoryKeys(workspaceId) });
}
