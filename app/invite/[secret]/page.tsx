import Link from "next/link";
import { PublicFrame } from "@/components/shell/public-frame";
import { ROLE_NAMES, ROLE_SENTENCES } from "@/components/shell/roles";
import { SignInButton } from "@/components/shell/sign-in-button";
import { ActionButton } from "@/components/ui/action-button";
import { Button } from "@/components/ui/button";
import { plural } from "@/components/ui/text";
import { readInvitation } from "@/lib/workspaces";
import { load } from "../../load";
import { currentActor } from "../../session";
import { acceptInvitationAction } from "./actions";

export const metadata = { title: "Invitation" };

const WHY = {
  accepted: "It was used already. If it was you, open your workspaces from the start page.",
  revoked: "It was withdrawn.",
  expired: "Its time is over.",
  unknown: "The link is incomplete, or no such invitation was ever made.",
};

export default async function InvitePage({ params }: { params: Promise<{ secret: string }> }) {
  const { secret } = await params;
  const [actor, invitation] = await Promise.all([currentActor(), load(() => readInvitation(secret))]);
  if (invitation?.state !== "open") {
    return (
      <PublicFrame>
        <h1 className="text-2xl font-semibold tracking-tight">This invitation is not valid any more</h1>
        <p className="mt-2 text-muted">{WHY[invitation?.state ?? "unknown"]} Ask the person who invited you for a new link.</p>
        <Button asChild className="mt-6"><Link href="/">Go to the start page</Link></Button>
      </PublicFrame>
    );
  }
  return (
    <PublicFrame>
      <h1 className="text-2xl font-semibold tracking-tight [overflow-wrap:anywhere]">Join {invitation.workspaceName}</h1>
      <p className="mt-2 text-muted">You are invited as <strong className="text-ink">{ROLE_NAMES[invitation.role]}</strong>: {ROLE_SENTENCES[invitation.role]} {invitation.groupCount === null ? "" : `You will see the content of ${plural(invitation.groupCount, "group")} only. `}The link works once.</p>
      <div className="mt-6">
        {actor ? (
          <>
            <p className="mb-4">Signed in as <strong>{actor.name}</strong> ({actor.username}).</p>
            <ActionButton variant="primary" size="large" action={acceptInvitationAction.bind(null, secret)}>Join workspace</ActionButton>
          </>
        ) : <SignInButton callbackUrl={`/invite/${encodeURIComponent(secret)}`} />}
      </div>
    </PublicFrame>
  );
}
