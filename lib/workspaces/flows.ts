/**
 * Trips to Microsoft and back. The state value is random, stored as a hash, good for one answer within ten minutes, for
 * one kind of trip, and only in the browser (and, when signed in, the session) where the trip began.
 */
import { randomUUID } from "node:crypto";
import type { Cloud } from "@/lib/config/clouds";
import { withSecret, withWorkspace } from "@/lib/db";
import type { FlowSecrets } from "@/lib/identity";
import { openJson, sealJson } from "./keys";
import { PLACE } from "./sealed";
import { hashSecret, isSameHash, newSecret } from "./secrets";
import type { Grant } from "./types";

const LIFETIME_MS = 10 * 60_000;

export type FlowKind = "consent" | "prove" | "connect";

/** How a person was asked: not at all (as somebody known, or as whoever is signed in), or with an account picker. */
export type Asking = "silent_as" | "silent" | "picker";

export interface TripSecrets extends FlowSecrets {
  asking: Asking;
}

export interface NewFlow {
  workspaceId: string;
  kind: FlowKind;
  purpose: Grant;
  cloud: Cloud;
  expectedTid: string;
  connectionId?: string;
  consentLinkId?: string;
  /** Hex; null for an admin who came by a link. */
  sessionHash: string | null;
  /** Reused on the second leg of a trip, else new. */
  flowCookie?: string;
}

export interface Flow extends Required<Pick<NewFlow, "workspaceId" | "kind" | "purpose" | "cloud" | "expectedTid">> {
  connectionId: string | null;
  consentLinkId: string | null;
  sessionHash: string | null;
  flowCookie: string;
  secrets: TripSecrets | null;
}

/** Prepares a trip: `makeUrl` gets the state and gives the address, and the secrets to keep for the way back. */
export async function openFlow(flow: NewFlow, makeUrl: (state: string) => Promise<{ url: string; secrets: TripSecrets | null }>): Promise<{ url: string; flowCookie: string }> {
  const state = newSecret();
  const flowCookie = flow.flowCookie ?? newSecret();
  const id = randomUUID();
  const { url, secrets } = await makeUrl(state);
  const { workspaceId, kind, purpose, cloud, expectedTid } = flow;
  const sealedSecrets = secrets ? await sealJson(workspaceId, "token", PLACE.flowSecrets(id), secrets) : null;
  await withWorkspace(workspaceId, (tx) =>
    tx.oauthFlow.create({
      data: {
        workspaceId, id, kind, purpose, cloud, expectedTid, sealedSecrets,
        stateHash: hashSecret(state),
        flowCookieHash: hashSecret(flowCookie),
        connectionId: flow.connectionId ?? null,
        consentLinkId: flow.consentLinkId ?? null,
        sessionHash: flow.sessionHash === null ? null : new Uint8Array(Buffer.from(flow.sessionHash, "hex")),
        expiresAt: new Date(Date.now() + LIFETIME_MS),
      },
    }));
  return { url, flowCookie };
}

export interface CallbackInput {
  query: URLSearchParams;
  flowCookie: string | null;
  /** Hex hash of the session that the browser holds now. */
  sessionHash: string | null;
  /** As Actor.ip. */
  ip?: string | null;
}

export type FlowRefusal = { kind: "unknown" } | { kind: "foreign_browser" } | { kind: "replayed" } | { kind: "expired" };
export type Claim = { flow: Flow } | { refusal: FlowRefusal; workspaceId: string | null };

/**
 * Takes the trip that an answer belongs to; a second answer with the same state gets "replayed". The workspace is named
 * in a refusal only to the browser and session that began the trip.
 */
export async function claimFlow(input: CallbackInput, kinds: readonly FlowKind[]): Promise<Claim> {
  const state = input.query.get("state");
  const row = state ? await findByState(hashSecret(state)) : null;
  if (!row || !kinds.includes(row.kind as FlowKind) || row.expectedTid === null) return { refusal: { kind: "unknown" }, workspaceId: null };
  const isSameBrowser = input.flowCookie !== null && isSameHash(row.flowCookieHash, hashSecret(input.flowCookie));
  const isSameSession = row.sessionHash === null || (input.sessionHash !== null && Buffer.from(row.sessionHash).toString("hex") === input.sessionHash);
  if (!isSameBrowser || !isSameSession) return { refusal: { kind: "foreign_browser" }, workspaceId: null };
  const { workspaceId, id } = row;
  const now = new Date();
  const { count } = await withWorkspace(workspaceId, (tx) =>
    tx.oauthFlow.updateMany({ where: { workspaceId, id, usedAt: null, expiresAt: { gt: now } }, data: { usedAt: now } }));
  if (count === 0) {
    const isExpired = row.usedAt === null && row.expiresAt <= now;
    return { refusal: { kind: isExpired ? "expired" : "replayed" }, workspaceId: row.sessionHash ? workspaceId : null };
  }
  return {
    flow: {
      workspaceId,
      kind: row.kind as FlowKind,
      purpose: row.purpose as Grant,
      cloud: row.cloud as Cloud,
      expectedTid: row.expectedTid,
      connectionId: row.connectionId,
      consentLinkId: row.consentLinkId,
      sessionHash: row.sessionHash ? Buffer.from(row.sessionHash).toString("hex") : null,
      flowCookie: input.flowCookie!,
      secrets: row.sealedSecrets ? await openJson<TripSecrets>(workspaceId, "token", PLACE.flowSecrets(id), row.sealedSecrets) : null,
    },
  };
}

const findByState = (stateHash: Uint8Array<ArrayBuffer>) => withSecret(stateHash, (tx) => tx.oauthFlow.findFirst({ where: { stateHash } }));
