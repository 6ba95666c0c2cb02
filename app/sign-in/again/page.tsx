import Link from "next/link";
import { PublicFrame } from "@/components/shell/public-frame";
import { SignInButton } from "@/components/shell/sign-in-button";
import { Button } from "@/components/ui/button";
import { localPath } from "../../local-path";
import { requireActor } from "../../session";

export const metadata = { title: "Sign in again" };

/** Step-up: where a dangerous action sends a person whose sign-in is not fresh. */
export default async function SignInAgainPage({ searchParams }: { searchParams: Promise<{ callbackUrl?: string | string[] }> }) {
  const actor = await requireActor();
  const back = localPath((await searchParams).callbackUrl);
  return (
    <PublicFrame>
      <div className="mx-auto max-w-md">
        <h1 className="text-2xl font-semibold tracking-tight">Sign in once more</h1>
        <p className="mt-2 text-muted">What you are about to do cannot be taken back, so Planback asks who is there. Nothing was changed yet. Afterwards you are back where you were; do it again within ten minutes.</p>
        <p className="mt-4">Signed in as <strong>{actor.name}</strong> ({actor.username}).</p>
        <div className="mt-6 flex flex-wrap gap-3"><SignInButton callbackUrl={back} again /><Button asChild size="large"><Link href={back}>Go back without it</Link></Button></div>
      </div>
    </PublicFrame>
  );
}
