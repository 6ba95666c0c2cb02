import Link from "next/link";
import { consentOutcome } from "@/components/consent/outcomes";
import { PublicFrame } from "@/components/shell/public-frame";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

export const metadata = { title: "Consent" };

interface Props { searchParams: Promise<{ outcome?: string; workspace?: string; for?: string; id?: string }> }

const isId = (value: unknown): boolean => typeof value === "string" && /^[0-9a-f-]{36}$/i.test(value);

/** Where the callback sends the browser. The query only chooses words: what was granted is read from the database. */
export default async function ConsentResultPage({ searchParams }: Props) {
  const { outcome: value, workspace, for: purpose, id } = await searchParams;
  const outcome = consentOutcome(value);
  const known = isId(workspace);
  return (
    <PublicFrame>
      <h1 className="text-2xl font-semibold tracking-tight">{outcome.title}</h1>
      <Notice tone={outcome.tone} live className="mt-5">
        {outcome.text}
        {outcome.name === "failed" && isId(id) ? <p className="mt-2 text-[0.8125rem] text-muted">Error id for the operator: <code className="font-mono [overflow-wrap:anywhere]">{id}</code></p> : null}
      </Notice>
      <p className="mt-4">{outcome.next}</p>
      <div className="mt-6 flex flex-wrap gap-2">
        {known ? (
          <>
            {outcome.name === "granted" ? <Button asChild variant="primary">{purpose === "app_only" ? <Link href={`/w/${workspace}/connections/new`}>Go on: connect the whole tenant</Link> : <Link href={`/w/${workspace}/connections`}>Go on: connect an account</Link>}</Button> : null}
            <Button asChild variant={outcome.name === "granted" ? "secondary" : "primary"}><Link href={`/w/${workspace}/consent`}>{outcome.name === "granted" ? "See the consent" : "Back to the consent page"}</Link></Button>
          </>
        ) : (
          <Button asChild><Link href="/">Go to the start page</Link></Button>
        )}
      </div>
    </PublicFrame>
  );
}
