import { CircleCheck, CircleDashed, CircleX, LoaderCircle, CircleQuestionMark, CircleMinus, Eye } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Time } from "@/components/ui/time";
import type { ConnectionView, RequirementState } from "@/lib/workspaces/types";

export function BackupState({ state }: { state: ConnectionView["backupState"] }) {
  if (state === "active") return <Badge tone="ok" icon={<CircleCheck aria-hidden />}>Backup ready</Badge>;
  return <Badge tone="danger" icon={<CircleX aria-hidden />}>{state === "needs_sign_in" ? "Must sign in again" : "Consent is missing"}</Badge>;
}

export function RestoreState({ connection: { restoreState, restoreUntil, keptForDrills } }: { connection: Pick<ConnectionView, "restoreState" | "restoreUntil" | "keptForDrills"> }) {
  if (restoreState === "none") return <Badge icon={<CircleDashed aria-hidden />}>No write access</Badge>;
  if (restoreState === "active") return <Badge tone="warn" icon={<CircleCheck aria-hidden />}>Write access{keptForDrills ? " for restore drills" : restoreUntil ? <> until <Time value={restoreUntil} /></> : null}</Badge>;
  return <Badge tone="danger" icon={<CircleX aria-hidden />}>{restoreState === "needs_sign_in" ? "Restore: must sign in again" : "Restore: consent is missing"}</Badge>;
}

/** In the place of RestoreState for an app-only connection. */
export function ReadsOnly() {
  return <Badge icon={<Eye aria-hidden />}>Only reads</Badge>;
}

const REQUIREMENT = {
  met: { label: "Met", tone: "ok", Icon: CircleCheck },
  unmet: { label: "Not met", tone: "danger", Icon: CircleX },
  unknown: { label: "Unknown", tone: "warn", Icon: CircleQuestionMark },
  not_needed: { label: "Not needed", tone: "neutral", Icon: CircleMinus },
  checking: { label: "Checking", tone: "info", Icon: LoaderCircle },
} as const;

export function RequirementBadge({ state }: { state: RequirementState }) {
  const { label, tone, Icon } = REQUIREMENT[state];
  return <Badge tone={tone} icon={<Icon aria-hidden className={state === "checking" ? "animate-spin" : undefined} />}>{label}</Badge>;
}

/** What to call the connection's Microsoft tenant: its name, else the account's domain. */
export function tenantLabel({ tenantName, username, tid }: Pick<ConnectionView, "tenantName" | "username" | "tid">): string {
  return tenantName ?? username.split("@")[1] ?? tid;
}
