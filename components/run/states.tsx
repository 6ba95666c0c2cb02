import { Ban, CircleCheck, CircleDashed, CircleX, LoaderCircle, TriangleAlert, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import type { RestoreState, RunState, VerificationView } from "@/lib/workspaces/types";

interface Look { label: string; tone: Tone; Icon: LucideIcon; spin?: true }

const RUN: Record<RunState, Look> = {
  queued: { label: "Queued", tone: "neutral", Icon: CircleDashed },
  running: { label: "Running", tone: "info", Icon: LoaderCircle, spin: true },
  complete: { label: "Complete", tone: "ok", Icon: CircleCheck },
  partial: { label: "Partial", tone: "warn", Icon: TriangleAlert },
  failed: { label: "Failed", tone: "danger", Icon: CircleX },
  cancelled: { label: "Cancelled", tone: "neutral", Icon: Ban },
};

const RESTORE: Record<RestoreState, Look> = {
  planning: { label: "Preparing preview", tone: "info", Icon: LoaderCircle, spin: true },
  planned: { label: "Preview ready", tone: "info", Icon: CircleDashed },
  blocked: { label: "Cannot run", tone: "danger", Icon: CircleX },
  running: { label: "Restoring", tone: "info", Icon: LoaderCircle, spin: true },
  waiting: { label: "Waiting", tone: "warn", Icon: CircleDashed },
  verifying: { label: "Comparing", tone: "info", Icon: LoaderCircle, spin: true },
  verified: { label: "Restored and verified", tone: "ok", Icon: CircleCheck },
  different: { label: "Restored with differences", tone: "warn", Icon: TriangleAlert },
  failed: { label: "Failed", tone: "danger", Icon: CircleX },
  cancelled: { label: "Cancelled", tone: "neutral", Icon: Ban },
};

const DRILL: Record<RestoreState, Look> = {
  ...RESTORE,
  planning: { ...RESTORE.planning, label: "Reading the group" },
  verified: { ...RESTORE.verified, label: "Proven" },
  different: { ...RESTORE.different, label: "Differences found" },
};

const VERIFICATION: Record<VerificationView["state"], Look> = {
  queued: RUN.queued,
  running: RUN.running,
  clean: { label: "Nothing is damaged", tone: "ok", Icon: CircleCheck },
  damaged: { label: "Damage found", tone: "danger", Icon: TriangleAlert },
  failed: RUN.failed,
  cancelled: RUN.cancelled,
};

function StateBadge({ look }: { look: Look }) {
  return <Badge tone={look.tone} icon={<look.Icon aria-hidden className={look.spin && "animate-spin"} />}>{look.label}</Badge>;
}

export const RunBadge = ({ state }: { state: RunState }) => <StateBadge look={RUN[state]} />;
export const RestoreBadge = ({ state, isDrill = false }: { state: RestoreState; isDrill?: boolean }) => <StateBadge look={(isDrill ? DRILL : RESTORE)[state]} />;
export const VerificationBadge = ({ state }: { state: VerificationView["state"] }) => <StateBadge look={VERIFICATION[state]} />;

export const isRunFinished = (state: RunState): boolean => state !== "queued" && state !== "running";
export const isRestoreFinished = (state: RestoreState): boolean => ["verified", "different", "failed", "cancelled"].includes(state);
/** Nothing changes until a person does something. */
export const isRestoreAtRest = (state: RestoreState): boolean => isRestoreFinished(state) || state === "planned" || state === "blocked";
export const isVerificationFinished = (state: VerificationView["state"]): boolean => state !== "queued" && state !== "running";
