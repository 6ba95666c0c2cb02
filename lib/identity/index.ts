/** Entra ID: consent, sign-in as a connection account, tokens, requirement checks. Knows no database and no Next. */
export { adminConsentUrl, readRedirect, type RedirectAnswer } from "./adminConsent";
export { newSecret, redeemCode, startCodeFlow, type CodeFlow, type FlowSecrets, type Redeemed } from "./codeFlow";
export { explainPermissions, GRANTING_ROLES, type PermissionExplanation } from "./explanations";
export { fromAuthError } from "./failures";
export { CONSUMER_TENANT, verifyIdToken, type Identity, type IdTokenChecks } from "./idToken";
export { hasMailboxPlan, type GroupFacts, type RequirementFacts, type RequirementRow, type TokenFacts } from "./requirementFacts";
export { evaluateRequirements } from "./requirements";
export { BACKUP_SCOPES, RESTORE_SCOPES, credentialFor, missingScopes, qualified, scopesOf, scopesToAsk, shortScopes, type Purpose } from "./scopes";
export { createTokenSource, type AccessTokens, type StoredCache, type TokenSourceOptions } from "./tokenSource";
export { finishSignIn, SIGN_IN_SCOPE, signInAuthorizeUrl, type SignInAnswer } from "./signIn";
