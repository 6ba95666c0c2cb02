import type { ReactNode } from "react";
import { Card, CardHeader } from "@/components/ui/card";

export interface Column<T> { name: string; cell: (row: T) => ReactNode; isNumber?: boolean }

/** A card with a table that scrolls sideways on small screens, or one sentence when there is nothing in it. */
export function OperatorTable<T>({ id, title, children, columns, rows, keyOf, none }: {
  id: string; title: string; children?: ReactNode; columns: Column<T>[]; rows: readonly T[]; keyOf: (row: T) => string; none: string;
}) {
  return (
    <Card>
      <CardHeader id={id} title={title}>{children}</CardHeader>
      {rows.length === 0 ? <p className="px-4 py-4 text-muted sm:px-5">{none}</p> : (
        <div className="overflow-x-auto" role="region" aria-labelledby={id} tabIndex={0}>
          <table className="w-full text-left text-[0.8125rem] tabular-nums">
            <thead className="text-muted">
              <tr>{columns.map(({ name, isNumber }) => <th key={name} scope="col" className={`px-4 py-2 font-medium whitespace-nowrap first:sm:pl-5 ${isNumber ? "text-right" : ""}`}>{name}</th>)}</tr>
            </thead>
            <tbody className="divide-y divide-line border-t border-line">
              {rows.map((row) => (
                <tr key={keyOf(row)}>
                  {columns.map(({ name, cell, isNumber }, index) => index === 0
                    ? <th key={name} scope="row" className="px-4 py-2 font-medium whitespace-nowrap sm:pl-5">{cell(row)}</th>
                    : <td key={name} className={`px-4 py-2 whitespace-nowrap ${isNumber ? "text-right" : ""}`}>{cell(row)}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
