import type { SimCloud } from "./clouds";
import type { SimWorld } from "./model";

export interface WorldOptions {
  cloud?: SimCloud;
  seed?: number;
  origin?: string;
  appOrigin?: string;
  /** A fixed start for the clock (ms); default: real time. */
  startAt?: number;
}

/** A world whose clock the control API can push forward. */
export interface ClockedWorld extends SimWorld {
  /** Moves the clock by `ms` (may be negative). */
  moveClock(ms: number): void;
}

/** An empty world: no tenants, no apps. Random numbers and GUIDs depend on the seed only. */
export function createWorld(options: WorldOptions = {}): ClockedWorld {
  const seed = options.seed ?? 1;
  const random = mulberry32(seed);
  const started = Date.now();
  let offset = options.startAt === undefined ? 0 : options.startAt - started;
  return {
    cloud: options.cloud ?? "global",
    seed,
    origin: options.origin ?? "http://localhost:4800",
    appOrigin: options.appOrigin ?? "http://localhost:3000",
    now: () => Date.now() + offset,
    moveClock: (ms) => {
      offset += ms;
    },
    random,
    guid: () => guidFrom(random),
    tenants: new Map(),
    apps: new Map(),
    conditions: { refuseUser: new Map(), caeChallenge: new Map(), tokenEpoch: 0, expiredBefore: { everybody: 0, users: new Map() } },
  };
}

/** Small, well distributed 32-bit generator (Tommy Ettinger's mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A version 4 GUID from a random source. */
export function guidFrom(random: () => number): string {
  const word = () => Math.floor(random() * 4294967296).toString(16).padStart(8, "0");
  const hex = word() + word() + word() + word();
  const variant = "89ab"[Number.parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
