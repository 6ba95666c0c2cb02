import { liveResponse } from "@/app/live";
import { isVerificationFinished } from "@/components/run/states";
import { getVerification } from "@/lib/workspaces";

interface Context { params: Promise<{ workspaceId: string; verificationId: string }> }

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { workspaceId, verificationId } = await params;
  return liveResponse(request, (actor) => getVerification(actor, workspaceId, verificationId), (verification) => isVerificationFinished(verification.state));
}
