import { Section } from "@/components/help/article";
import { Badge } from "@/components/ui/badge";
import { parametersFor, type openApiDocument, type Schema } from "@/lib/api/document";
import { OPERATIONS, type Operation } from "@/lib/api/operations";
import { inputs, outputs } from "@/lib/api/schemas";
import { scopesText } from "@/lib/workspaces/scopes";
import { Fields, TypeText, withCode } from "./schema";

const TONES = { get: "info", post: "ok", put: "warn", patch: "warn", delete: "danger" } as const;

/** Every operation by its tag, then every named schema. */
export function Reference({ document }: { document: ReturnType<typeof openApiDocument> }) {
  return (
    <>
      {document.tags.map(({ name }) => (
        <Section key={name} id={name.toLowerCase()} title={name}>
          <div className="divide-y divide-line rounded-lg border border-line bg-surface">
            {Object.entries(OPERATIONS).filter(([, { tag }]) => tag === name).map(([id, operation]) => <OperationRow key={id} id={id} operation={operation} origin={document.servers[0]!.url} />)}
          </div>
        </Section>
      ))}
      <Section id="schemas" title="What is sent and answered">
        <div className="divide-y divide-line rounded-lg border border-line bg-surface">
          {Object.entries(document.components.schemas).map(([name, schema]) => (
            <details key={name} className="px-4 py-2.5">
              <summary className="font-mono text-[0.8125rem] font-medium">{name}</summary>
              {/* The place that links lead to is inside: a browser opens what holds it. */}
              <div id={name} className="mt-2 scroll-mt-16"><Fields schema={schema as Schema} /></div>
            </details>
          ))}
        </div>
      </Section>
    </>
  );
}

function OperationRow({ id, operation, origin }: { id: string; operation: Operation; origin: string }) {
  const { method, path, summary, description, permission, body, answer } = operation;
  const parameters = parametersFor(operation);
  return (
    <details className="px-4 py-3">
      <summary>
        <h3 className="inline [overflow-wrap:anywhere]"><Badge tone={TONES[method]} className="mr-2 font-mono">{method.toUpperCase()}</Badge><span className="font-mono text-[0.8125rem]">{path}</span></h3>
        <span className="block text-muted">{summary}</span>
      </summary>
      <div id={id} className="mt-3 scroll-mt-16 space-y-3">
        {description ? <p>{withCode(description)}</p> : null}
        <p><span className="text-muted">Scope: </span><span className="font-mono text-[0.8125rem]">{scopesText(permission)}</span></p>
        {parameters.length > 0 ? <Fields schema={{ properties: Object.fromEntries(parameters.map(({ name, schema, description: what }) => [name, { ...schema, description: what }])), required: parameters.filter(({ required }) => required).map(({ name }) => name) }} /> : null}
        <p>{body ? <><span className="text-muted">Body: </span><TypeText schema={{ $ref: inputs.get(body)!.id }} />. </> : null}<span className="text-muted">Answer: </span>{answer === "file" ? "the file" : <TypeText schema={{ $ref: outputs.get(answer)!.id }} />}</p>
        <pre className="rounded-md bg-subtle px-3 py-2 font-mono text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]">{curl(operation, origin)}</pre>
      </div>
    </details>
  );
}

function curl({ method, path, query, body }: Operation, origin: string): string {
  const needed = Object.entries(query.shape).filter(([, schema]) => !schema.safeParse(undefined).success).map(([name]) => `${name}=${name.toUpperCase()}`);
  const address = `${origin}${path.replace(/\{(\w+)Id\}/g, (_, name: string) => `${name.toUpperCase()}_ID`)}${needed.length > 0 ? `?${needed.join("&")}` : ""}`;
  return [
    `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} "${address}"`, `-H "Authorization: Bearer $PLANBACK_KEY"`,
    ...(method === "post" ? ['-H "Idempotency-Key: $(uuidgen)"'] : []),
    ...(body ? ['-H "Content-Type: application/json"', `-d '${JSON.stringify(inputs.get(body)!.example)}'`] : []),
  ].join(" \\\n  ");
}
