import { liveResponse } from "@/app/live";
import { getWorkspace, listConsentLinks, listTenants } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string }> }

/** Consent as it stands and, for those who may see them, what became of the links: an administrator elsewhere may change both. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId } = await params;
  return liveResponse(
    request,
    async (actor) => {
      const workspace = await getWorkspace(actor, workspaceId);
      const manage = workspace.permissions.includes("connection.manage");
      const [tenants, links] = await Promise.all([listTenants(actor, workspaceId), manage ? listConsentLinks(actor, workspaceId) : []]);
      return { tenants, links };
    },
    () => false,
  );
}
