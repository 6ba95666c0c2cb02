"use server";

import { startConsentFromLink } from "@/lib/workspaces";
import { action } from "../../action";
import { followFlow } from "../../flow";

/** The secret of the link is the right to ask; nobody has to be signed in. */
export async function startConsentFromLinkAction(secret: string) {
  return action(async () => followFlow(await startConsentFromLink(String(secret))));
}
