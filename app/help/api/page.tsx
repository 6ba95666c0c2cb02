import Link from "next/link";
import { Reference } from "@/components/api/reference";
import { withCode } from "@/components/api/schema";
import { SCOPE_WORDS } from "@/components/api/scopes";
import { HelpPage, Section } from "@/components/help/article";
import { openApiDocument, PROBLEM_CODES } from "@/lib/api/document";
import { config } from "@/lib/config";
import { ERROR_CODES, type ErrorCode } from "@/lib/errors";
import { API_LIMIT } from "@/lib/workspaces/apiKeys";

export const metadata = { title: "API" };

const CODE = "font-mono text-[0.8125rem]";

export default function ApiHelpPage() {
  const document = openApiDocument(config().appOrigin);
  return (
    <HelpPage path="/help/api" title="API" intro={<>Programs read states, start backups, search, export and restore over HTTP, with the rights of the member who made their key. The <Link href="/api/v1/openapi.json" prefetch={false} className="underline decoration-line-strong underline-offset-2 hover:decoration-current">OpenAPI document</Link> makes clients in most languages.</>}>
      <Section id="keys" title="Keys">
        <p>An owner or admin makes a key under <em>API keys</em> of a workspace. It is shown once, ends after a year at most, and can be revoked at any time. Send it with each request:</p>
        <pre className="rounded-md bg-subtle px-3 py-2 font-mono text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]">{`curl ${document.servers[0]!.url}/workspace -H "Authorization: Bearer $PLANBACK_KEY"`}</pre>
        <dl className="divide-y divide-line rounded-lg border border-line bg-surface">
          {Object.entries(SCOPE_WORDS).map(([scope, words]) => <div key={scope} className="px-4 py-2.5"><dt className={CODE}>{scope}</dt><dd className="text-muted">{words}.</dd></div>)}
        </dl>
      </Section>
      <Section id="lists" title="Lists"><p>A list answers with <code className={CODE}>items</code> and <code className={CODE}>next</code>. Send <code className={CODE}>next</code> as <code className={CODE}>cursor</code> for the page after, or follow the header <code className={CODE}>Link</code>; it is null at the end. <code className={CODE}>limit</code> is 50 when left out.</p></Section>
      <Section id="twice" title="Sending a request twice"><p>Give each POST a key of your own in <code className={CODE}>Idempotency-Key</code>. When no answer comes, send the same again: within 24 hours it is done once, and answered alike.</p></Section>
      <Section id="limits" title="Limits"><p>{API_LIMIT} requests a minute for each key, and 2 MB for a body. <code className={CODE}>RateLimit</code> says what is left; after a 429, wait for as many seconds as <code className={CODE}>Retry-After</code> says.</p></Section>
      <Section id="problems" title="When something is wrong">
        <p>An answer that is not 2xx is <code className={CODE}>application/problem+json</code> with <code className={CODE}>code</code>, a sentence in <code className={CODE}>detail</code>, and for a wrong request <code className={CODE}>errors</code> that point at each part. Quote <code className={CODE}>X-Request-Id</code> when you ask the operator.</p>
        <dl className="divide-y divide-line rounded-lg border border-line bg-surface">
          {(Object.keys(PROBLEM_CODES) as (keyof typeof PROBLEM_CODES & ErrorCode)[]).map((code) => <div key={code} id={code} className="scroll-mt-6 px-4 py-2.5"><dt><span className={CODE}>{code}</span> <span className="text-muted">{ERROR_CODES[code].status}</span></dt><dd className="text-muted">{withCode(PROBLEM_CODES[code])}</dd></div>)}
        </dl>
      </Section>
      <Reference document={document} />
    </HelpPage>
  );
}
