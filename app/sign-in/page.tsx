import { redirect } from "next/navigation";
import { PublicFrame } from "@/components/shell/public-frame";
import { SignInButton } from "@/components/shell/sign-in-button";
import { Notice } from "@/components/ui/notice";
import { signInProblem } from "@/components/shell/sign-in-problems";
import { currentActor } from "../session";
import { localPath } from "../local-path";

export const metadata = { title: "Sign in" };

interface Props { searchParams: Promise<{ error?: string | string[]; callbackUrl?: string | string[] }> }

export default async function SignInPage({ searchParams }: Props) {
  const { error, callbackUrl } = await searchParams;
  const next = localPath(callbackUrl);
  const code = Array.isArray(error) ? error[0] : error;
  if (!code && (await currentActor())) redirect(next);
  const problem = code ? signInProblem(code) : null;
  return (
    <PublicFrame>
      <div className="mx-auto max-w-md">
        <h1 className="text-2xl font-semibold tracking-tight">Sign in to Planback</h1>
        <p className="mt-2 text-muted">Use your work or school account. Signing in shows Planback your name and which Microsoft tenant you belong to; it gives no access to your plans.</p>
        {problem ? <Notice tone="danger" live title={problem.title} className="mt-6">{problem.text}</Notice> : null}
        <div className="mt-6"><SignInButton callbackUrl={next} /></div>
      </div>
    </PublicFrame>
  );
}
