import { createHash } from "node:crypto";
import { systemClock, type Clock } from "./clock";
import { LaneGovernor } from "./laneGovernor";
import { LANES, type Lane, type Way } from "./lanes";
import { UnitBudget } from "./unitBudget";

/** Where a pause holds: one service, or all of them when Microsoft Graph itself refuses. */
export type Place = Lane | "everywhere";

export interface GovernorOptions {
  clock?: Clock;
  /** Parallel requests at one service: to begin with, and at most. */
  initial?: number;
  maximum?: number;
  /** A pause longer than this is not waited out: the call fails with graph_unavailable and may be tried again later. */
  longestWaitMs?: number;
  /** SharePoint's resource units a minute for an app in a Microsoft tenant; by default those of the smallest licence band. */
  unitsPerMinute?: number;
  /** Called with every pause that a service demanded, so that other processes can be told. */
  onPause?: (until: number, place: Place) => void;
}

export interface TurnOptions extends Partial<Way> {
  /** For whom it is; parties take turns. */
  party?: string;
  /** A person waits for it: it goes before the other turns of its party. */
  urgent?: boolean;
  /** How much of the mailbox's room it takes. */
  places?: number;
  /** SharePoint's price of the request; asked when its turn has come. */
  units?: () => number;
  signal?: AbortSignal;
  /** Called when the turn has to wait for the end of a pause (until), and once more with null when it is over. */
  onPause?: (until: Date | null) => void;
}

/** A turn that has begun: what the answer says about the load of the service is told to it. */
export interface Turn {
  /** The service answered well. Latencies are compared with those of the same kind of request. */
  good(kind: string): void;
  /** The service throttled: nobody sends there for `delayMs`, and half as many run in parallel afterwards. */
  throttled(delayMs: number, everywhere?: boolean): void;
  /** SharePoint says how many resource units are left, and when there will be more. */
  unitsLeft(remaining: number, resetMs: number): void;
}

export interface LaneState {
  concurrency: number;
  inFlight: number;
  waiting: number;
  /** Milliseconds since the epoch before which nothing is sent. */
  pausedUntil: number;
}

/** One for each (app, Microsoft tenant) in a process: it decides when a request may leave. */
export interface Governor {
  /** Runs the task when there is a free place and no pause. Throws cancelled, or graph_unavailable when the pause is too long. */
  run<T>(task: (turn: Turn) => Promise<T>, options?: TurnOptions): Promise<T>;
  /** A pause that was learned elsewhere, in milliseconds since the epoch. */
  pauseUntil(time: number, place: Place): void;
  state(lane: Lane): LaneState;
}

/** Makes a governor; see {@link governorFor} for the one that the process shares. */
export function createGovernor(options: GovernorOptions = {}): Governor {
  const { clock = systemClock, initial = 4, maximum = 16, longestWaitMs = 3600_000 * 1.05, unitsPerMinute = 1250, onPause } = options;
  const lane = (budget: UnitBudget | null) => new LaneGovernor({ clock, initial: Math.min(initial, maximum), maximum, longestWaitMs, budget });
  const budget = new UnitBudget(unitsPerMinute, clock.now());
  const lanes: Record<Lane, LaneGovernor> = { graph: lane(null), outlook: lane(null), sharepoint: lane(budget) };

  function pauseUntil(time: number, place: Place): void {
    for (const name of place === "everywhere" ? LANES : [place]) lanes[name].pauseUntil(time);
  }

  function begun(lane: LaneGovernor, name: Lane, number: number): Turn {
    const sentAt = clock.now();
    return {
      good(kind) {
        lane.limit.good(lane.latencies.load(kind, clock.now() - sentAt, lane.limit.value));
        lane.pump();
      },
      throttled(delayMs, everywhere = false) {
        lane.limit.refused(number);
        const until = clock.now() + delayMs;
        const place = everywhere ? "everywhere" : name;
        pauseUntil(until, place);
        onPause?.(until, place);
      },
      unitsLeft(remaining, resetMs) {
        if (name === "sharepoint") budget.told(remaining, resetMs, clock.now());
      },
    };
  }

  return {
    async run(task, turn = {}) {
      const name = turn.lane ?? "graph";
      const lane = lanes[name];
      const number = await lane.enter(turn);
      try {
        return await task(begun(lane, name, number));
      } finally {
        lane.leave(turn);
      }
    },
    pauseUntil,
    state: (name) => {
      const { limit, inFlight, waiting, pausedUntil } = lanes[name];
      return { concurrency: limit.value, inFlight, waiting, pausedUntil };
    },
  };
}

type PauseListener = (key: string, until: number, place: Place) => void;

const governors = new Map<string, Governor>();
let tellOthers: PauseListener = () => undefined;

/** The process's governor of one app in one Microsoft tenant. */
export function governorFor(clientId: string, microsoftTenantId: string): Governor {
  return governorOf(governorKey(clientId, microsoftTenantId));
}

export function governorKey(clientId: string, microsoftTenantId: string): string {
  return createHash("sha256").update(`${clientId} ${microsoftTenantId}`).digest("hex").slice(0, 32);
}

/** The same by its key, which other processes know it by; it names neither the app nor the tenant. */
export function governorOf(key: string): Governor {
  let governor = governors.get(key);
  if (!governor) governors.set(key, (governor = createGovernor({ onPause: (until, place) => tellOthers(key, until, place) })));
  return governor;
}

/** Hears of every pause that a service demands of this process. One listener; returns how to end it. */
export function onPauses(listener: PauseListener): () => void {
  tellOthers = listener;
  return () => {
    if (tellOthers === listener) tellOthers = () => undefined;
  };
}

/** The pauses that hold now, for a process that comes later. */
export function standingPauses(now: number): { key: string; until: number; place: Place }[] {
  return [...governors].flatMap(([key, governor]) =>
    LANES.map((place) => ({ key, place, until: governor.state(place).pausedUntil })).filter(({ until }) => until > now));
}
