import { liveResponse } from "@/app/live";
import { getDelivery } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; deliveryId: string }> }

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, deliveryId } = await params;
  return liveResponse(request, (actor) => getDelivery(actor, workspaceId, deliveryId), (delivery) => delivery.state !== "queued");
}
