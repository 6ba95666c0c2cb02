"use client";

import { useEffect } from "react";
import { useRouter } from "next/navigation";
import { LoaderCircle } from "lucide-react";
import { useLive } from "@/components/live";
import { plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import type { ConnectionView } from "@/lib/workspaces/types";
import { Requirements } from "./requirements";
import { BackupState, ReadsOnly, RestoreState } from "./state";

/** The checks as they come in, without reloading. */
export function ConnectionLive({ url, initial }: { url: string; initial: ConnectionView }) {
  const router = useRouter();
  const { state: connection } = useLive(url, initial);
  const isAppOnly = connection.kind === "app_only";
  const stale = (!connection.checking && connection.checkedAt !== initial.checkedAt) || connection.catalogueAt !== initial.catalogueAt || connection.backupState !== initial.backupState || connection.restoreState !== initial.restoreState;
  useEffect(() => {
    // What the page offers around this (choose plans, sign in again, write access) depends on these.
    if (stale) router.refresh();
  }, [stale, router]);
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center gap-2">
        <BackupState state={connection.backupState} />
        {isAppOnly ? <ReadsOnly /> : <RestoreState connection={connection} />}
        <p role="status" className="flex items-center gap-1.5 text-muted">
          {connection.checking ? <><LoaderCircle aria-hidden className="size-4 animate-spin" />Checking the requirements</> : connection.checkedAt ? <>Checked <Time value={connection.checkedAt} relative /></> : "Not checked yet"}
        </p>
      </div>
      <Reach connection={connection} />
      <Requirements title="Requirements for backup" purpose="backup" requirements={connection.requirements} help={isAppOnly ? "/help/app-only" : "/help/account"} />
      <Requirements title="Requirements for restore" purpose="restore" requirements={connection.requirements} help={isAppOnly ? "/help/app-only" : "/help/account"} />
    </div>
  );
}

function Reach({ connection: { reachable, catalogueAt, kind } }: { connection: ConnectionView }) {
  if (!catalogueAt) return null;
  return (
    <p className="rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      Reaches <strong className="tabular-nums">{plural(reachable.plans, "plan")}</strong> in <strong className="tabular-nums">{plural(reachable.groups, "group")}</strong>
      {reachable.unreachableGroups > 0 ? <>. {plural(reachable.unreachableGroups, "group")} cannot be selected {kind === "app_only" ? "because Microsoft did not list their plans." : "because the account is not a member; see below how to add it."}</> : "."}
    </p>
  );
}
