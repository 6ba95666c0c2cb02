/** What lib/workspaces gives to the web: plain data, safe to hand to a client component. Dates are ISO strings. */
import type { ReadingFacts } from "@/lib/backup/types";
import type { Cloud } from "@/lib/config/clouds";
import type { FieldChange, PlanDrift } from "@/lib/planner/diff";
import type { Gap, SnapshotContent } from "@/lib/planner/types";
import type { ProbeStep } from "@/lib/repository/probe";
import type { Consistency, SnapshotCounts, VerifyReport } from "@/lib/repository/types";
import type { AuditAction, AuditDetail, AuditOutcome, TargetKind } from "./audit";
import type { Anchor } from "./auditChain";
import type { EventName } from "./events";
import type { Change, ChannelKind } from "@/lib/notify";
import type { RestorePlan, RestoreReport, RestoreRequest } from "@/lib/restore/types";

/** The signed-in person, from the session row (never from the cookie alone). */
export interface Actor {
  tid: string;
  oid: string;
  name: string;
  username: string;
  /** SHA-256 of the session secret, hex. */
  sessionHash: string;
  /** When he last proved to Microsoft who he is. Absent: not known, so not lately. */
  authenticatedAt?: Date;
  /** Where the request came from, as the configured proxy says; null or absent when that is not known. */
  ip?: string | null;
  /** A program that acts for this person, with no more than these scopes, in this workspace only. Absent: the person himself. */
  key?: { id: string; name: string; workspaceId: string; memberId: string; scopes: readonly ApiScope[] };
}

/** What an API key may be used for (lib/workspaces/scopes.ts). */
export type ApiScope = "read:status" | "read:content" | "backup" | "restore" | "restore:remove" | "manage";
export interface ApiKeyView {
  id: string; name: string; scopes: ApiScope[]; madeBy: string; createdAt: string; expiresAt: string; lastUsedAt: string | null;
  /** Why it does not work (any more); null: it does. `maker`: who made it is not a member any more. */
  ended: "expired" | "revoked" | "maker" | null;
}

/** A part of a long list: so many, after the thing with this id. */
export interface PageRequest { limit: number; after?: string }

export type Role = "owner" | "admin" | "operator" | "viewer";
export type Purpose = "backup" | "restore";
/** What an administrator grants. */
export type Grant = Purpose | "app_only";

/** What a role may do. Owner: all. Admin: all but ownership. Operator: backs up and restores. Viewer: looks. */
export type Permission =
  | "workspace.view"
  | "workspace.delete"
  | "owner.manage"
  | "key.rotate"
  | "content.view"
  | "member.manage"
  | "connection.manage"
  | "policy.manage"
  | "backup.run"
  | "restore.run"
  | "storage.verify"
  | "storage.manage"
  | "audit.view"
  | "key.manage"
  | "channel.manage";

export interface WorkspaceView {
  id: string; name: string; role: Role; permissions: Permission[];
  /** Only content of some groups is seen. */
  isLimited: boolean;
  /** An owner has asked for its end. */
  deletion: { at: string; askedBy: string } | null;
}
/** What stays of a deleted workspace. Counts are null until they are known. */
export interface ErasureView { workspaceId: string; askedAt: string; keysDestroyedAt: string; finishedAt: string | null; rows: number; objects: number | null; bytes: number | null; anchor: string | null }
export interface MemberView {
  id: string; name: string; username: string; role: Role; isYou: boolean; joinedAt: string; isLimited: boolean;
  /** Ids of the groups that a limited member sees, for who may choose them; else null. */
  groups: string[] | null;
}
/** A group that the workspace knows: an account sees it, or plans of it were backed up. */
export interface GroupView { id: string; name: string; tenantName: string | null }
export interface InvitationView {
  id: string; role: Role; createdAt: string; expiresAt: string; isLimited: boolean; groups: string[];
  /** Of its e-mail; null: none is sent. */
  mail: "queued" | "sent" | "failed" | null;
}

export interface PermissionExplanation { name: string; why: string; allows: string; doesNot: string }

export interface ConsentPurposeView {
  purpose: Grant;
  state: "not_granted" | "granted" | "lost";
  provenAt: string | null;
  lostAt: string | null;
  grantedScopes: string[];
  missingScopes: string[];
  permissions: PermissionExplanation[];
}

export interface ConsentLinkView { id: string; purpose: Grant; createdAt: string; expiresAt: string; openedAt: string | null; grantedAt: string | null }

export interface MicrosoftTenantView {
  id: string; tid: string; cloud: Cloud; name: string | null;
  consent: Record<Purpose, ConsentPurposeView>;
  /** null: this installation offers no app-only connections. */
  appOnly: ConsentPurposeView | null;
}

/** What the page behind a consent link shows to an admin without an account. */
export interface PublicConsentView {
  state: "open" | "granted" | "expired" | "revoked";
  purpose: Grant; workspaceName: string; requestedBy: string; cloud: Cloud; tid: string; tenantName: string | null;
  clientId: string; permissions: PermissionExplanation[]; expiresAt: string;
}

export type RequirementState = "met" | "unmet" | "unknown" | "not_needed" | "checking";
export interface RequirementView {
  id: string; purpose: Purpose; title: string; state: RequirementState;
  evidence: string | null; remedy: string | null; stillWorks: string | null;
  /** e.g. the groups where the account is not a member, with how to add it */
  items: { label: string; detail: string }[];
  checkedAt: string | null;
}

export interface ConnectionView {
  id: string; microsoftTenantId: string; tid: string; tenantName: string | null;
  /** app_only: Planback as an application, which reads the whole Microsoft tenant and writes nothing. */
  kind: "account" | "app_only";
  cloud: Cloud;
  name: string; username: string;
  backupState: "active" | "needs_sign_in" | "consent_missing";
  restoreState: "none" | "active" | "needs_sign_in" | "consent_missing";
  /** When the write token will be erased. */
  restoreUntil: string | null;
  /** It is kept on after that time for as long as a policy has drills on a schedule. */
  keptForDrills: boolean;
  checking: boolean; checkedAt: string | null; catalogueAt: string | null;
  requirements: RequirementView[];
  reachable: { groups: number; plans: number; unreachableGroups: number };
  /** Microsoft's beta interface is read too; null: this cloud does not have it. */
  extras: boolean | null;
}

/** Everything the directory shows to the connection account. Stored sealed. */
export interface Catalogue {
  readAt: string;
  groups: CatalogueGroup[];
  /** Plans that the account can open and that are not plans of a group; absent in catalogues of older versions. */
  unprotectable?: UnprotectablePlan[];
}
/** A plan that cannot be protected, whatever is selected. */
export interface UnprotectablePlan { id: string; title: string; kind: "roster" | "premium" | "other"; reason: string; remedy: string }
export interface CatalogueGroup {
  id: string; name: string; visibility: "Public" | "Private" | "HiddenMembership" | string;
  isMember: boolean; isOwner: boolean;
  /** null = can be selected; else why not, in one sentence, and what to do. */
  unreachable: { reason: string; remedy: string } | null;
  plans: CataloguePlan[];
}
export interface CataloguePlan {
  id: string; title: string;
  unreachable: { reason: string; remedy: string } | null;
}

export type PolicySchedule =
  | { kind: "manual" }
  /** At a time that follows from the policy. */
  | { kind: "hours"; every: number }
  | { kind: "daily"; at: string; timeZone: string }
  | { kind: "weekly"; day: number; at: string; timeZone: string };

/** When a policy's drills are due. */
export type DrillSchedule = Extract<PolicySchedule, { kind: "manual" | "weekly" }> | { kind: "monthly"; day: number; at: string; timeZone: string };
export type Schedule = PolicySchedule | DrillSchedule;

export interface PolicySelection {
  groups: {
    groupId: string;
    /** Planner ids of the chosen plans. */
    planIds: string[];
    /** Plans that appear in this group later are taken too. */
    includeNew: boolean;
  }[];
}
/** What a policy keeps of each plan; null: this does not count. A snapshot goes when nothing keeps it; with all null none goes. */
export interface Retention { keepCount: number | null; keepDays: number | null; keepDaily: number | null; keepWeekly: number | null; keepMonthly: number | null; keepYearly: number | null }
/** Snapshots that would leave the timelines of so many plans, and those that would stay. */
export interface RetentionPreview { snapshots: number; plans: number; kept: number }
export type PolicyInput = { name: string; connectionId: string; selection: PolicySelection; schedule: PolicySchedule } & Pick<Retention, "keepCount" | "keepDays"> & Partial<Retention>;
export interface PolicyView extends Retention {
  name: string; connectionId: string; selection: PolicySelection; schedule: PolicySchedule;
  id: string; enabled: boolean; scheduleText: string; nextRuns: string[];
  planCount: number; groupCount: number; lastRun: RunSummary | null;
}

/** `planId`: the plan that every drill takes; null: the one whose turn it is. */
export interface DrillInput { schedule: DrillSchedule; groupId: string | null; planId: string | null }
/** Of the newest drill that ended exactly as its backup. */
export interface Proof { restoreId: string; at: string; planTitle: string }
export interface DrillSummary { restoreId: string; planTitle: string; state: RestoreState; startedBy: string; createdAt: string; finishedAt: string | null; isPlanLeft: boolean }
export interface DrillsView extends DrillInput {
  scheduleText: string; nextRuns: string[];
  /** The time zone that is offered first. */
  timeZone: string;
  proof: Proof | null;
  /** Newest first; the first may be under way. */
  drills: DrillSummary[];
  /** Plans with a complete backup, by title. `next`: whose turn it is; null: none can be drilled. */
  plans: { id: string; title: string; provenAt: string | null }[]; next: { id: string; title: string } | null;
  /** Groups that the account is a member of, by name. */
  groups: { id: string; name: string; isPrivate: boolean }[];
  account: { id: string; name: string; tid: string; restoreState: ConnectionView["restoreState"] } | null;
}

export type RunState = "queued" | "running" | "complete" | "partial" | "failed" | "cancelled";
export interface RunSummary {
  id: string; policyId: string; policyName: string; trigger: "manual" | "schedule"; startedBy: string | null;
  state: RunState; createdAt: string; startedAt: string | null; finishedAt: string | null;
  plans: { total: number; complete: number; partial: number; failed: number; cancelled: number };
  /** Sentence when the run as a whole has a problem (nothing read where groups exist, ...). */
  problem: string | null;
}
export interface RunPlanView {
  planId: string; title: string; groupName: string; state: RunState;
  phase: string | null; done: number; total: number; waiting: { reason: string; until: string | null } | null;
  problem: string | null; snapshotId: string | null; gaps: number; newBytes: number; requests: number;
  drift: SnapshotDrift | null; reading: ReadingFacts | null;
  /** The plan shows nothing where the last complete backup had content, or far more tasks than usual are gone. */
  warning: "suspiciously_empty" | "unusual_loss" | null;
  startedAt: string | null; finishedAt: string | null;
}
export interface RunView extends RunSummary { items: RunPlanView[]; cancelRequested: boolean }

export interface PlanSummary {
  id: string; graphPlanId: string; title: string; groupName: string; groupId: string; tid: string; tenantName: string | null;
  goneAt: string | null; snapshots: number;
  /** The newest backup found nothing where there was content, and nobody has said that this was meant. */
  suspiciouslyEmpty: boolean;
  lastSnapshot: { id: string; state: "complete" | "partial"; takenAt: string; tasks: number } | null;
  lastCompleteAt: string | null; policyNames: string[];
}
/** Far more tasks than usual were gone; the plan's snapshots are kept until a person releases it. */
export interface LossView {
  id: string;
  /** The last snapshot that has them, and when it was taken. */
  beforeId: string; lastAt: string;
  removed: number; foundAt: string;
  /** Null: too few backups to know. */
  usual: number | null;
}
export interface SnapshotSummary {
  id: string; planId: string; state: "complete" | "partial"; takenAt: string; counts: SnapshotCounts; gaps: number;
  quiescent: boolean; newBytes: number; newObjects: number; damaged: boolean;
  drift: SnapshotDrift | null; reading: ReadingFacts | null; runId: string | null;
  /** Taken because this restore was about to change the plan. */
  beforeRestoreId: string | null;
}
/**
 * Compared with the snapshot before: tasks that came, went and changed, and how many of their fields did; of the changed
 * ones, those that were completed; and what else: buckets, the plan's title, names of labels. Snapshots of older versions
 * lack the last three.
 */
export interface SnapshotDrift { added: number; removed: number; changed: number; fields?: number; completed?: number; other?: number }
export interface SnapshotView<Content = SnapshotContent> extends SnapshotSummary {
  /** Names of parts that could not be read from storage; the content is without them. Empty unless damaged. */
  missing: string[];
  planTitle: string; groupName: string; planGone: boolean; content: Content; gapList: Gap[]; consistency: Consistency;
}

/** A snapshot as the timeline of its plan shows it. `lost`: it found nothing where there was content. */
export interface TimelineSnapshot {
  id: string; takenAt: string; state: "complete" | "partial"; tasks: number; gaps: number; damaged: boolean; lost: { tasks: number; buckets: number } | null; newBytes: number;
  drift: SnapshotDrift | null; beforeRestore: boolean;
}
/** `before`: the kept snapshot before it; null for the first. */
export type TimelineEntry = { kind: "snapshot"; snapshot: TimelineSnapshot; before: string | null } | { kind: "unchanged"; snapshots: TimelineSnapshot[] };
export interface TimelineDay { day: string; snapshots: number; changes: number; removed: number }
/** When a task was there. `snapshotId`: the last kept snapshot that has it. */
export interface TaskTrace { taskId: string; title: string; bucket: string | null; firstAt: string; snapshotId: string; lastAt: string; goneAt: string | null }
export interface HistoryView {
  plan: PlanSummary;
  /** Of all kept snapshots. */
  total: number; changes: number; days: TimelineDay[];
  newestId: string | null;
  entries: TimelineEntry[]; page: number; pages: number;
  /** What the keys jump to from the ends of the page. */
  newerChange: string | null; olderChange: string | null;
  /** Tasks that a snapshot of the page was the first not to have, a few of each, by the snapshot's id. */
  gone: Record<string, { id: string; title: string }[]>;
  /** The snapshot that was asked for. */
  at: string | null;
  /** The task that was asked for; null: no kept snapshot that the search knows has it. */
  task: TaskTrace | null;
  /** Of this plan. */
  proof: Omit<Proof, "planTitle"> | null;
}

/** What a kept snapshot found of a task. `before`: the last one that has it as it was. */
export interface TaskEvent {
  /** back: it was there, then not, then again. */
  kind: "first" | "changed" | "gone" | "back";
  snapshotId: string; at: string; before: { id: string; at: string } | null;
  /** Of a change; null: they cannot be read, the storage is damaged there. */
  fields: FieldChange[] | null;
}
export interface TaskHistoryView {
  plan: PlanSummary; taskId: string; title: string | null;
  /** What the search knows of it. */
  trace: TaskTrace | null;
  /** Newest first. */
  events: TaskEvent[];
  /** The oldest snapshot that was looked at for them, and how many said nothing of the task because they are damaged there. */
  until: string | null; damaged: number;
  /** The snapshot to go on from; null at the first one. */
  next: string | null;
}

/** `offered`: snapshots at which something changed, newest first; `from` and `to` when nothing is chosen: null with fewer than two. */
export interface CompareChoices { plan: PlanSummary; total: number; newestId: string | null; offered: TimelineSnapshot[]; from: string | null; to: string | null }
/** `id`: of a snapshot, or "live". */
export interface ComparedSide { id: string; at: string; state: "complete" | "partial"; beforeRestore: boolean }
export interface CompareView { from: ComparedSide; to: ComparedSide; drift: PlanDrift }

/** A task that a snapshot holds. `snapshotId`: the last one that does. */
export interface SearchHit {
  planId: string; taskId: string; title: string; bucket: string | null; planTitle: string; groupName: string;
  snapshotId: string; firstAt: string; lastAt: string;
  /** When a backup first found it missing; null: the newest backup has it. */
  goneAt: string | null;
}
/** `from`: the number of the first hit; `plans`: all that may be searched, by title. */
export interface SearchResult { hits: SearchHit[]; from: number; page: number; hasMore: boolean; isEmptyQuery: boolean; plans: { id: string; title: string; groupName: string }[] }

export type RestoreState = "planning" | "planned" | "blocked" | "running" | "waiting" | "verifying" | "verified" | "different" | "failed" | "cancelled";
export interface RestoreView {
  id: string; snapshotId: string; planTitle: string; takenAt: string; connectionId: string; startedBy: string;
  state: RestoreState; phase: string | null; done: number; total: number;
  /** `restoreId`: the restore that it waits for. */
  waiting: { reason: string; until: string | null; restoreId?: string } | null; problem: string | null;
  request: RestoreRequest; plan: RestorePlan | null; report: RestoreReport | null;
  /** Names exactly the plan shown; runRestore wants it back. */
  planHash: string | null;
  cancelRequested: boolean; createdAt: string; startedAt: string | null; finishedAt: string | null; tid: string;
  /** The restore that this one takes back. */
  undoOf: string | null;
  /** The target as it was before anything was written. */
  beforeSnapshotId: string | null;
  /** Whether it can be taken back; `restoreId`: the restore that does or did so. */
  undo: { possible: boolean; why?: string; restoreId?: string };
  /** Whether it can go on from where it stopped, e.g. after a sign-in. */
  resume: { possible: boolean; why?: string };
  /** For a drill: its policy, and what became of the plan that it made. */
  drill: { policyId: string; policyName: string; plan: "none" | "there" | "removed"; problem: string | null } | null;
}

export type RestoreSummary = Pick<RestoreView, "id" | "planTitle" | "startedBy" | "state" | "createdAt" | "request" | "undoOf"> & { isDrill: boolean };

/** Where a snapshot can be restored to: the groups each connection account sees. */
export interface RestoreTargets {
  connections: ConnectionView[];
  groups: {
    connectionId: string; id: string; name: string; visibility: string; isMember: boolean; isOwner: boolean;
    /** Plans that can be restored into. */
    plans: { id: string; title: string }[];
  }[];
  /** Who sees some groups only restores into these. */
  mayMakeGroup: boolean;
  sourceGroupId: string;
  /** Id in a snapshot of the plan -> ids that earlier in-place restores created for it, oldest first. */
  creations: Record<string, readonly string[]>;
}

export interface VerificationView {
  id: string; startedBy: string; state: "queued" | "running" | "clean" | "damaged" | "failed" | "cancelled";
  done: number; total: number; report: VerifyReport | null; problem: string | null; createdAt: string; finishedAt: string | null;
}

export interface ChannelView {
  id: string; kind: ChannelKind; name: string; events: EventName[];
  /** Where it goes to, as far as this person may know. */
  address: string;
  /** For changing it; empty and null for those who may not. */
  to: string[]; url: string | null;
}
export interface DeliveryView {
  id: string; channelId: string; event: EventName | "test"; change: Change; state: "queued" | "sent" | "failed"; attempts: number;
  status: number | null; answer: string | null; createdAt: string; triedAt: string | null;
}
/** Something that needs or needed a person. */
export interface IncidentView { id: string; event: EventName; title: string; text: string; href: string; action: string; openedAt: string; closedAt: string | null }
export interface NotificationsView {
  /** Open ones first, then the newest. */
  incidents: IncidentView[];
  namesInMessages: boolean; canSendEmail: boolean; privateWebhooks: boolean; channels: ChannelView[];
  /** Newest first. */
  deliveries: DeliveryView[];
}

export interface ActivityEntry {
  seq: number; at: string; actor: string; isPlanback: boolean; ip: string | null; action: AuditAction; outcome: AuditOutcome;
  target: { kind: TargetKind; id: string; name: string | null } | null; detail: AuditDetail;
}
export interface ActivityFilter { actor?: string; action?: string; target?: string; from?: string; to?: string; before?: string }
export interface ActivityView {
  entries: ActivityEntry[];
  /** The sequence number to go on before; null at the end. */
  next: number | null;
  /** Everybody who is in the log, by name: what `actor` filters by. */
  actors: { id: string; name: string }[];
  head: Anchor | null;
}

/** Runs of a policy that began on a day (UTC), by outcome; `missed`: due, and never came. */
export interface StripDay { day: string; complete: number; partial: number; failed: number; cancelled: number; running: number; missed: number }
/** `late` and `overdue` are against the policy's own interval; `manual`: nothing is due by itself. */
export type PolicyHealthState = "ok" | "waiting" | "late" | "overdue" | "paused" | "manual";
export interface PolicyHealth {
  id: string; name: string; scheduleText: string; state: PolicyHealthState;
  lastCompleteAt: string | null; nextRunAt: string | null; days: StripDay[];
  /** Null: no drill has proven it yet. */
  proof: Proof | null;
}
/** The keys that seal what is stored. */
export interface KeysView {
  version: number; since: string;
  /** Values in the database are not all sealed with them yet. */
  isResealing: boolean;
  /** When the rows were last copied into the storage. */
  copiedAt: string | null;
}

export interface PruneView {
  /** Null: never. `objects` and `bytes` were removed. */
  last: { state: "running" | "done" | "failed"; at: string; objects: number; bytes: number; problem: string | null } | null;
  /** Snapshots that left their timeline and are still in storage. */
  held: number;
  /** What no snapshot needs, and is removed when no backup can be about to use it. */
  waiting: { objects: number; bytes: number; lockedUntil: string | null };
}

/** A place where objects can be kept. `lockDays`: for how many days what is stored cannot be removed. `ownId`: the workspace brought it along. */
export interface PlaceView { place: string; label: string; lockDays: number | null; ownId: string | null }
/** What came of trying a storage before it is used. */
export interface OwnStoreOutcome { id: string | null; steps: ProbeStep[] }
export interface MoveView {
  id: string; from: PlaceView; to: PlaceView; state: "copying" | "closing" | "held" | "removing" | "done" | "cancelling" | "cancelled";
  /** Of the present state, 0 to 100. */
  percent: number; objects: number; bytes: number; damaged: number; problem: string | null; startedBy: string; startedAt: string; switchedAt: string | null; removeAfter: string | null; finishedAt: string | null;
}
export interface StorageView {
  here: PlaceView;
  /** Until when nobody can remove what the newest snapshot needs, at least. */
  lockedUntil: string | null;
  /** Where it could be moved. */
  others: PlaceView[];
  /** Workspaces may bring storages along. */
  allowsOwn: boolean;
  /** The last one. */
  move: MoveView | null;
}

export type OnboardingStep = "consent" | "connection" | "policy" | "firstBackup";
export interface OnboardingView {
  done: Record<OnboardingStep, boolean>;
  /** Null when all is done. */
  next: OnboardingStep | null;
  /** The viewer's role may do the next step; `people` are all whose role may. */
  isYours: boolean; people: string[];
  /** The link that an administrator was sent for a consent that is still missing. */
  link: { requestedBy: string; createdAt: string; openedAt: string | null; expiresAt: string } | null;
  /** The newest run, while no snapshot came of any. */
  run: { id: string; isRunning: boolean } | null;
}
export interface OverviewView {
  onboarding: OnboardingView;
  /** Things that need a person, each with the one next step. */
  attention: { text: string; href: string; action: string }[];
  /** When a worker last looked for what needs a person; null: none ever did. */
  lookedAt: string | null;
  /** Of the plans that the accounts can reach. */
  plans: { protected: number; unprotected: number; reachable: number; withSnapshot: number };
  /** Those in trouble first; `policyCount` says how many there are. */
  policies: PolicyHealth[]; policyCount: number;
  lastCompleteAt: string | null; nextRunAt: string | null;
  lastRun: RunSummary | null; activeRuns: RunSummary[]; snapshots: number;
  storedBytes: number;
  /** What was stored at the end of each day (UTC) on which something was added, oldest first. */
  storage: { day: string; bytes: number }[];
}

/** How the installation is, for its operators: counts, ids, codes and versions. */
export interface InstallationView {
  at: string;
  queues: { queue: string; waiting: number; later: number; active: number; oldestSeconds: number | null }[];
  /** Of the last 24 hours; `detail` is a code or state of ours. */
  failures: { kind: string; detail: string; count: number }[];
  /** Workspaces whose nightly copy of the rows is late or fails; `problem` is a code of ours. */
  copies: { workspaceId: string; copiedAt: string | null; problem: string | null; isLate: boolean }[];
  throttled: { tid: string; service: string; until: string }[];
  processes: { id: string; kind: "web" | "worker"; version: string; host: string; startedAt: string; seenAt: string; alive: boolean }[];
  schema: { applied: string | null; wanted: string | null };
  /** The 200 workspaces that use most. */
  storage: { workspaceId: string; plans: number; snapshots: number; bytes: number }[];
}
