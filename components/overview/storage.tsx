"use client";

import dynamic from "next/dynamic";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { bytesText } from "@/components/ui/text";
import type { StoragePoint } from "./storage-chart";

/** Below the fold and not small: fetched by itself. */
const Chart = dynamic(() => import("./storage-chart"), { ssr: false, loading: () => <Skeleton className="h-48 w-full" /> });

const dayName = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
/** Rows of the table. */
const ROWS = 30;

/** Cleaning up can give back more than backups added. */
const growthText = (bytes: number): string => (bytes === 0 ? "as much as a month before" : `${bytesText(Math.abs(bytes))} ${bytes > 0 ? "more" : "less"} than a month before`);

/** Storage over time: a sentence, a picture, and the same as a table. */
export function Storage({ points }: { points: StoragePoint[] }) {
  const last = points.at(-1);
  if (!last) return null;
  const monthAgo = new Date(Date.parse(last.day) - 30 * 24 * 3600_000).toISOString().slice(0, 10);
  const before = points.findLast(({ day }) => day <= monthAgo);
  return (
    <Card aria-labelledby="storage-title">
      <CardHeader id="storage-title" title="Storage">{bytesText(last.bytes)} stored{before ? `, ${growthText(last.bytes - before.bytes)}` : ""}. What does not change is stored once.</CardHeader>
      <CardBody>
        <Chart points={points} />
        <details className="mt-3">
          <summary className="w-fit rounded text-muted hover:text-ink">As a table</summary>
          <div className="mt-2 max-h-64 overflow-y-auto" tabIndex={0} role="region" aria-label="Storage by day">
            <table className="w-full max-w-md text-left tabular-nums">
              <thead><tr className="border-b border-line text-muted"><th scope="col" className="py-1.5 font-normal">Day (UTC)</th><th scope="col" className="py-1.5 text-right font-normal">Stored at its end</th></tr></thead>
              <tbody>{points.slice(-ROWS).reverse().map(({ day, bytes }) => <tr key={day} className="border-b border-line/60"><th scope="row" className="py-1.5 font-normal">{dayName.format(new Date(day))}</th><td className="py-1.5 text-right">{bytesText(bytes)}</td></tr>)}</tbody>
            </table>
          </div>
        </details>
      </CardBody>
    </Card>
  );
}
