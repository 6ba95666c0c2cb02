/** Entra ID: consent, sign-in as a connection account, tokens, requirement checks. Knows no database and no Next. */
export { appClaims, appTokenSource, type AppClaims } from "./appTokens";
export { evaluateAppOnly, type AppOnlyFacts } from "./appOnlyRequirements";
export { certificateEnd } from "./assertion";
export { adminConsentUrl, readRedirect, type RedirectAnswer } from "./adminConsent";
export { newSecret, redeemCode, startCodeFlow, type CodeFlow, type FlowSecrets, type Redeemed } from "./codeFlow";
export { APP_GRANTING_ROLES, explainPermissions, GRANTING_ROLES, type PermissionExplanation } from "./explanations";
export { fromAuthError } from "./failures";
export { CONSUMER_TENANT, verifyIdToken, type Identity, type IdTokenChecks } from "./idToken";
export { hasMailboxPlan, type GroupFacts, type RequirementFacts, type RequirementRow, type TokenFacts } from "./requirementFacts";
export { evaluateRequirements } from "./requirements";
export { APP_ONLY_ROLES, BACKUP_SCOPES, RESTORE_SCOPES, credentialFor, missingScopes, qualified, scopesInRequest, scopesOf, scopesToAsk, shortScopes, type Grant, type Purpose } from "./scopes";
export { createTokenSource, type AccessTokens, type StoredCache, type TokenSourceOptions } from "./tokenSource";
export { requireTenantInCloud } from "./tenantCloud";
export { finishSignIn, SIGN_IN_SCOPE, signInAuthorizeUrl, type SignInAnswer } from "./signIn";
