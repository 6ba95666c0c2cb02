/** The OpenAPI 3.1 document of the API, made from the schemas that requests are parsed with and answers are cut by. */
import { z } from "zod";
import { ERROR_CODES } from "@/lib/errors";
import { scopesFor, scopesText } from "@/lib/workspaces/scopes";
import { OPERATIONS, PAGE, parametersOf, type Operation } from "./operations";
import { inputs, outputs } from "./schemas";

/** As far as the document and its page go into one. */
export interface Schema {
  type?: string; format?: string; description?: string; enum?: unknown[]; const?: unknown; default?: unknown;
  properties?: Record<string, Schema>; required?: string[]; items?: Schema; anyOf?: Schema[]; oneOf?: Schema[]; additionalProperties?: Schema | boolean; $ref?: string;
  minimum?: number; maximum?: number; minLength?: number; maxLength?: number; pattern?: string;
}
export interface Parameter { name: string; in: "path" | "query" | "header"; required: boolean; description?: string; schema: Schema }

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** Codes that an answer of the API can have. */
export const PROBLEM_CODES = {
  invalid_input: "Something in the request is not as it must be; `errors` points at it.",
  not_signed_in: "There is no key, or it is not known, was revoked or has expired.",
  forbidden: "The key lacks the scope, or the member who made it the right.",
  not_found: "It does not exist, or is not for this key.",
  conflict: "It cannot be done as things stand, or the same request is being worked on.",
  consent_missing: "An admin of the Microsoft tenant has to grant consent.",
  needs_sign_in: "The connection account has to sign in again.",
  too_large: "The body is larger than 2 MB.",
  key_reused: "The idempotency key belongs to another request.",
  rate_limited: "Too many requests; `Retry-After` says when to go on.",
  repository_damaged: "What is stored is damaged there; verify the storage.",
  internal: "Something failed on our side.",
  storage_unavailable: "The storage does not answer; try again.",
  database_unavailable: "The database does not answer; try again.",
} as const satisfies Partial<Record<keyof typeof ERROR_CODES, string>>;

/** The whole document; `origin` is where this installation is reached. */
export function openApiDocument(origin: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [id, operation] of Object.entries(OPERATIONS) as [string, Operation][]) (paths[operation.path] ??= {})[operation.method] = describe(id, operation);
  return {
    openapi: "3.1.0",
    info: { title: "Planback API", version: "1", description: "Backs up and restores Microsoft Planner. See /help/api for keys, errors, pages and limits.", license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: `${origin}/api/v1` }],
    security: [{ key: [] }],
    tags: [...new Set(Object.values(OPERATIONS).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key: pbk_…" } },
      schemas: { ...schemasOf(inputs, "input"), ...schemasOf(outputs, "output") },
      responses: { Problem: { description: "What went wrong, by RFC 9457.", content: { "application/problem+json": { schema: ref("Problem") } } } },
    },
  };
}

function describe(operationId: string, operation: Operation) {
  const { tag, summary, permission, body, status, answer } = operation;
  return {
    operationId, tags: [tag], summary, description: [operation.description, `Scope: ${scopesText(permission)}.`].filter(Boolean).join(" "),
    "x-scopes": scopesFor(permission),
    parameters: parametersFor(operation),
    ...(body ? { requestBody: { required: true, content: { "application/json": { schema: ref(inputs.get(body)!.id), example: inputs.get(body)!.example } } } } : {}),
    responses: {
      [status]: answer === "file"
        ? { description: "The file.", content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } }
        : { description: summary, content: { "application/json": { schema: ref(outputs.get(answer)!.id) } } },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

export function parametersFor({ path, method, query, isPaged }: Operation): Parameter[] {
  const asked = { ...query.shape, ...(isPaged ? PAGE.shape : {}) } as Record<string, z.ZodType>;
  return [
    ...parametersOf(path).map((name): Parameter => ({ name, in: "path", required: true, schema: { type: "string", format: "uuid" } })),
    ...Object.entries(asked).map(([name, schema]): Parameter => {
      const { description, ...rest } = tidy(z.toJSONSchema(schema, { io: "input", override: simplify }) as Schema);
      return { name, in: "query", required: !schema.safeParse(undefined).success, ...(description ? { description } : {}), schema: rest };
    }),
    ...(method === "post" ? [{ name: "Idempotency-Key", in: "header", required: false, description: "The same key with the same request, within 24 hours, gets the same answer, and it is done once.", schema: { type: "string", maxLength: 255 } } as Parameter] : []),
  ];
}

function schemasOf(registry: typeof inputs | typeof outputs, io: "input" | "output"): Record<string, Schema> {
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}`, unrepresentable: "any", override: simplify });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, tidy(schema as Schema)]));
}

const tidy = ({ $schema: _schema, $id: _id, ...rest }: Schema & { $schema?: string; $id?: string }): Schema => rest;

/** A format says what the pattern would; answers may gain fields; the largest safe integer is no limit of ours. */
function simplify({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.additionalProperties === false && !isStrict(zodSchema)) delete jsonSchema.additionalProperties;
}

/** Bodies refuse what they do not know. */
const isStrict = (schema: z.core.$ZodTypes): boolean => schema._zod.def.type === "object" && schema._zod.def.catchall?._zod.def.type === "never";
