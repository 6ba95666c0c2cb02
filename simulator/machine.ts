import { CLOUDS, type SimCloud } from "./clouds";
import { entraRoom } from "./entra";
import { signJwt } from "./entra/keys";
import type { Interference } from "./faults/apply";
import { groupRoutes } from "./graph/directory/groups";
import { membershipRoutes } from "./graph/directory/membership";
import { peopleRoutes } from "./graph/directory/people";
import { tenantRoutes } from "./graph/directory/tenant";
import { driveRoutes } from "./graph/drive/routes";
import { DriveStore } from "./graph/drive/store";
import { mailRoutes } from "./graph/mail/routes";
import { MailStore } from "./graph/mail/store";
import { createGraphRoom } from "./graph/room";
import type { SimRoom } from "./http";
import type { AccessTokenClaims, SimWorld } from "./model";
import { createPlannerStore, plannerRoutes, plannerWebRoom, type PlannerBehaviour, type PlannerStore } from "./planner";
import type { RequestLog } from "./requestLog";
import { seedWorld, type SeedSize } from "./seed";
import { sharepointRoom } from "./sharepoint";
import { createWorld, type ClockedWorld } from "./world";

export interface MachineOptions {
  origin: string;
  appOrigin?: string;
  /** The cloud that it plays; default global. */
  cloud?: SimCloud;
  seed?: number;
  size?: SeedSize;
  /** A fixed start for the simulator's clock (ms). */
  startAt?: number;
  /** Planner and drive of a new group answer 404 for this long. */
  newGroupLagMs?: number;
  /** Certificates (PEM) registered on apps, by client id. */
  certificates?: Record<string, string[]>;
  /** How Planner behaves in all Microsoft tenants, where that is not known for sure. */
  planner?: Partial<PlannerBehaviour>;
}

export interface Stores {
  planner: PlannerStore;
  mail: MailStore;
  drives: DriveStore;
}

export interface TokenRequest {
  tenantId: string;
  /** User id; without it the token is app-only. */
  userId?: string;
  clientId: string;
  scopes?: readonly string[];
  roles?: readonly string[];
  /** Claims challenges that the token answers. */
  acrs?: string[];
  /** Default 3600. */
  lifetimeSeconds?: number;
}

/** One simulated cloud: its state, and the rooms that serve it. reset() builds another one. */
export interface Machine {
  world: ClockedWorld;
  stores: Stores;
  graph: ReturnType<typeof createGraphRoom>;
  rooms: SimRoom[];
  token(request: TokenRequest): Promise<string>;
}

export async function buildMachine(options: MachineOptions, interference: Interference, log: RequestLog, pause: () => Promise<void>): Promise<Machine> {
  const world = createWorld(options);
  if (options.newGroupLagMs !== undefined) world.newGroupLagMs = options.newGroupLagMs;
  const stores: Stores = { planner: createPlannerStore(world), mail: new MailStore(world), drives: new DriveStore(world) };
  stores.planner.behaviour.set(options.planner ?? {});
  seedWorld(world, stores, options.size ?? "default");
  for (const [clientId, certificates] of Object.entries(options.certificates ?? {})) world.apps.get(clientId)?.certificates.push(...certificates);
  const directory = [...peopleRoutes(), ...groupRoutes(), ...membershipRoutes(), ...tenantRoutes()];
  const routes = [...directory, ...plannerRoutes(stores.planner), ...mailRoutes(stores.mail), ...driveRoutes(stores.drives)];
  return {
    world,
    stores,
    graph: createGraphRoom(world, routes, interference, log, pause),
    rooms: [sharepointRoom(world, stores.drives), plannerWebRoom(world, stores.planner, { countComments: (plan, thread) => stores.mail.find(plan.groupId, thread)?.posts.length ?? 0 }), entraRoom(world)],
    token: async (request) => signJwt(claimsFor(world, request), world.cloud),
  };
}

function claimsFor(world: SimWorld, request: TokenRequest): AccessTokenClaims {
  const iat = Math.floor(world.now() / 1000);
  return {
    aud: CLOUDS[world.cloud].graph,
    iss: `https://sts.windows.net/${request.tenantId}/`,
    tid: request.tenantId,
    oid: request.userId ?? request.clientId,
    appid: request.clientId,
    ...(request.userId ? { scp: (request.scopes ?? []).join(" "), idtyp: "user" as const } : { roles: [...(request.roles ?? [])], idtyp: "app" as const }),
    iat,
    exp: iat + (request.lifetimeSeconds ?? 3600),
    ...(request.acrs ? { acrs: request.acrs } : {}),
    uti: world.guid(),
    xms_epoch: world.conditions.tokenEpoch,
  };
}
