"use client";

import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { ArrowLeftRight } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { finenessAmong, plural } from "@/components/ui/text";
import { useTimeText } from "@/components/ui/time";
import { compareUrl } from "@/components/history/address";
import type { TimelineSnapshot } from "@/lib/workspaces/types";

interface PickerProps { planUrl: string; offered: TimelineSnapshot[]; /** Ids of snapshots; `to` may be "live". */ from: string; to: string; live: boolean }

/** Which two moments. A plain form: what is chosen before the script runs counts too. */
export function Picker({ planUrl, offered, from, to, live }: PickerProps) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const text = useTimeText();
  const fineness = finenessAmong(offered.map(({ takenAt }) => takenAt));
  const options = offered.map(({ id, takenAt, state, beforeRestore, tasks }) =>
    <option key={id} value={id}>{text(takenAt, fineness(takenAt))}, {plural(tasks, "task")}{state === "partial" ? ", partial" : ""}{beforeRestore ? ", before a restore" : ""}</option>);
  return (
    <form
      method="get"
      action={`${planUrl}/compare`}
      className="mb-5 flex flex-wrap items-end gap-3 rounded-lg border border-line bg-surface px-4 py-3 sm:px-5"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        start(() => router.push(compareUrl(planUrl, String(form.get("from")), String(form.get("to")))));
      }}
    >
      <label className="min-w-0 flex-1 basis-64"><span className="mb-1.5 block font-medium">From</span><Select name="from" defaultValue={from} className="w-full">{options}</Select></label>
      <label className="min-w-0 flex-1 basis-64"><span className="mb-1.5 block font-medium">To</span><Select name="to" defaultValue={to} className="w-full">{live ? <option value="live">Now, read from Microsoft 365</option> : null}{options}</Select></label>
      <Button type="submit" disabled={pending} aria-busy={pending || undefined}><ArrowLeftRight aria-hidden />Compare</Button>
    </form>
  );
}
