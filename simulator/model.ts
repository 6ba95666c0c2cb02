import type { SimCloud } from "./clouds";

/**
 * The state that Entra ID and Graph share: Microsoft tenants, people, groups, app registrations, consents. Planner,
 * files and mailboxes have their own stores in simulator/graph. Everything is in memory and made from a seed.
 */
export interface SimUser {
  id: string;
  displayName: string;
  userPrincipalName: string;
  mail: string | null;
  userType: "Member" | "Guest";
  accountEnabled: boolean;
  /** Directory roles by template id (Global Administrator 62e90394-69f5-4237-9190-012177145e10, ...). */
  directoryRoles: string[];
  servicePlans: { servicePlanId: string; servicePlanName: string; provisioningStatus: string }[];
  /** Home tenant of a guest. */
  homeTenantId?: string;
  /** Refresh tokens issued before this moment are revoked (ms). */
  tokensValidFrom: number;
}

export interface SimGroup {
  id: string;
  displayName: string;
  description: string | null;
  mailNickname: string;
  mail: string;
  visibility: "Public" | "Private" | "HiddenMembership";
  /** Alternate key, given by an upsert only. */
  uniqueName?: string;
  groupTypes: string[];
  createdDateTime: string;
  members: Set<string>;
  owners: Set<string>;
  /** Planner and drive answer 404 for a new group until this moment (ms). */
  readyAt: number;
}

export interface SimTenant {
  id: string;
  displayName: string;
  domain: string;
  sharepointHost: string;
  users: Map<string, SimUser>;
  groups: Map<string, SimGroup>;
  /** Consents: key clientId. */
  grants: Map<string, SimGrant>;
  /** Non-admins get 90095 (request workflow) instead of 90094. */
  adminConsentWorkflow: boolean;
  /** Users may create groups. */
  enableGroupCreation: boolean;
}

export interface SimGrant {
  /** Delegated scopes granted for all principals. */
  allPrincipals: Set<string>;
  /** Delegated scopes a user granted for himself. */
  byUser: Map<string, Set<string>>;
  /** Application roles. */
  appRoles: Set<string>;
}

export interface SimApp {
  clientId: string;
  displayName: string;
  publisher: string | null;
  secrets: string[];
  /** PEM certificates for client assertions. */
  certificates: string[];
  redirectUris: string[];
  /** Static permission list, what .default means. */
  requiredScopes: string[];
  requiredRoles: string[];
  /** `groupMembershipClaims` of the registration asks for directory roles: ID tokens carry `wids`. */
  directoryRoleClaims?: boolean;
}

/** One-shot or standing conditions the control API sets on identity. */
export interface IdentityConditions {
  /** user id -> AADSTS code that refresh/authorize answers with until cleared (50076, 53003, 50173, 700082 ...). */
  refuseUser: Map<string, { code: number; claims?: string }>;
  /** user id -> claims challenge that Graph answers with (401) until a token carries it. */
  caeChallenge: Map<string, string>;
  /** Counts the times that access tokens were made to expire; each token carries the count of its day. */
  tokenEpoch: number;
  /** Tokens of an earlier epoch are expired: everybody's, or those of a user. */
  expiredBefore: { everybody: number; users: Map<string, number> };
}

export interface SimWorld {
  cloud: SimCloud;
  seed: number;
  /** Origin of the simulator itself, e.g. http://localhost:4800. */
  origin: string;
  /** Origin of the product, for redirect URIs of the seeded app registrations. */
  appOrigin: string;
  now(): number;
  /** Deterministic pseudo-random source: [0, 1). */
  random(): number;
  /** Deterministic GUID from the seed's sequence. */
  guid(): string;
  tenants: Map<string, SimTenant>;
  apps: Map<string, SimApp>;
  conditions: IdentityConditions;
  /** How long Planner and the drive of a new group answer 404 (ms); none when absent. */
  newGroupLagMs?: number;
}

/** Claims of an access token for Graph, as simulator/entra signs them and simulator/graph reads them. */
export interface AccessTokenClaims {
  aud: string;
  iss: string;
  tid: string;
  oid: string;
  appid: string;
  /** Space list; absent in app-only tokens. */
  scp?: string;
  roles?: string[];
  idtyp?: "app" | "user";
  iat: number;
  exp: number;
  /** Claims challenges this token answers. */
  acrs?: string[];
  uti: string;
  /** See IdentityConditions.tokenEpoch. */
  xms_epoch?: number;
}
