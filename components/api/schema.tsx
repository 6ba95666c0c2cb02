import type { ReactNode } from "react";
import type { Schema } from "@/lib/api/document";

/** What a value is, in a few words; named schemas are links to their place on the page. */
export function TypeText({ schema }: { schema: Schema }): ReactNode {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1)!;
    return <a href={`#${name}`} className="underline decoration-line-strong underline-offset-2 hover:decoration-current">{name}</a>;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice, index) => <span key={index}>{index > 0 ? " or " : ""}<TypeText schema={choice} /></span>);
  if (schema.const !== undefined) return <code>{JSON.stringify(schema.const)}</code>;
  if (schema.enum) return schema.enum.map((value, index) => <span key={index}>{index > 0 ? " or " : ""}<code>{JSON.stringify(value)}</code></span>);
  if (schema.type === "array" && schema.items) return <>list of <TypeText schema={schema.items} /></>;
  if (schema.type === "object" && !schema.properties) return "object";
  const limits = [schema.minimum === undefined ? null : `from ${schema.minimum}`, schema.maximum === undefined ? null : `to ${schema.maximum}`].filter(Boolean).join(" ");
  return [schema.format ?? schema.type ?? "anything", limits].filter(Boolean).join(" ");
}

/** The fields of an object, those of objects in it below them. */
export function Fields({ schema }: { schema: Schema }): ReactNode {
  return (
    <ul className="space-y-1.5">
      {Object.entries(schema.properties ?? {}).map(([name, field]) => (
        <li key={name} className="text-[0.875rem] [overflow-wrap:anywhere]">
          <code className="font-mono text-[0.8125rem] font-medium">{name}</code> <span className="text-muted"><TypeText schema={field} />{schema.required && !schema.required.includes(name) ? ", may be left out" : ""}</span>
          {field.description ? <span className="block">{withCode(field.description)}</span> : null}
          {within(field).map((inner, index) => <div key={index} className="mt-1.5 border-l border-line pl-3"><Fields schema={inner} /></div>)}
        </li>
      ))}
    </ul>
  );
}

/** Objects without a name that a field holds. */
function within(schema: Schema): Schema[] {
  if (schema.properties) return [schema];
  return [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((inner) => (inner ? within(inner) : []));
}

/** What stands between backticks is code. */
export function withCode(text: string): ReactNode {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index} className="font-mono text-[0.8125rem]">{part}</code> : part));
}
