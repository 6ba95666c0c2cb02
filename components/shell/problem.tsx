"use client";

import Link from "next/link";
import { unstable_isUnrecognizedActionError as isOfAnotherVersion } from "next/navigation";
import { RotateCw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

const TITLES: Record<string, string> = {
  forbidden: "Your role does not allow this",
  repository_damaged: "A stored object is damaged",
  storage_unavailable: "The storage cannot be reached",
  database_unavailable: "The database cannot be reached",
  graph_unavailable: "Microsoft 365 does not answer",
  config: "The installation is not set up",
};

/**
 * The error page's content. Errors for people carry their code and message in the digest (app/load.ts); of all others
 * only the digest is shown, by which the operator finds them in the log.
 */
export function Problem({ error, retry, home = "/" }: { error: Error & { digest?: string }; retry: () => void; home?: string }) {
  const { digest } = error;
  if (isOfAnotherVersion(error)) return <NewVersion />;
  const [mark, code = "", ...rest] = (digest ?? "").split("|");
  const known = mark === "planback";
  return (
    <div className="mx-auto max-w-xl py-8">
      <h1 className="text-xl font-semibold tracking-tight">{(known && TITLES[code]) || "This page could not be shown"}</h1>
      <Notice tone="danger" live className="mt-4">
        {known ? rest.join("|") : "Something went wrong on our side. Your backups are not affected; nothing was changed by opening this page."}
        {!known && digest ? <p className="mt-2 text-[0.8125rem] text-muted">Error id for the operator: <code className="font-mono">{digest}</code></p> : null}
      </Notice>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button variant="primary" onClick={retry}><RotateCw aria-hidden />Try again</Button>
        <Button asChild><Link href={home}>Go to the start page</Link></Button>
      </div>
    </div>
  );
}

/** The page is from before an upgrade, and what was pressed is not there any more. */
function NewVersion() {
  return (
    <div className="mx-auto max-w-xl py-8">
      <h1 className="text-xl font-semibold tracking-tight">Planback was updated</h1>
      <Notice tone="danger" live className="mt-4">This page is from before the update, and what you pressed was not done. Load the page again, then repeat it.</Notice>
      <div className="mt-5"><Button variant="primary" onClick={() => location.reload()}><RotateCw aria-hidden />Load the page again</Button></div>
    </div>
  );
}
