/** What is told to people, and what was done by them. */
import type { Change, ChannelKind } from "@/lib/notify";
import type { AuditAction, AuditDetail, AuditOutcome, TargetKind } from "../audit";
import type { Anchor } from "../auditChain";
import type { EventName } from "../events";

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
