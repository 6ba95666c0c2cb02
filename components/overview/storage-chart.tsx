"use client";

import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { bytesText } from "@/components/ui/text";

export interface StoragePoint { day: string; bytes: number }

const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const long = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const at = (day: string) => Date.parse(day);

/** What was stored at the end of each day. Only a picture: the words and the table beside it say the same. */
export default function StorageChart({ points }: { points: StoragePoint[] }) {
  const data = points.map(({ day, bytes }) => ({ time: at(day), bytes }));
  return (
    <div aria-hidden dir="ltr" className="h-48 w-full overflow-hidden text-xs contain-inline-size">
      <ResponsiveContainer width="100%" height="100%">
        <AreaChart data={data} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="time" type="number" scale="time" domain={["dataMin", "dataMax"]} tickFormatter={(time: number) => short.format(time)} tick={{ fill: "var(--muted)" }} stroke="var(--line-strong)" minTickGap={48} />
          <YAxis width={64} tickFormatter={(bytes: number) => bytesText(bytes)} tick={{ fill: "var(--muted)" }} stroke="var(--line-strong)" />
          <Tooltip
            isAnimationActive={false}
            contentStyle={{ background: "var(--surface)", border: "1px solid var(--line)", borderRadius: 8, color: "var(--ink)" }}
            labelFormatter={(time) => long.format(Number(time))}
            formatter={(bytes) => [bytesText(Number(bytes)), "Stored"]}
          />
          <Area dataKey="bytes" type="stepAfter" stroke="var(--accent)" strokeWidth={2} fill="var(--accent)" fillOpacity={0.15} isAnimationActive={false} dot={data.length === 1} />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
}
