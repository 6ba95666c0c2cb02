import type { GraphCall } from "../graph/context";
import { invalidField, invalidRequest } from "./faults";
import { resolveHint } from "./hints";

/** What a body may say about an entity; any other property name is refused. */
export interface Shape {
  /** As Planner names it in messages: "Task". */
  entity: string;
  /** "microsoft.graph.plannerTask" */
  type: string;
  writable: readonly string[];
  readOnly: readonly string[];
  navigation?: readonly string[];
}

/** The shapes of one entity in both versions of Graph: what only beta has does not exist in v1.0. */
export type Versioned = Record<GraphCall["version"], Shape>;

export const versioned = (shape: Shape, beta: Partial<Pick<Shape, "writable" | "readOnly" | "navigation">>): Versioned => ({
  "v1.0": shape,
  beta: {
    ...shape,
    writable: [...shape.writable, ...(beta.writable ?? [])],
    readOnly: [...shape.readOnly, ...(beta.readOnly ?? [])],
    navigation: [...(shape.navigation ?? []), ...(beta.navigation ?? [])],
  },
});

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** "dueDateTime" -> "DueDateTime", as messages name fields. */
const fieldName = (property: string): string => property.charAt(0).toUpperCase() + property.slice(1);

const hasType = (value: unknown, type: string): boolean => value === type || value === `#${type}`;

/** The request's JSON object, every property known and writable. */
export function readBody(call: GraphCall, { [call.version]: shape }: Versioned): Json {
  if (!isObject(call.json)) throw invalidRequest("A JSON object is expected in the request body.");
  for (const [name, value] of Object.entries(call.json)) checkProperty(call.method, shape, name, value);
  return Object.fromEntries(Object.entries(call.json).filter(([name]) => name !== "@odata.type"));
}

function checkProperty(method: string, shape: Shape, name: string, value: unknown): void {
  if (name === "@odata.type" && hasType(value, shape.type)) return;
  if (shape.writable.includes(name)) return;
  if (shape.readOnly.includes(name)) throw invalidField(fieldName(name), shape.entity, "The field is read-only.");
  if (shape.navigation?.includes(name)) {
    throw invalidRequest(`Cannot apply ${method} to navigation property '${name}' on entity type 'microsoft.taskServices.${shape.entity.toLowerCase()}'.`);
  }
  throw invalidRequest(`The property '${name}' does not exist on type '${shape.type}'. Make sure to only use property names that are defined by the type.`);
}

/** Reads the fields of one entity, or of one member of an open type inside it. */
export class FieldReader {
  constructor(
    private readonly entity: string,
    private readonly json: Json,
  ) {}

  has(name: string): boolean {
    return this.json[name] !== undefined;
  }

  fail(name: string, reason: string): never {
    throw invalidField(fieldName(name), this.entity, reason);
  }

  text(name: string, maximum: number): string {
    const value = this.json[name];
    if (typeof value !== "string" || value.trim() === "") this.fail(name, "A value is required.");
    if (value.length > maximum) this.fail(name, `The value is longer than ${maximum} characters.`);
    return value;
  }

  nullableText(name: string): string | null {
    const value = this.json[name];
    if (value !== null && typeof value !== "string") this.fail(name, "A string is expected.");
    return value;
  }

  integer(name: string, minimum: number, maximum: number): number {
    const value = this.json[name];
    if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
      this.fail(name, `The value must be an integer from ${minimum} to ${maximum}.`);
    }
    return value;
  }

  boolean(name: string): boolean {
    const value = this.json[name];
    if (typeof value !== "boolean") this.fail(name, "A boolean is expected.");
    return value;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const found = values.find((value) => value === this.json[name]);
    if (found === undefined) this.fail(name, `The value must be one of: ${values.join(", ")}.`);
    return found;
  }

  /** An Edm.DateTimeOffset, returned in UTC, or null. */
  date(name: string): string | null {
    const value = this.json[name];
    if (value === null) return null;
    const matches = typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)$/.test(value);
    const time = matches ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(time)) this.fail(name, "The value is not a valid DateTimeOffset.");
    return new Date(time).toISOString().replace(".000Z", "Z");
  }

  /** An order hint expression, resolved; a bare value (such as one the service returned) is refused. */
  hint(name: string): string {
    const value = this.json[name];
    const resolved = typeof value === "string" ? resolveHint(value) : null;
    if (resolved === null) this.fail(name, "The order hint is not valid.");
    return resolved;
  }

  /** Members of an open type, in the order sent. */
  members(name: string, type: string): [string, unknown][] {
    const value = this.json[name];
    if (!isObject(value)) this.fail(name, "An object is expected.");
    return Object.entries(value).filter(([key, member]) => key !== "@odata.type" || !hasType(member, type));
  }

  /** A member of an open type that must be declared as `type`, with no property outside `writable`. */
  member(name: string, value: unknown, type: string, writable: readonly string[]): FieldReader {
    if (!isObject(value)) this.fail(name, `An object of type '${type}' is expected.`);
    const { "@odata.type": declared, ...properties } = value;
    if (!hasType(declared, type)) this.fail(name, `The value must declare the type '#${type}'.`);
    if (Object.keys(properties).length === 0) this.fail(name, "The value is empty.");
    const unknown = Object.keys(properties).find((key) => !writable.includes(key));
    if (unknown !== undefined) this.fail(name, `The property '${unknown}' is not writable or does not exist on type '${type}'.`);
    return new FieldReader(this.entity, properties);
  }
}
