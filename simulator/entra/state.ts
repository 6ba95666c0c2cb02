import type { SimWorld } from "../model";

/** A person as he signs in: the account of his home tenant. */
export interface Account {
  homeTenantId: string;
  homeOid: string;
}

/** An account that is signed in in a browser, and when its person last typed a password. */
export interface BrowserAccount extends Account { authenticatedAt: number }

export interface AuthorizationCode {
  clientId: string;
  redirectUri: string;
  account: Account;
  tenantId: string;
  scopes: string[];
  nonce: string | null;
  authenticatedAt: number;
  codeChallenge: string | null;
  claims: string | null;
  issuedAt: number;
  redeemed: boolean;
}

export interface RefreshToken {
  clientId: string;
  account: Account;
  /** Tenant that the sign-in was for; a refresh may name another one. */
  tenantId: string;
  scopes: string[];
  issuedAt: number;
  usedAt: number;
}

/** What the simulated Entra ID remembers between requests. */
export interface EntraState {
  codes: Map<string, AuthorizationCode>;
  refreshTokens: Map<string, RefreshToken>;
  /** Browser sessions by cookie value: the accounts signed in, latest first. */
  sessions: Map<string, BrowserAccount[]>;
  /** Ids of client assertions that were used. */
  assertionIds: Set<string>;
}

const states = new WeakMap<SimWorld, EntraState>();

export function entraState(world: SimWorld): EntraState {
  let state = states.get(world);
  if (!state) {
    state = { codes: new Map(), refreshTokens: new Map(), sessions: new Map(), assertionIds: new Set() };
    states.set(world, state);
  }
  return state;
}
