import { OPERATIONS } from "@/lib/api/operations";
import { readCatalogue } from "@/lib/workspaces";
import { serve } from "../../../serve";
import { pageById } from "../../../pages";

export const GET = serve(OPERATIONS.listGroups, async ({ actor, workspaceId, path, ...page }) => pageById((await readCatalogue(actor, workspaceId, path.connectionId!))?.groups ?? [], page));
