import { AuthError, InteractionRequiredAuthError } from "@azure/msal-node";
import { PlanbackError, type ErrorCode } from "@/lib/errors";

/** The AADSTS number in an error of Entra ID, or null. */
export function aadstsCode(message: string): number | null {
  const found = /AADSTS(\d{4,7})/.exec(message);
  return found ? Number(found[1]) : null;
}

const SIGN_IN_AGAIN = "Nothing that was backed up is lost. Sign in again with this account.";

/** Codes whose cause can be said in plain words: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const KNOWN: Record<number, [code: ErrorCode, message: string]> = {
  50034: ["needs_sign_in", "The connection account no longer exists in Microsoft Entra ID. Nothing that was backed up is lost. Connect another account."],
  50020: ["needs_sign_in", "The connection account does not belong to this Microsoft tenant. Connect an account that does."],
  50057: ["needs_sign_in", "The connection account is disabled in Microsoft Entra ID. Nothing that was backed up is lost. Ask an administrator to enable it, then sign in again."],
  50076: ["needs_sign_in", `Microsoft asks the connection account for multi-factor authentication. ${SIGN_IN_AGAIN}`],
  50078: ["needs_sign_in", `Microsoft asks the connection account for multi-factor authentication again. ${SIGN_IN_AGAIN}`],
  50079: ["needs_sign_in", `Microsoft asks the connection account to set up multi-factor authentication. ${SIGN_IN_AGAIN}`],
  50173: ["needs_sign_in", `The sign-in of the connection account was revoked, or its password was changed. ${SIGN_IN_AGAIN}`],
  53000: ["needs_sign_in", `A Conditional Access policy refuses the connection account. ${SIGN_IN_AGAIN} If that is refused too, ask your administrator.`],
  53003: ["needs_sign_in", `A Conditional Access policy refuses the connection account. ${SIGN_IN_AGAIN} If that is refused too, ask your administrator.`],
  65001: ["consent_missing", "The consent for Planback was removed in Microsoft Entra ID, or does not cover what is needed. Nothing that was backed up is lost. An administrator must grant it again."],
  70043: ["needs_sign_in", `Your organization asks for a fresh sign-in regularly. ${SIGN_IN_AGAIN}`],
  700016: ["consent_missing", "Planback is not known in this Microsoft tenant: its consent was removed or never granted. Nothing that was backed up is lost. An administrator must grant it again."],
  7000112: ["consent_missing", "Planback is disabled in this Microsoft tenant. Nothing that was backed up is lost. An administrator must enable it again in Microsoft Entra ID (Enterprise applications, Properties)."],
  700082: ["needs_sign_in", `The sign-in of the connection account was not used for 90 days and ended. ${SIGN_IN_AGAIN}`],
  7000215: ["config", "Microsoft refused the secret of Planback's app registration. The operator of this installation must correct it. Nothing that was backed up is lost."],
  7000222: ["config", "The secret of Planback's app registration has expired. The operator of this installation must renew it. Nothing that was backed up is lost."],
  700027: ["config", "Microsoft refused the certificate of Planback's app registration. The operator of this installation must correct it. Nothing that was backed up is lost."],
  90002: ["graph_rejected", "Microsoft does not know this tenant. Nothing was changed."],
  90055: ["graph_unavailable", "Microsoft's sign-in service asks for a pause. Nothing is lost. Try again in a few minutes."],
};

const LIST: ReadonlySet<string> = new Set(["invalid_grant", "interaction_required", "login_required", "consent_required", "bad_token", "no_tokens_found", "no_account_found", "native_account_unavailable", "refresh_token_expired"]);

/**
 * What an error of MSAL or of the network means for a person. needs_sign_in: the account must come back;
 * consent_missing: an admin must; graph_unavailable: later; config: the operator must.
 */
export function fromAuthError(error: unknown): PlanbackError {
  if (error instanceof PlanbackError) return error;
  if (!(error instanceof AuthError)) return unavailable(error);
  const aadsts = aadstsCode(error.errorMessage) ?? undefined;
  const facts = { error: error.errorCode, suberror: error.subError || undefined, aadsts };
  const known = aadsts === undefined ? undefined : KNOWN[aadsts];
  if (known) return new PlanbackError(known[0], known[1], { facts });
  if (error.subError === "consent_required" || error.errorCode === "consent_required") return new PlanbackError(KNOWN[65001]![0], KNOWN[65001]![1], { facts });
  if (error instanceof InteractionRequiredAuthError || LIST.has(error.errorCode)) {
    return new PlanbackError("needs_sign_in", `Microsoft no longer accepts the sign-in of the connection account. ${SIGN_IN_AGAIN}`, { facts });
  }
  if (error.errorCode === "invalid_client" || error.errorCode === "unauthorized_client") {
    return new PlanbackError("config", "Microsoft refused Planback's app registration. The operator of this installation must check its id and its secret or certificate.", { facts });
  }
  return unavailable(error, facts);
}

/** The same for a token of the application itself: nobody can sign in again, so an administrator must look. */
export function fromAppAuthError(error: unknown): PlanbackError {
  const failure = fromAuthError(error);
  if (failure.code !== "needs_sign_in") return failure;
  const aadsts = failure.facts.aadsts ? ` (AADSTS${failure.facts.aadsts})` : "";
  return new PlanbackError("consent_missing", `Microsoft refuses Planback as an application in this Microsoft tenant${aadsts}. Nothing that was backed up is lost. An administrator must look at it in Microsoft Entra ID, for instance at Conditional Access for workload identities.`, { facts: failure.facts });
}

function unavailable(cause: unknown, facts: PlanbackError["facts"] = {}): PlanbackError {
  return new PlanbackError("graph_unavailable", "Microsoft's sign-in service cannot be reached at the moment. Nothing is lost. Try again in a few minutes.", { facts, cause });
}
