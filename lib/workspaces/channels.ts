import { randomUUID } from "node:crypto";
import { z } from "zod";
import { config } from "@/lib/config";
import { teamsDialUrl } from "@/lib/config/origins";
import type { Tx } from "@/lib/db";
import { send } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import type { Channel, Delivery, Incident } from "@/lib/generated/prisma/client";
import { newWebhookSecret, webhookUrlProblem, type Change, type ChannelKind, type ChannelTarget } from "@/lib/notify";
import type { Words } from "./alertWords";
import { record } from "./audit";
import { checkId, inWorkspace, notFound, type Membership } from "./authorise";
import { EVENTS, type EventName } from "./events";
import { nameOf, parseInput } from "./input";
import { incidentWords } from "./incidents";
import { openJson, sealJson } from "./keys";
import { storedSelection } from "./policies";
import { touches } from "./reach";
import { roleMay } from "./roles";
import { PLACE } from "./sealed";
import type { Actor, ChannelView, DeliveryView, IncidentView, NotificationsView } from "./types";

const MAX_CHANNELS = 20;
const LOG = 30;
const PAST = 10;

const name = nameOf("channel", 100);
const events = z.array(z.enum(EVENTS)).max(EVENTS.length);
const url = z.string().trim().max(2000, "The address is too long.");
const channelInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("email"), name, events, to: z.array(z.email("One of the addresses is not an e-mail address.").max(254)).min(1, "Give at least one address.").max(20, "At most 20 addresses can be given; a distribution list counts as one.") }),
  z.strictObject({ kind: z.literal("teams"), name, events, url }),
  z.strictObject({ kind: z.literal("webhook"), name, events, url }),
], { error: "Choose e-mail, Teams or webhook." });

/** Channels with their last deliveries, and what the workspace lets messages say. Addresses are shown to those who may change them only. */
export async function getNotifications(actor: Actor, workspaceId: string): Promise<NotificationsView> {
  const { id, names, channels, log, incidents, manage } = await inWorkspace(actor, workspaceId, "workspace.view", async (tx, me) => {
    const where = { workspaceId: me.workspaceId };
    return {
      id: me.workspaceId, manage: roleMay(me.role, "channel.manage"),
      names: (await tx.workspace.findUniqueOrThrow({ where: { id: me.workspaceId } })).namesInMessages,
      channels: await tx.channel.findMany({ where, orderBy: [{ createdAt: "asc" }, { id: "asc" }] }),
      log: await tx.delivery.findMany({ where, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: LOG }),
      incidents: await seen(tx, me, [
        ...(await tx.incident.findMany({ where: { ...where, closedAt: null }, orderBy: { openedAt: "desc" } })),
        ...(await tx.incident.findMany({ where: { ...where, closedAt: { not: null } }, orderBy: { openedAt: "desc" }, take: PAST })),
      ]),
    };
  });
  return {
    namesInMessages: names, canSendEmail: config().mail !== null, privateWebhooks: config().webhookPrivate,
    channels: await Promise.all(channels.map((row) => toView(row, manage))),
    deliveries: await Promise.all(log.map((row) => toDelivery(id, row))),
    incidents: await Promise.all(incidents.map(async (row) => toIncident(row, await incidentWords(row, "opened", true)))),
  };
}

/** Those that are about nothing which the member does not see. */
async function seen(tx: Tx, { workspaceId, groups }: Membership, incidents: Incident[]): Promise<Incident[]> {
  if (groups === null) return incidents;
  const of = (...events: EventName[]) => ({ workspaceId, id: { in: incidents.filter(({ event }) => events.includes(event as EventName)).map(({ subjectId }) => subjectId) } });
  const policies = await tx.policy.findMany({ where: of("backup.absent", "backup.failed", "backup.partial") });
  const plans = await tx.plan.findMany({ where: of("plan.loss"), select: { id: true } });
  const restores = await tx.restore.findMany({ where: of("restore.finished"), select: { id: true } });
  const there = new Set([...policies.filter((policy) => touches(groups, storedSelection(policy))), ...plans, ...restores].map(({ id }) => id));
  return incidents.filter(({ event, subjectId }) => !/^(backup|plan|restore)\./.test(event) || there.has(subjectId));
}

/**
 * Makes a channel, or changes `channelId`. The secret of a webhook is made here and returned this once; changing the
 * channel keeps it.
 */
export async function saveChannel(actor: Actor, workspaceId: string, input: unknown, channelId?: string): Promise<{ id: string; secret: string | null }> {
  const id = channelId === undefined ? randomUUID() : checkId(channelId, "channel");
  const parsed = parseInput(channelInput, input);
  const { me, before } = await inWorkspace(actor, workspaceId, "channel.manage", async (tx, membership) => ({
    me: membership, before: channelId === undefined ? null : await findChannel(tx, membership.workspaceId, id),
  }));
  if (before && before.kind !== parsed.kind) throw new PlanbackError("invalid_input", "A channel stays of its kind. Add another one instead. Nothing was changed.");
  const secret = parsed.kind === "webhook" && !before ? newWebhookSecret() : null;
  const target = targetOf(parsed, secret ?? (before ? await secretOf(before) : null));
  const data = { kind: parsed.kind, name: parsed.name, events: parsed.events, sealedTarget: await sealJson(me.workspaceId, "token", PLACE.channelTarget(id), target) };
  await inWorkspace(actor, workspaceId, "channel.manage", async (tx) => {
    if (before) {
      await tx.channel.update({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } }, data });
    } else {
      if ((await tx.channel.count({ where: { workspaceId: me.workspaceId } })) >= MAX_CHANNELS) throw new PlanbackError("conflict", `A workspace has at most ${MAX_CHANNELS} channels. Remove one first. Nothing was added.`);
      await tx.channel.create({ data: { workspaceId: me.workspaceId, id, ...data } });
    }
    await record(tx, me.workspaceId, actor, { action: before ? "channel.changed" : "channel.created", target: { kind: "channel", id }, detail: { name: parsed.name, kind: parsed.kind, events: parsed.events } });
  });
  return { id, secret };
}

/** Removes a channel with its deliveries. */
export async function removeChannel(actor: Actor, workspaceId: string, channelId: string): Promise<void> {
  const id = checkId(channelId, "channel");
  await inWorkspace(actor, workspaceId, "channel.manage", async (tx, me) => {
    const channel = await findChannel(tx, me.workspaceId, id);
    await tx.channel.delete({ where: { workspaceId_id: { workspaceId: me.workspaceId, id } } });
    await record(tx, me.workspaceId, actor, { action: "channel.removed", target: { kind: "channel", id }, detail: { name: channel.name, kind: channel.kind } });
  });
}

/** Sends a test message, once; `getDelivery` tells the answer. */
export async function testChannel(actor: Actor, workspaceId: string, channelId: string): Promise<{ deliveryId: string }> {
  const id = checkId(channelId, "channel");
  return inWorkspace(actor, workspaceId, "channel.manage", async (tx, me) => {
    await findChannel(tx, me.workspaceId, id);
    const deliveryId = randomUUID();
    await tx.delivery.create({ data: { workspaceId: me.workspaceId, id: deliveryId, channelId: id, event: "test", change: "test", state: "queued" } });
    await send("notify", { workspaceId: me.workspaceId, deliveryId }, { tx });
    await record(tx, me.workspaceId, actor, { action: "channel.tested", target: { kind: "channel", id } });
    return { deliveryId };
  });
}

export async function getDelivery(actor: Actor, workspaceId: string, deliveryId: string): Promise<DeliveryView> {
  const id = checkId(deliveryId, "delivery");
  const row = await inWorkspace(actor, workspaceId, "workspace.view", (tx, me) => tx.delivery.findFirst({ where: { workspaceId: me.workspaceId, id } }));
  if (!row) throw notFound("delivery");
  return toDelivery(row.workspaceId, row);
}

/** Whether messages may name policies, accounts, Microsoft tenants and plans; else they hold kinds and links only. */
export async function setNamesInMessages(actor: Actor, workspaceId: string, allowed: unknown): Promise<void> {
  const namesInMessages = parseInput(z.boolean(), allowed);
  await inWorkspace(actor, workspaceId, "channel.manage", async (tx, me) => {
    await tx.workspace.update({ where: { id: me.workspaceId }, data: { namesInMessages } });
    await record(tx, me.workspaceId, actor, { action: "messages.names_changed", detail: { allowed: namesInMessages } });
  });
}

function targetOf(input: z.output<typeof channelInput>, secret: string | null): ChannelTarget {
  switch (input.kind) {
    case "email":
      if (!config().mail) throw new PlanbackError("invalid_input", "This installation sends no e-mail: its operator has set no mail server. Nothing was saved.");
      return { kind: "email", to: [...new Set(input.to.map((address) => address.toLowerCase()))] };
    case "teams":
      if (teamsDialUrl(input.url, config()) === null) throw new PlanbackError("invalid_input", "This is not the address of a Teams workflow. It begins with https:// and its host ends in logic.azure.com or api.powerplatform.com. Nothing was saved.");
      return { kind: "teams", url: input.url };
    case "webhook": {
      const problem = webhookUrlProblem(input.url, config());
      if (problem) throw new PlanbackError("invalid_input", `${problem} Nothing was saved.`);
      return { kind: "webhook", url: input.url, secret: secret! };
    }
  }
}

export function openTarget(row: Pick<Channel, "workspaceId" | "id" | "sealedTarget">): Promise<ChannelTarget> {
  return openJson<ChannelTarget>(row.workspaceId, "token", PLACE.channelTarget(row.id), row.sealedTarget);
}

async function secretOf(row: Channel): Promise<string | null> {
  const target = await openTarget(row);
  return target.kind === "webhook" ? target.secret : null;
}

async function findChannel(tx: Tx, workspaceId: string, id: string): Promise<Channel> {
  const row = await tx.channel.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
  if (!row) throw notFound("channel");
  return row;
}

async function toView(row: Channel, manage: boolean): Promise<ChannelView> {
  const target = await openTarget(row);
  return {
    id: row.id, kind: row.kind as ChannelKind, name: row.name, events: row.events as EventName[],
    // A Teams workflow's address is a secret by itself: whoever has it may post.
    address: target.kind === "email" ? target.to.join(", ") : manage && target.kind === "webhook" ? target.url : new URL(target.url).host,
    to: manage && target.kind === "email" ? target.to : [], url: manage && target.kind !== "email" ? target.url : null,
  };
}

function toIncident(row: Incident, { title, text, path, action }: Words): IncidentView {
  return { id: row.id, event: row.event as EventName, title, text, action, href: `/w/${row.workspaceId}${path}`, openedAt: row.openedAt.toISOString(), closedAt: row.closedAt?.toISOString() ?? null };
}

async function toDelivery(workspaceId: string, row: Delivery): Promise<DeliveryView> {
  return {
    id: row.id, channelId: row.channelId, event: row.event as EventName | "test", change: row.change as Change, state: row.state as DeliveryView["state"], attempts: row.attempts, status: row.status,
    answer: row.sealedAnswer ? await openJson<string>(workspaceId, "token", PLACE.deliveryAnswer(row.id), row.sealedAnswer) : null,
    createdAt: row.createdAt.toISOString(), triedAt: row.triedAt?.toISOString() ?? null,
  };
}
