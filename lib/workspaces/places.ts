/** Where the objects of workspaces are: the storages of the installation, and those that workspaces bring along. */
import { config } from "@/lib/config";
import type { Driver } from "@/lib/config/storage";
import { withWorkspace, type Tx } from "@/lib/db";
import { PlanbackError } from "@/lib/errors";
import type { OwnStore } from "@/lib/generated/prisma/client";
import { createMovingStore, openStore } from "@/lib/repository";
import type { ObjectStore } from "@/lib/repository/types";
import { measuredStore } from "@/lib/telemetry/store";
import { ownStoreAt } from "./ownStores";
import type { PlaceView } from "./types";

const LABELS: Record<Driver, string> = { files: "This installation's disk", s3: "This installation's S3 bucket", azure: "This installation's Azure container" };
const DRIVERS = Object.keys(LABELS) as Driver[];

const settingsOf = (place: string) => (DRIVERS.includes(place as Driver) ? config().storage[place as Driver] : null);

/** Every storage that this installation can use now. */
export async function installationStores(): Promise<ObjectStore[]> {
  return (await installationPlaces()).map(({ store }) => store);
}

const ownId = (place: string): string | null => (place.startsWith("own:") ? place.slice(4) : null);

/** The one where new workspaces are made. */
export const installationStore = (): Promise<ObjectStore> => openStore(config().storage[config().storage.main]!);

/** Those with the names that the places of workspaces have. */
export const installationPlaces = (): Promise<{ place: Driver; store: ObjectStore }[]> =>
  Promise.all(DRIVERS.flatMap((driver) => config().storage[driver] ?? []).map(async (settings) => ({ place: settings.driver, store: await openStore(settings) })));

/** Throws `config` when the operator has taken the storage out of the configuration. */
export async function storeAt(workspaceId: string, place: string): Promise<ObjectStore> {
  const own = ownId(place);
  if (own) return ownStoreAt(workspaceId, own);
  const settings = settingsOf(place);
  if (!settings) throw new PlanbackError("config", `This workspace is kept in a storage (${place}) that is not configured here any more. Nothing is lost: the operator has to configure it again.`);
  return openStore(settings);
}

/** Where the workspace is, and where it is about to be (lib/jobs/storeMove.ts). */
async function placeOf(tx: Tx, workspaceId: string): Promise<{ place: string; next: string | null }> {
  // One statement sees one moment: a switch changes both rows at once.
  const [found] = await tx.$queryRaw<{ place: string; next: string | null }[]>`
    SELECT w.place, m.to_place AS next FROM workspace w LEFT JOIN store_move m ON m.workspace_id = w.id AND m.state = 'closing' WHERE w.id = ${workspaceId}::uuid`;
  if (!found) throw new PlanbackError("not_found", "This workspace does not exist, or you have no access to it.");
  return found;
}

/** The store of a workspace, as it is now. Whoever stores asks when his row is there, so that a move can wait for him. */
export async function storeOf(workspaceId: string): Promise<ObjectStore> {
  const { place, next } = await withWorkspace(workspaceId, (tx) => placeOf(tx, workspaceId));
  const store = await storeAt(workspaceId, place);
  return measuredStore(next ? createMovingStore(store, await storeAt(workspaceId, next)) : store);
}

/**
 * Where the recovery kit and the copies of the rows are: with the objects, or with the installation when the workspace has a storage of its own, whose
 * keys are lost with the database. To be asked under `lockKit` by who writes there (kit.ts).
 */
export async function careStoreOf(workspaceId: string): Promise<ObjectStore> {
  const { place } = await withWorkspace(workspaceId, (tx) => placeOf(tx, workspaceId));
  return ownId(place) ? installationStore() : storeAt(workspaceId, place);
}

/** For how many days nobody can remove what is stored where the workspace is now. */
export function lockDaysOf(workspaceId: string): Promise<number | null> {
  return withWorkspace(workspaceId, async (tx) => {
    const { place } = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { place: true } });
    return (await viewOf(tx, workspaceId, place)).lockDays;
  });
}

/** Where the workspace could be kept. */
export async function placesOf(tx: Tx, workspaceId: string): Promise<PlaceView[]> {
  const own = config().storage.own ? await tx.ownStore.findMany({ where: { workspaceId }, orderBy: { createdAt: "asc" } }) : [];
  return [...DRIVERS.filter((driver) => config().storage[driver]).map(installationView), ...own.map(ownView)];
}

/** A place in words. */
export async function viewOf(tx: Tx, workspaceId: string, place: string): Promise<PlaceView> {
  const id = ownId(place);
  const row = id && (await tx.ownStore.findFirst({ where: { workspaceId, id } }));
  if (row) return ownView(row);
  return id ? { place, label: "A storage that was removed", lockDays: null, ownId: null } : installationView(place as Driver);
}

function installationView(driver: Driver): PlaceView {
  const settings = settingsOf(driver);
  return { place: driver, label: LABELS[driver], lockDays: settings && "lockDays" in settings ? settings.lockDays : null, ownId: null };
}

const ownView = ({ id, name, lockDays }: OwnStore): PlaceView => ({ place: `own:${id}`, label: name, lockDays, ownId: id });
