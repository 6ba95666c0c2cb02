import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { SCOPE_PERMISSIONS } from "@/lib/workspaces/scopes";
import { openApiDocument } from "./document";
import { OPERATIONS } from "./operations";
import { inputs } from "./schemas";

const ROUTES = path.resolve("app/api/v1");
/** The document itself, and the answer for addresses that are none. */
const OUTSIDE = ["/openapi.json", "/[...path]"];
const document = openApiDocument("https://planback.example");

/** Method, address and operation of every route, from the files that Next serves. */
function served(folder = ""): string[] {
  return readdirSync(path.join(ROUTES, folder), { withFileTypes: true }).flatMap((entry) => {
    const below = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return OUTSIDE.includes(below) ? [] : served(below);
    if (entry.name !== "route.ts") return [];
    const text = readFileSync(path.join(ROUTES, below), "utf8");
    return [...text.matchAll(/export const (GET|POST|PUT|PATCH|DELETE) = serve\(OPERATIONS\.(\w+),/g)].map(([, method, id]) => `${method} ${folder.replace(/\[(\w+)\]/g, "{$1}")} ${id}`);
  });
}

test("every route is in the document and the document has no other", () => {
  const documented = Object.entries(document.paths).flatMap(([address, methods]) => Object.entries(methods).map(([method, operation]) => `${method.toUpperCase()} ${address} ${(operation as { operationId: string }).operationId}`));
  expect(documented.sort()).toEqual(served().sort());
  expect(documented.length).toBe(Object.keys(OPERATIONS).length);
});

test("every reference leads somewhere, and every schema is used", () => {
  const text = JSON.stringify(document);
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]!));
  expect([...used].sort()).toEqual(Object.keys(document.components.schemas).sort());
  for (const word of ["$id", "$schema", "$defs"]) expect(text).not.toContain(`"${word}"`);
});

test("a scope can do each of it, and every scope but the one that adds to another is needed by something", () => {
  const needed = new Set(Object.values(OPERATIONS).map(({ permission }) => permission));
  for (const permission of needed) expect(Object.values(SCOPE_PERMISSIONS).flat(), permission).toContain(permission);
  for (const [scope, permissions] of Object.entries(SCOPE_PERMISSIONS)) if (scope !== "restore:remove") expect(permissions.filter((permission) => !needed.has(permission)), scope).toEqual([]);
});

test("bodies refuse what they do not know, answers may gain fields", () => {
  const schemas = document.components.schemas;
  expect(schemas["PolicyInput"]).toMatchObject({ additionalProperties: false, required: expect.arrayContaining(["name", "connectionId", "selection", "schedule"]) });
  expect(schemas["PolicyInput"]!.required).not.toContain("keepYearly");
  expect(schemas["Policy"]).not.toHaveProperty("additionalProperties");
  expect(schemas["PlanPage"]!.properties!["items"]).toEqual({ type: "array", items: { $ref: "#/components/schemas/Plan" } });
});

test("the examples are as they must be", () => {
  for (const { body } of Object.values(OPERATIONS)) if (body) expect(body.safeParse(inputs.get(body)!.example).error).toBeUndefined();
});
